# This host trusts the box's own certificate authority, so that curl and browsers here see no warning. Sourced.

TRUSTED=/usr/local/share/ca-certificates/summoner.crt

ensure_trust() {
  local root
  root=$(api /ca.pem) || root=
  if [[ $root != *'BEGIN CERTIFICATE'* ]]; then
    note 'the box has no authority of its own'
    return
  fi
  if write_file "$TRUSTED" 644 <<<"$root"; then
    update-ca-certificates
    did "this host trusts the box's own authority ($TRUSTED)"
  else
    already "the box's own authority in this host's trust store"
  fi
}

remove_trust() {
  [[ -f $TRUSTED ]] || return 0
  rm -f "$TRUSTED"
  update-ca-certificates --fresh
}

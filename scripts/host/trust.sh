# This host trusts the box's own certificate authority, so that curl and browsers here see no warning. Sourced.

TRUST_LOCAL=/usr/local/share/ca-certificates/summoner.crt
# Where an administrator keeps the first folder read-only, the distribution's own serves, named in its list.
TRUST_LISTED=/usr/share/ca-certificates/summoner/summoner.crt
TRUST_LIST=/etc/ca-certificates.conf

ensure_trust() {
  local root file=$TRUST_LOCAL
  root=$(api /ca.pem) || root=
  if [[ $root != *'BEGIN CERTIFICATE'* ]]; then
    note 'the box has no authority of its own'
    return
  fi
  mkdir -p "$(dirname "$file")"
  [[ -w $(dirname "$file") ]] || file=$TRUST_LISTED
  if write_file "$file" 644 <<<"$root"; then
    if [[ $file == "$TRUST_LISTED" ]] && ! grep -qx summoner/summoner.crt "$TRUST_LIST"; then
      echo summoner/summoner.crt >>"$TRUST_LIST"
    fi
    update-ca-certificates
    did "this host trusts the box's own authority ($file)"
  else
    already "the box's own authority in this host's trust store"
  fi
}

remove_trust() {
  [[ -f $TRUST_LOCAL || -f $TRUST_LISTED ]] || return 0
  rm -rf "$TRUST_LOCAL" "$(dirname "$TRUST_LISTED")"
  [[ ! -f $TRUST_LIST ]] || sed -i '/^summoner\/summoner\.crt$/d' "$TRUST_LIST"
  update-ca-certificates --fresh
}

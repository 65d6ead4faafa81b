# The distribution's packages. Sourced.

export DEBIAN_FRONTEND=noninteractive
APT=(apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30)
PACKAGE_LISTS=stale

is_installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

candidate_of() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | awk '$1 == "Candidate:" && $2 != "(none)" {print $2}'; }

# Reads the package lists once a run. One broken foreign repository is no reason to stop; an unreachable mirror is.
refresh_packages() {
  [[ $PACKAGE_LISTS == stale ]] || return 0
  "${APT[@]}" update || true
  local probe
  probe=$(mktemp -d)
  chmod 755 "$probe"
  if ! (cd "$probe" && "${APT[@]}" -o APT::Sandbox::User=root download hostname); then
    rm -rf "$probe"
    refuse "the package mirror $(mirror_of) cannot be reached; check the network, DNS and proxy settings of this server"
  fi
  rm -rf "$probe"
  PACKAGE_LISTS=fresh
}

# add_packages NAME...: installs what is missing. Status 1: all were there.
add_packages() {
  local name missing=()
  for name in "$@"; do is_installed "$name" || missing+=("$name"); done
  ((${#missing[@]})) || return 1
  refresh_packages
  "${APT[@]}" install -y --no-install-recommends "${missing[@]}"
}

# The mirror this host's own apt takes the distribution from, as `URL`.
mirror_of() {
  apt-get indextargets --format '$(REPO_URI)|$(ORIGIN)|$(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk -F'|' 'tolower($2) ~ /^(debian|ubuntu)$/ && $3 == "main" {print $1; exit}' | grep . ||
    sed -nE 's/^(URIs:|deb( \[[^]]*\])?) *([^ ]+).*/\3/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1
}

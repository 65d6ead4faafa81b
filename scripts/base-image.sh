#!/bin/sh
# Makes the base of every distribution build: a minimal Debian from the mirror that this host's apt already uses,
# with the host's own certificate authorities and apt settings.
#   sudo scripts/base-image.sh [--suite trixie] [--mirror URL] [--force]
# Does nothing when the image is there; --force makes it anew, e.g. after the host's mirror or authorities have changed.
# A mirror named once is kept.
set -eu

suite=trixie mirror='' force=no
while [ $# -gt 0 ]; do
  case $1 in
    --suite) suite=$2; shift 2 ;;
    --mirror) mirror=$2; shift 2 ;;
    --force) force=yes; shift ;;
    *) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done
image=summoner/base:$suite
bundle=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}

fail() { echo "base-image: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail 'must run as root (debootstrap makes a root file system).'
command -v docker >/dev/null || fail 'docker is not installed; run ./install.sh.'
command -v debootstrap >/dev/null || fail 'debootstrap is not installed; run ./install.sh, or: apt-get install debootstrap'

# "URI suite" of every source of this host, whatever the format of its files.
sources() { apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null || true; }
uri_of() { sources | awk -v suite="$1" '$2 == suite && $3 == "main" { sub("/$", "", $1); print $1; exit }'; }
# Cloud images name a list of mirrors in a file; the first one is as good as any.
first_mirror() {
  case $1 in
    mirror+file:*) awk '/^[a-z]+:\/\// { sub("/$", "", $1); print $1; exit }' "${1#mirror+file:}" ;;
    *) echo "$1" ;;
  esac
}
released() { /usr/lib/apt/apt-helper download-file "$1/dists/$2/Release" "$work/Release" >/dev/null 2>&1; }

label() { docker image inspect -f "{{index .Config.Labels \"io.summoner.$1\"}}" "$image" 2>/dev/null || true; }
script=$(sha256sum "$0" | cut -c1-16)
if [ $force = no ] && [ -z "$mirror" ] && [ "$(label script)" = "$script" ]; then
  echo "base-image: $image is there."
  exit 0
fi

. /etc/os-release
security=''
[ -n "$mirror" ] || mirror=$(label mirror)
named=$mirror
if [ -z "$mirror" ]; then
  mirror=$(first_mirror "$(uri_of "$suite")")
  if [ -z "$mirror" ] && [ "$ID" = debian ]; then mirror=$(first_mirror "$(uri_of "${VERSION_CODENAME:-}")"); fi
fi
if [ "$ID" = debian ]; then security=$(first_mirror "$(uri_of "${VERSION_CODENAME:-}-security")"); fi

apt_settings() {
  apt-config dump | grep -E '^Acquire::(http|https|ftp)::|^Acquire::(Check-Valid-Until|Check-Date|Retries|ForceIPv4) ' || true
}
work=$(mktemp -d "${TMPDIR:-/var/tmp}/summoner-base.XXXXXX")
root=$work/root
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

if [ -z "${http_proxy:-}" ]; then
  eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
  if [ -n "${http_proxy:-}" ] && [ "$http_proxy" != DIRECT ]; then export http_proxy; fi
fi
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r $keyring ] || fail 'the keys of Debian are missing; run: apt-get install debian-archive-keyring'

echo "base-image: making $image from ${mirror:-the default mirror of debootstrap}"
set -- --variant=minbase --include=ca-certificates --keyring=$keyring --force-check-gpg "$suite" "$root"
if [ -n "$mirror" ]; then
  # An older debootstrap knows newer suites under the name of its general script.
  if [ -e "/usr/share/debootstrap/scripts/$suite" ]; then set -- "$@" "$mirror"; else set -- "$@" "$mirror" sid; fi
fi
debootstrap "$@" || fail "debootstrap could not make Debian $suite. Does this host reach ${mirror:-a Debian mirror}? Name one with --mirror."

# The certificate authorities that this host trusts beyond Debian's own.
mkdir -p "$root/usr/local/share/ca-certificates"
awk -v dir="$root/usr/local/share/ca-certificates" '
  FNR == 1 { file++; pem = "" }
  /BEGIN CERTIFICATE/ { pem = "" }
  { pem = pem $0 "\n" }
  /END CERTIFICATE/ {
    if (file == 1) known[pem] = 1
    else if (!(pem in known)) { known[pem] = 1; printf "%s", pem > (dir "/host-" ++n ".crt") }
  }' "$root/etc/ssl/certs/ca-certificates.crt" "$bundle"
chroot "$root" update-ca-certificates >/dev/null

[ -n "$mirror" ] || mirror=$(awk '$1 == "deb" { sub("/$", "", $2); print $2; exit }' "$root/etc/apt/sources.list")
[ -n "$security" ] || security=$mirror-security
{
  echo "deb $mirror $suite main"
  if released "$mirror" "$suite-updates"; then echo "deb $mirror $suite-updates main"; fi
  if released "$security" "$suite-security"; then echo "deb $security $suite-security main"; fi
} >"$root/etc/apt/sources.list"
{
  apt_settings
  echo 'APT::Install-Recommends "false";'
  echo 'Acquire::Languages "none";'
  echo 'Acquire::Retries "3";'
  echo 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };'
} >"$root/etc/apt/apt.conf.d/90summoner"
# Packages must not start programs while an image is built.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
# A build that is cut off is thrown away, so packages need not be synced to disk one by one.
printf 'force-unsafe-io\npath-exclude /usr/share/doc/*\npath-include /usr/share/doc/*/copyright\npath-exclude /usr/share/man/*\npath-exclude /usr/share/locale/*\n' \
  >"$root/etc/dpkg/dpkg.cfg.d/90summoner"
chroot "$root" apt-get -qq update && chroot "$root" apt-get -qq -y upgrade
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/archives/*.deb "$root"/var/log/* "$root"/usr/share/man/* \
  "$root"/usr/share/locale/* "$root"/tmp/*
find "$root/usr/share/doc" -type f ! -name copyright -delete
: >"$root/etc/machine-id"
rm -f "$root/etc/hostname" "$root/etc/resolv.conf"

# A pipe would hide a failing tar from a plain sh, so the archive is a file first.
tar --numeric-owner --one-file-system -C "$root" -cf "$work/base.tar" .
docker import --change 'CMD ["bash"]' --change 'ENV LANG=C.UTF-8' --change 'LABEL io.summoner.kind=base' \
  --change "LABEL io.summoner.script=$script" --change "LABEL io.summoner.mirror=$named" "$work/base.tar" "$image" >/dev/null
echo "base-image: $image made."

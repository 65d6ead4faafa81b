# What kind of server this is, and whether a kit can live on it. Sourced.

MIN_MEMORY_MIB=900 MIN_DISK_MIB=5120

has_systemd() { [[ -d /run/systemd/system ]]; }

# at_least WANTED GIVEN: is version GIVEN at least WANTED?
at_least() { [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]; }

require_root() { ((EUID == 0)) || refuse 'must run as root, for example: sudo ./'"$PROGRAM"; }

# Sets OS_ID (debian, ubuntu), OS_CODENAME (bookworm, …) and OS_NAME, or refuses.
read_system() {
  [[ -r /etc/os-release ]] || refuse 'this system is not known; Debian 12 or 13, or Ubuntu 22.04 or 24.04 is needed'
  local system
  system=$(. /etc/os-release && printf '%s|%s|%s|%s' "$ID" "${VERSION_ID:-}" "${VERSION_CODENAME:-}" "$PRETTY_NAME")
  IFS='|' read -r OS_ID OS_VERSION OS_CODENAME OS_NAME <<<"$system"
  case $OS_ID-$OS_VERSION in
    debian-12 | debian-13 | ubuntu-22.04 | ubuntu-24.04) ;;
    *) refuse "$OS_NAME is not supported; Debian 12 or 13, or Ubuntu 22.04 or 24.04 is needed" ;;
  esac
  case $(uname -m) in
    x86_64 | aarch64) ;;
    *) refuse "processors of type $(uname -m) are not supported; x86_64 or aarch64 is needed" ;;
  esac
}

memory_mib() { awk '/^MemTotal:/ {print int($2 / 1024)}' /proc/meminfo; }

require_memory() {
  local memory
  memory=$(memory_mib)
  ((memory >= MIN_MEMORY_MIB)) || refuse "this server has $memory MiB of memory; at least $MIN_MEMORY_MIB MiB are needed"
}

# An installed box short of space is warned, not refused: an update may be what frees it.
check_disk() {
  local installed=$1 folder free
  shift
  for folder in "$@"; do
    while [[ ! -d $folder ]]; do folder=$(dirname "$folder"); done
    free=$(($(df -k --output=avail "$folder" | tail -n 1) / 1024))
    ((free < MIN_DISK_MIB)) || continue
    [[ $installed == yes ]] || refuse "only $free MiB are free at $folder; at least $MIN_DISK_MIB MiB are needed"
    note "only $free MiB are free at $folder"
  done
}

# check_port PORT: refuses with the name of who listens there, unless it is one of our own containers.
check_port() {
  local port=$1 line pid name container
  line=$(ss -Hltnp "sport = :$port" | head -n 1)
  [[ -n $line ]] || return 0
  [[ $line =~ \(\(\"([^\"]+)\",pid=([0-9]+) ]] || refuse "port $port is taken by a process that cannot be named (ss -ltnp shows it)"
  name=${BASH_REMATCH[1]} pid=${BASH_REMATCH[2]}
  container=$(container_of "$pid" "$port")
  [[ $container != ours ]] || return 0
  [[ -z $container ]] || refuse "port $port is taken by the container $container; stop it or move it to another port"
  # Some programs name their threads; the file that runs is the better name.
  name=$(basename "$(readlink "/proc/$pid/exe" || echo "$name")")
  local unit
  unit=$(grep -oE '[^/]+\.service$' "/proc/$pid/cgroup" | tail -n 1) || unit=
  refuse "port $port is taken by $name (process $pid); stop it first${unit:+: systemctl disable --now $unit}"
}

# Prints `ours`, the name of a foreign container, or nothing when PID is no container's.
container_of() {
  local pid=$1 port=$2 id name label
  command -v docker >/dev/null || return 0
  {
    grep -oE '[0-9a-f]{64}' "/proc/$pid/cgroup" 2>/dev/null | sort -u
    docker ps --quiet --no-trunc --filter "publish=$port" 2>/dev/null
  } | while read -r id; do
    name=$(docker inspect --format '{{.Name}}|{{index .Config.Labels "io.summoner.box"}}' "$id" 2>/dev/null) || continue
    label=${name#*|} name=${name%%|*}
    if [[ -n $label && $label != '<no value>' ]]; then echo ours; else echo "${name#/}"; fi
    break
  done
}

# Proxy settings: the environment's, else what the host itself says (sudo drops them from the environment).
read_proxy() {
  local name value
  for name in http_proxy https_proxy no_proxy; do
    value=${!name:-}
    [[ -n $value ]] || { name=${name^^} && value=${!name:-} && name=${name,,}; }
    [[ -n $value ]] || value=$(setting_of "$SETTINGS" "$name")
    [[ -n $value ]] || value=$(setting_of /etc/environment "$name")
    [[ -n $value || $name == no_proxy ]] || value=$(apt_proxy "${name%_proxy}")
    [[ -n $value ]] || continue
    export "$name=$value" "${name^^}=$value"
  done
}

apt_proxy() {
  local value
  value=$(apt-config dump --format '%v' "Acquire::$1::Proxy" 2>/dev/null || true)
  [[ $value == DIRECT ]] || printf '%s' "$value"
}

# setting_of FILE NAME: the value of NAME=value in FILE, without its quotes.
setting_of() {
  [[ -r $1 ]] || return 0
  sed -nE "s/^(export )?$2=[\"']?([^\"']*)[\"']?\$/\\2/p" "$1" | tail -n 1
}

# What killed tests leave behind: daemons without a parent, containers, networks and folders of boxes nobody runs.
# Sourced by scripts/test.sh. Test boxes name their compose projects t<six hex digits>-<minion>; real boxes never do.

BOX_PREFIX='t[0-9a-f]{6}-'

sweep() {
  local pid prefix
  for pid in $(test_daemons); do
    [[ $(awk '/^PPid:/ {print $2}' "/proc/$pid/status" 2>/dev/null) != 1 ]] || kill -9 "$pid" || true
  done
  local alive
  alive=$(for pid in $(test_daemons); do prefix_of "$pid"; done)
  {
    docker ps --all --format '{{.ID}} container {{.Label "com.docker.compose.project"}}' --filter label=io.summoner.box
    docker network ls --format '{{.ID}} network {{.Name}}' --filter label=io.summoner.box
  } | while read -r id kind name; do
    [[ $name =~ ^$BOX_PREFIX ]] || continue
    prefix=${BASH_REMATCH[0]}
    ! grep -qx -- "$prefix" <<<"$alive" || continue
    if [[ $kind == container ]]; then docker rm --force --volumes "$id"; else docker network rm "$id"; fi || true
    rm -rf "${TMPDIR:-/tmp}/summoner-${prefix:1:6}-"*
  done
}

test_daemons() {
  local pid
  for pid in /proc/[0-9]*; do
    pid=${pid#/proc/}
    # Threads of the kernel have no environment, and some processes are gone by now.
    { : <"/proc/$pid/environ"; } 2>/dev/null || continue
    [[ -z $(prefix_of "$pid") ]] || echo "$pid"
  done
}

# The test box that process PID is the daemon of; children of the daemon carry it too, and count as it.
prefix_of() {
  tr '\0' '\n' 2>/dev/null <"/proc/$1/environ" |
    sed -nE "s/^SUMMONER_PROJECT_PREFIX=($BOX_PREFIX)\$/\\1/p"
}

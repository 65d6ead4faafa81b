#!/bin/bash
# First start: make the cluster, the account and the database, then serve. The first start may be killed at any instant:
# a marker lies in the folder until it is complete, and a folder that still has it is started afresh.
set -euo pipefail

data=${PGDATA:-/var/lib/postgresql/data}
marker=$data/.first-start

say() { echo "[entrypoint] $*"; }
fail() { say "error: $*" >&2; exit 1; }

# Sets VALUE from POSTGRES_<name>, or from the file that POSTGRES_<name>_FILE points to.
read_setting() {
  local variable="POSTGRES_$1" from_file="POSTGRES_$1_FILE"
  VALUE=${!variable:-}
  if [[ -z $VALUE && -n ${!from_file:-} ]]; then VALUE=$(<"${!from_file}"); fi
}

[[ ${1:-} == -* ]] && set -- postgres "$@"
if [[ ${1:-} != postgres ]]; then exec "$@"; fi

if [[ $(id -u) == 0 ]]; then
  mkdir -p "$data" /run/postgresql
  find "$data" /run/postgresql \( ! -user postgres -o ! -group postgres \) -exec chown -h postgres:postgres {} +
  chmod 0700 "$data"
  exec setpriv --reuid=postgres --regid=postgres --init-groups --inh-caps=-all "$0" "$@"
fi

first_start() {
  local password user database arguments method file client
  read_setting PASSWORD; password=$VALUE
  read_setting USER; user=${VALUE:-postgres}
  read_setting DB; database=${VALUE:-$user}
  read_setting INITDB_ARGS; arguments=$VALUE
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  [[ -n $password || $method == trust ]] || fail 'give POSTGRES_PASSWORD.'

  say 'first start: making the cluster'
  touch "$marker" && sync "$data"
  # initdb takes an empty folder only, so it works in one beside the marker.
  local beside=$data/.cluster
  # shellcheck disable=SC2086
  set -- --username="$user" --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 $arguments
  if [[ -n $password ]]; then
    initdb "$@" --pwfile=<(printf '%s\n' "$password") --pgdata="$beside" >/dev/null
  else
    initdb "$@" --pgdata="$beside" >/dev/null
  fi
  printf '\nhost all all all %s\n' "$method" >>"$beside/pg_hba.conf"
  printf "\nlisten_addresses = '*'\n" >>"$beside/postgresql.conf"

  pg_ctl --pgdata="$beside" --wait --silent -o "-c listen_addresses=''" start >/dev/null
  client=(psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$user")
  if [[ $database != postgres ]]; then
    "${client[@]}" --dbname=postgres --set=name="$database" <<<'CREATE DATABASE :"name";'
  fi
  client+=(--dbname="$database")
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) say "running $file"; bash "$file" ;;
      *.sql) say "running $file"; "${client[@]}" -f "$file" ;;
      *.sql.gz) say "running $file"; gzip -dc "$file" | "${client[@]}" ;;
      *.sql.xz) say "running $file"; xz -dc "$file" | "${client[@]}" ;;
      *.sql.zst) say "running $file"; zstd -dc "$file" | "${client[@]}" ;;
    esac
  done
  pg_ctl --pgdata="$beside" --wait --silent --mode=fast stop >/dev/null

  # PG_VERSION moves last: a folder that has it is whole.
  find "$beside" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$data" {} +
  mv "$beside/PG_VERSION" "$data/"
  rmdir "$beside"
  sync
  rm "$marker"
  sync "$data"
  say 'first start complete'
}

if [[ -e $marker ]]; then
  say 'an earlier first start did not end; beginning afresh'
  find "$data" -mindepth 1 -maxdepth 1 ! -name "${marker##*/}" -exec rm -rf {} +
  rm "$marker"
fi
if [[ ! -s $data/PG_VERSION ]]; then first_start; fi
exec "$@"

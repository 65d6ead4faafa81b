#!/bin/bash
# First start: make the system tables, accounts and database, then serve. The first start may be killed at any
# instant: a marker lies in the folder until it is complete, and a folder that still has it is started afresh.
set -euo pipefail

data=/var/lib/mysql
marker=$data/.first-start
socket=/run/mysqld/first-start.sock

say() { echo "[entrypoint] $*"; }
fail() { say "error: $*" >&2; exit 1; }

# Sets VALUE from MARIADB_<name> or MYSQL_<name>, or from the file that <name>_FILE points to.
read_setting() {
  local variable
  VALUE=''
  for variable in "MARIADB_$1" "MYSQL_$1"; do
    local from_file="${variable}_FILE"
    if [[ -n ${!variable:-} ]]; then VALUE=${!variable}; return; fi
    if [[ -n ${!from_file:-} ]]; then VALUE=$(<"${!from_file}"); return; fi
  done
}

text() { local t=${1//\\/\\\\}; printf "'%s'" "${t//\'/\\\'}"; }
name() { printf '`%s`' "${1//\`/\`\`}"; }

[[ ${1:-} == -* ]] && set -- mariadbd "$@"
if [[ ${1:-} != mariadbd && ${1:-} != mysqld ]]; then exec "$@"; fi
shift
server=(mariadbd --user=mysql "$@")

first_start() {
  local root_password database user password root_host client pid tries file
  read_setting ROOT_PASSWORD; root_password=$VALUE
  read_setting DATABASE; database=$VALUE
  read_setting USER; user=$VALUE
  read_setting PASSWORD; password=$VALUE
  read_setting ROOT_HOST; root_host=${VALUE:-%}
  if [[ -z $root_password ]]; then
    read_setting RANDOM_ROOT_PASSWORD
    if [[ -n $VALUE ]]; then
      root_password=$(head -c 24 /dev/urandom | base64)
      say "generated root password: $root_password"
    else
      read_setting ALLOW_EMPTY_ROOT_PASSWORD
      [[ -n $VALUE ]] || fail 'give MARIADB_ROOT_PASSWORD, MARIADB_RANDOM_ROOT_PASSWORD or MARIADB_ALLOW_EMPTY_ROOT_PASSWORD.'
    fi
  fi
  [[ -z $user || -n $password ]] || fail 'MARIADB_USER needs MARIADB_PASSWORD.'

  say 'first start: making the system tables'
  touch "$marker" && sync "$data"
  mariadb-install-db --user=mysql --datadir="$data" --skip-test-db --skip-log-bin \
    --auth-root-authentication-method=normal >/dev/null

  "${server[@]}" --skip-networking --socket="$socket" --skip-log-bin &
  pid=$!
  client=(mariadb --protocol=socket --socket="$socket" -uroot --batch)
  for ((tries = 0; tries < 600; tries++)); do
    kill -0 $pid 2>/dev/null || fail 'the server ended during the first start.'
    "${client[@]}" -e 'SELECT 1' >/dev/null 2>&1 && break
    sleep 0.1
  done

  mariadb-tzinfo-to-sql /usr/share/zoneinfo 2>/dev/null | "${client[@]}" mysql || true

  local health_password
  health_password=$(head -c 24 /dev/urandom | base64)
  {
    # Backslashes in the passwords below are written as escapes.
    echo "SET SESSION sql_mode = REPLACE(@@SESSION.sql_mode, 'NO_BACKSLASH_ESCAPES', '');"
    echo "DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost');"
    echo 'FLUSH PRIVILEGES;'
    if [[ $root_host != localhost ]]; then
      echo "CREATE USER root@$(text "$root_host") IDENTIFIED BY $(text "$root_password");"
      echo "GRANT ALL ON *.* TO root@$(text "$root_host") WITH GRANT OPTION;"
    fi
    local host
    for host in localhost 127.0.0.1 ::1; do
      echo "CREATE USER healthcheck@$(text $host) IDENTIFIED BY $(text "$health_password");"
    done
    [[ -z $database ]] || echo "CREATE DATABASE $(name "$database");"
    if [[ -n $user ]]; then
      echo "CREATE USER $(text "$user")@'%' IDENTIFIED BY $(text "$password");"
      [[ -z $database ]] || echo "GRANT ALL ON $(name "${database//_/\\_}").* TO $(text "$user")@'%';"
    fi
    echo "ALTER USER root@localhost IDENTIFIED BY $(text "$root_password");"
  } | "${client[@]}"

  export MYSQL_PWD=$root_password
  [[ -z $database ]] || client+=("$database")
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) say "running $file"; bash "$file" ;;
      *.sql) say "running $file"; "${client[@]}" <"$file" ;;
      *.sql.gz) say "running $file"; gzip -dc "$file" | "${client[@]}" ;;
      *.sql.xz) say "running $file"; xz -dc "$file" | "${client[@]}" ;;
      *.sql.zst) say "running $file"; zstd -dc "$file" | "${client[@]}" ;;
    esac
  done
  unset MYSQL_PWD

  (
    umask 077
    printf '[mariadb-client]\nport=3306\nsocket=/run/mysqld/mysqld.sock\nuser=healthcheck\npassword=%s\n' \
      "$health_password" >"$data/.my-healthcheck.cnf"
  )
  chown mysql:mysql "$data/.my-healthcheck.cnf"

  kill $pid
  wait $pid || fail 'the server did not stop cleanly after the first start.'
  sync
  rm "$marker"
  sync "$data"
  say 'first start complete'
}

mkdir -p /run/mysqld
chown mysql:mysql /run/mysqld
rm -f /run/mysqld/*.sock
if [[ -e $marker ]]; then
  say 'an earlier first start did not end; beginning afresh'
  find "$data" -mindepth 1 -maxdepth 1 ! -name "${marker##*/}" -exec rm -rf {} +
fi
find "$data" \( ! -user mysql -o ! -group mysql \) -exec chown -h mysql:mysql {} +
if [[ ! -d $data/mysql ]]; then
  first_start
elif read_setting AUTO_UPGRADE && [[ -n $VALUE ]]; then
  say 'the tables are upgraded once the server answers, if they need it'
  (
    read_setting ROOT_PASSWORD
    for ((tries = 0; tries < 600; tries++)); do
      if MYSQL_PWD=$VALUE mariadb-admin -uroot ping >/dev/null 2>&1; then
        MYSQL_PWD=$VALUE mariadb-upgrade -uroot --silent || say 'error: the upgrade of the tables failed' >&2
        break
      fi
      sleep 0.5
    done
  ) &
fi
exec "${server[@]}"

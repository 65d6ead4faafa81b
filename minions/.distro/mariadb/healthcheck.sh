#!/bin/bash
# healthcheck.sh [--connect] [--innodb_initialized]: over TCP, which the server of the first start does not have.
set -euo pipefail

query() {
  mariadb --defaults-file=/var/lib/mysql/.my-healthcheck.cnf --protocol=tcp --host=127.0.0.1 \
    --connect-timeout=3 --skip-column-names --batch -e "$1"
}

[[ $# -gt 0 ]] || set -- --connect
for check in "$@"; do
  case $check in
    --connect) query 'SELECT 1' >/dev/null ;;
    --innodb_initialized)
      [[ $(query "SELECT SUPPORT IN ('YES', 'DEFAULT') FROM information_schema.ENGINES WHERE ENGINE = 'InnoDB'") == 1 ]]
      ;;
    *) echo "healthcheck.sh does not know $check" >&2; exit 2 ;;
  esac
done

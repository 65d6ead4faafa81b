#!/bin/bash
# The database's address is written from REDMINE_DB_*, the tables are brought up to date, then Redmine runs as user 999.
set -euo pipefail

case ${1:-} in
  rails | rake) ;;
  *) exec "$@" ;;
esac

if [[ $(id -u) == 0 ]]; then
  find config files log public/assets tmp \( ! -user redmine -o ! -group redmine \) -exec chown -h redmine:redmine {} +
  exec setpriv --reuid=redmine --regid=redmine --init-groups --inh-caps=-all "$0" "$@"
fi

# Sets VALUE from REDMINE_<name>, or from the file that REDMINE_<name>_FILE points to.
read_setting() {
  local variable="REDMINE_$1" from_file="REDMINE_$1_FILE"
  VALUE=${!variable:-${2:-}}
  if [[ -z ${!variable:-} && -n ${!from_file:-} ]]; then VALUE=$(<"${!from_file}"); fi
}

if [[ ! -f config/database.yml ]]; then
  read_setting DB_POSTGRES
  [[ -n $VALUE ]] || { echo 'error: give REDMINE_DB_POSTGRES; this build speaks to PostgreSQL only.' >&2; exit 1; }
  {
    printf '%s:\n  adapter: postgresql\n  host: "%s"\n' "$RAILS_ENV" "$VALUE"
    for setting in 'PORT 5432' 'USERNAME postgres' 'PASSWORD' 'DATABASE redmine' 'ENCODING utf8'; do
      read -r name default <<<"$setting "
      read_setting "DB_$name" "$default"
      [[ -z $VALUE ]] || printf '  %s: "%s"\n' "${name,,}" "$VALUE"
    done
  } >config/database.yml.new
  mv config/database.yml.new config/database.yml
fi

read_setting SECRET_KEY_BASE
export SECRET_KEY_BASE=${SECRET_KEY_BASE:-$VALUE}
if [[ -z $SECRET_KEY_BASE ]]; then
  unset SECRET_KEY_BASE
  [[ -f config/initializers/secret_token.rb ]] || bundle exec rake generate_secret_token
fi
if [[ $1 != rake && -z ${REDMINE_NO_DB_MIGRATE:-} ]]; then bundle exec rake db:migrate; fi
if [[ $1 != rake && -n ${REDMINE_PLUGINS_MIGRATE:-} ]]; then bundle exec rake redmine:plugins:migrate; fi
rm -f tmp/pids/server.pid
exec bundle exec "$@"

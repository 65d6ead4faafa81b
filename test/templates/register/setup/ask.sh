exec psql -hpostgres -U"$DB_USER" -d"${2:-$DB_NAME}" -X -q -A -t -v ON_ERROR_STOP=1 -c "$1"

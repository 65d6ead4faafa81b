exec mariadb -hmariadb -u"$DB_USER" -D"${2:-$DB_NAME}" --connect-timeout=3 --skip-ssl -N -B -e "$1"

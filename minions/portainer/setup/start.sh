#!/bin/sh
# The account is there before the first page is, and its password in no list of processes.
set -eu
umask 077
printf '%s' "$ADMIN_PASSWORD" >/run/summoner/password
unset ADMIN_PASSWORD
exec /portainer --http-enabled --no-analytics --admin-password-file=/run/summoner/password --trusted-origins="$SITE_HOST"

#!/bin/bash
# The first account of a new WeKan becomes its administrator; then nobody else can register. Exit 0 when both hold.
set -euo pipefail

# Sends the JSON of stdin to WeKan; sets STATUS and ANSWER.
post() {
  local body line length=0
  body=$(cat)
  exec 3<>/dev/tcp/wekan/8080
  printf 'POST %s HTTP/1.0\r\nHost: wekan\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' \
    "$1" "$(printf '%s' "$body" | wc -c)" "$body" >&3
  read -r _ STATUS _ <&3
  while IFS= read -r line <&3 && [[ $line != $'\r' ]]; do :; done
  ANSWER=$(cat <&3)
  exec 3>&-
}
account() { jq -n --arg email "$1" '{username: env.ADMIN_USER, password: env.ADMIN_PASSWORD} + if $email == "" then {} else {email: $email} end'; }

post /users/login < <(account '')
if [[ $STATUS != 200 ]]; then
  post /users/register < <(account "$ADMIN_EMAIL")
  # A password that was changed since is the administrator's own.
  if [[ $STATUS != 200 && ! $ANSWER =~ [Aa]lready.exists ]]; then
    echo "administrator: WeKan answered $STATUS: ${ANSWER:0:300}" >&2
    exit 1
  fi
fi
exec mongosh --quiet mongodb://mongodb:27017/admin --file /summoner/close-registration.js

#!/bin/bash
# Every SonarQube begins with admin/admin: this one has a password of its own before anybody is let in.
set -euo pipefail
api=http://127.0.0.1:9000/api
valid() { curl -fsS -u admin:admin "$api/authentication/validate" | grep -q '"valid":true'; }

if valid; then
  printf '%s' "$ADMIN_PASSWORD" | curl -fsS -u admin:admin -o /dev/null "$api/users/change_password" \
    -d login=admin -d previousPassword=admin --data-urlencode password@-
fi
if valid; then
  echo 'administrator: "admin" still has its first password.' >&2
  exit 1
fi
# The account goes by stdin, so that it is in no list of processes. A password changed since is the administrator's own.
printf 'user = "admin:%s"' "$ADMIN_PASSWORD" |
  curl -fsS -K - -o /dev/null "$api/settings/set" -d key=sonar.core.serverBaseURL --data-urlencode "value=$SITE_URL" ||
  echo 'administrator: the address of the site was left as it is.'

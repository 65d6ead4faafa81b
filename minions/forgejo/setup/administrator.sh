#!/bin/bash
# The administrator, with the password of this box. The tool of Forgejo takes passwords as arguments only, which every
# process could read: so the account begins with a random one, and a token of one minute's use sets ours over the API.
set -euo pipefail
api=http://127.0.0.1:3000/api/v1
done=/data/.summoner-administrator

[[ ! -e $done ]] || exit 0
if said=$(forgejo admin user create --admin --username "$ADMIN_USER" --email "$ADMIN_EMAIL" --random-password \
  --must-change-password=false 2>&1); then :; elif [[ $said != *already* ]]; then
  printf '%s\n' "$said" | tail -n 3 >&2
  exit 1
fi
token=$(forgejo admin user generate-access-token --username "$ADMIN_USER" --token-name "summoner-$RANDOM$RANDOM" \
  --scopes write:admin --raw | tail -n 1)
printf '{"source_id":0,"login_name":"%s","password":"%s","must_change_password":false}' "$ADMIN_USER" "$ADMIN_PASSWORD" |
  curl -fsS -K <(printf 'header = "Authorization: token %s"' "$token") -o /dev/null -X PATCH \
    -H 'Content-Type: application/json' -d @- "$api/admin/users/$ADMIN_USER"
: >"$done"
echo "administrator: $ADMIN_USER is there."

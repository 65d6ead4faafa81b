#!/bin/sh
# Complete or not at all: the registry must never find half a file, nor none, for then it would make up an account.
set -eu
umask 077
printf '%s\n' "$ACCOUNT_PASSWORD" | htpasswd -inBC 10 "$ACCOUNT_USER" >/auth/.htpasswd.new
sync /auth/.htpasswd.new
mv /auth/.htpasswd.new /auth/htpasswd

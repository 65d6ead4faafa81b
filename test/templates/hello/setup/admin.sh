#!/bin/sh
# The first administrator: written once, never overwritten.
set -eu
[ -e /www/admin.txt ] || printf '%s\n' "$(printf %s "$PASSWORD" | wc -c) characters" > /www/admin.txt

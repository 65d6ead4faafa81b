#!/bin/sh
# Keeps a line per change of address, as an application would rewrite its links.
set -eu
printf '%s -> %s\n' "$OLD_URL" "$NEW_URL" >> /www/renamed.txt

#!/bin/sh
# MODE: good serves, slow serves after 3 s, crash ends at once, sick serves nothing at the health check's address.
set -eu
trap 'exit 0' TERM
case "$MODE" in
  crash) echo "told to crash" >&2; exit 7 ;;
  slow) sleep 3 ;;
esac
if [ "$MODE" = sick ]; then rm -f /www/index.html; else printf '<h1>%s</h1> %s\n' "$GREETING" "$URL" > /www/index.html; fi
busybox httpd -f -p 8080 -h /www &
wait $!

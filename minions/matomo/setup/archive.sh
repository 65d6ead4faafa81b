#!/bin/bash
set -euo pipefail
trap 'exit 0' TERM
while :; do
  if [[ -f /var/www/html/config/config.ini.php ]] && ! grep -q installation_in_progress /var/www/html/config/config.ini.php; then
    php /var/www/html/console core:archive --url="$SITE_ADDRESS/" --no-ansi || echo 'archive: some reports failed; the next hour tries again.'
  fi
  sleep 3600 &
  wait $!
done

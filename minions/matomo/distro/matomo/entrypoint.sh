#!/bin/bash
# Copies Matomo into an empty folder, as the official image does; a copy that was cut off is begun again.
set -euo pipefail
version=$(dpkg-query -W -f '${Version}' matomo)
if [[ $(cat /var/www/html/.copied 2>/dev/null) != "$version" ]]; then
  tar -C /usr/src/matomo --one-file-system -cf - . | tar -C /var/www/html -xf -
  chown -R www-data:www-data /var/www/html
  printf '%s' "$version" >/var/www/html/.copied
fi
exec "$@"

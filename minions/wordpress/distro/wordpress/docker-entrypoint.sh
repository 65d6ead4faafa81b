#!/bin/bash
# Puts WordPress into the volume at the first start. A start that was killed while copying is taken up again:
# a marker lies in the folder until the copy is complete.
set -euo pipefail

source=/usr/src/wordpress
site=/var/www/html
marker=$site/.wordpress-copy

if [[ ${1:-} != apache2* ]]; then exec "$@"; fi

if [[ ! -e $site/index.php && ! -e $site/wp-includes/version.php ]] || [[ -e $marker ]]; then
  keep=(--skip-old-files)
  if [[ -e $marker || -z $(ls -A "$site") ]]; then
    touch "$marker"
    keep=()
  fi
  echo '[entrypoint] copying WordPress into the volume'
  tar -C "$source" -cf - . | tar -C "$site" "${keep[@]}" -xpf -
  chown www-data:www-data "$site"
  sync "$site"
  rm -f "$marker"
fi

if [[ ! -s $site/wp-config.php ]]; then
  # Keys that the environment does not give are made once and stay in the volume.
  awk 'function key(  k, cmd) { cmd = "head -c 48 /dev/urandom | base64 -w 0"; cmd | getline k; close(cmd); return k }
       { while (index($0, "@KEY@")) sub(/@KEY@/, key()); print }' /usr/src/wp-config.php >"$site/wp-config.php.new"
  chown www-data:www-data "$site/wp-config.php.new"
  chmod 640 "$site/wp-config.php.new"
  mv "$site/wp-config.php.new" "$site/wp-config.php"
fi

exec "$@"

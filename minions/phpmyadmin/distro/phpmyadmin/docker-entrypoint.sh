#!/bin/bash
# The key of the sign-in cookies is made once for each container; limits come from the environment.
set -euo pipefail
secret=/etc/phpmyadmin/config.secret.inc.php
if [[ ! -f $secret ]]; then
  (
    umask 027
    printf "<?php\n\$cfg['blowfish_secret'] = hex2bin('%s');\n" "$(od -An -tx1 -N32 /dev/urandom | tr -d ' \n')" >"$secret.new"
    chgrp www-data "$secret.new"
    mv "$secret.new" "$secret"
  )
fi
{
  printf 'upload_max_filesize = %s\npost_max_size = %s\n' "${UPLOAD_LIMIT:-128M}" "${UPLOAD_LIMIT:-128M}"
  printf 'memory_limit = %s\nmax_execution_time = %s\nmax_input_vars = 10000\n' "${MEMORY_LIMIT:-192M}" "${MAX_EXECUTION_TIME:-600}"
  [[ ${HIDE_PHP_VERSION:-false} != true ]] || echo 'expose_php = off'
} >/usr/local/etc/php/conf.d/phpmyadmin.ini
exec "$@"

#!/bin/bash
# What Matomo must know about this box, in the file it reads before its own settings; written anew at every start.
set -euo pipefail
config=/var/www/html/config
mkdir -p "$config"
quoted() { printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"; }
(
  umask 027
  {
    printf '; <?php exit; ?> DO NOT REMOVE THIS LINE\n; Written at every start.\n[General]\n'
    printf 'trusted_hosts[] = %s\n' "$(quoted "${SITE_ADDRESS#*://}")" "$(quoted "$SITE_HOST")"
    printf 'proxy_client_headers[] = HTTP_X_FORWARDED_FOR\nproxy_host_headers[] = HTTP_X_FORWARDED_HOST\n'
    [[ $SITE_ADDRESS != https://* ]] || printf 'assume_secure_protocol = 1\n'
    printf 'enable_auto_update = 0\nenable_update_communication = 0\nenable_browser_archiving_triggering = 0\n'
    printf 'noreply_email_address = %s\n' "$(quoted "$MAIL_FROM")"
    if [[ -n $SMTP_HOST ]]; then
      printf '[mail]\ntransport = smtp\nhost = %s\nport = %d\n' "$(quoted "$SMTP_HOST")" "$SMTP_PORT"
      [[ $SMTP_PORT == 465 ]] && printf 'encryption = ssl\n' || printf 'encryption = tls\n'
      [[ -z $SMTP_USER ]] || printf 'type = Login\nusername = %s\npassword = %s\n' "$(quoted "$SMTP_USER")" "$(quoted "$SMTP_PASSWORD")"
    fi
  } >"$config/common.config.ini.php.new"
)
chown 33:33 "$config" "$config/common.config.ini.php.new"
mv "$config/common.config.ini.php.new" "$config/common.config.ini.php"
exec /entrypoint.sh apache2-foreground

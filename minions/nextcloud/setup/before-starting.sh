#!/bin/sh
# Runs as www-data before every start. The address follows the box; the list of trusted names is read at installation only.
set -eu
cd /var/www/html
php occ config:system:set trusted_domains 1 --value="$SITE_HOST"
php occ config:system:set overwrite.cli.url --value="$SITE_URL"
# Webhooks go to hooks.<domain>, which is this server: without this Nextcloud takes it for an attack on itself.
php occ config:system:set allow_local_remote_servers --value=true --type=boolean
php occ background:cron

#!/bin/bash
# The wiki is set up before it serves: nobody finds an installer that would take the first comer for the administrator.
set -euo pipefail
php /summoner/setup.php
exec /dokuwiki-entrypoint.sh

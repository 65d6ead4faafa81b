#!/bin/bash
# The wiki is installed, or brought up to its program's version, before it serves.
set -euo pipefail
setpriv --reuid=www-data --regid=www-data --clear-groups php /summoner/install.php
exec apache2-foreground

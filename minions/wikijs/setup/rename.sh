#!/bin/sh
# The address is kept in the database, where Wiki.js reads it at its start.
set -eu
psql -q -v ON_ERROR_STOP=1 -v url="$NEW_URL" -U wikijs -d wikijs <<'END'
UPDATE settings SET value = json_build_object('v', :'url') WHERE key = 'host';
END

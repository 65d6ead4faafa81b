#!/bin/bash
# Up, or not. A new version waits for somebody to let it change the database: a dump was taken before, so it may.
status=$(curl -fsS http://127.0.0.1:9000/api/system/status) || exit 1
case $status in
  *'"status":"UP"'*) exit 0 ;;
  *'"status":"DB_MIGRATION_NEEDED"'*) curl -fsS -X POST -o /dev/null http://127.0.0.1:9000/api/system/migrate_db ;;
esac
exit 1

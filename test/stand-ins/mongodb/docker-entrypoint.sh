#!/bin/bash
# `mongod …` as the official image takes it; its options mean nothing here.
set -euo pipefail
[[ ${1:-} == mongod || ${1:-} == -* ]] || exec "$@"
if [[ $(id -u) == 0 ]]; then
  chown -R mongodb:mongodb /data/db
  exec setpriv --reuid=mongodb --regid=mongodb --clear-groups "$0" "$@"
fi
if [[ -n ${MONGO_INITDB_ROOT_USERNAME:-} && -z ${MONGO_INITDB_ROOT_PASSWORD:-} ]]; then
  echo 'error: missing MONGO_INITDB_ROOT_USERNAME or MONGO_INITDB_ROOT_PASSWORD' >&2
  exit 1
fi
mkdir -p /data/db/state
export FERRETDB_HANDLER=sqlite FERRETDB_SQLITE_URL=file:/data/db/ FERRETDB_STATE_DIR=/data/db/state FERRETDB_TELEMETRY=disable
export FERRETDB_LISTEN_ADDR=:27017 FERRETDB_DEBUG_ADDR=- FERRETDB_LOG_LEVEL=error
export FERRETDB_TEST_ENABLE_NEW_AUTH=true FERRETDB_SETUP_DATABASE=admin
export FERRETDB_SETUP_USERNAME=${MONGO_INITDB_ROOT_USERNAME:-} FERRETDB_SETUP_PASSWORD=${MONGO_INITDB_ROOT_PASSWORD:-}
exec ferretdb

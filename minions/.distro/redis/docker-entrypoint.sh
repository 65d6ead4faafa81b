#!/bin/sh
# Options alone, or a settings file, are for redis-server; it never runs as root.
set -eu
case ${1:-} in
  -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ]; then
  if [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis:redis {} +
    exec setpriv --reuid=redis --regid=redis --clear-groups "$0" "$@"
  fi
  umask 0077
  # Inside a container the network is the one of its own minion only; a password may still be given.
  shift
  exec redis-server --protected-mode no --bind '*' '-::*' --dir /data "$@"
fi
exec "$@"

#!/bin/sh
# The account and the virtual host of an empty folder come from RABBITMQ_DEFAULT_*; none of it runs as root.
set -eu
case ${1:-} in
  rabbitmq-server) ;;
  rabbitmq*)
    exec setpriv --reuid=rabbitmq --regid=rabbitmq --clear-groups "/usr/lib/rabbitmq/bin/$@"
    ;;
  *) exec "$@" ;;
esac
umask 077
{
  echo 'listeners.tcp.default = 5672'
  echo "default_user = ${RABBITMQ_DEFAULT_USER:-guest}"
  echo "default_pass = ${RABBITMQ_DEFAULT_PASS:-guest}"
  echo "default_vhost = ${RABBITMQ_DEFAULT_VHOST:-/}"
  echo 'loopback_users = none'
} >/etc/rabbitmq/rabbitmq.conf
chown -R rabbitmq:rabbitmq /etc/rabbitmq
find /var/lib/rabbitmq \! -user rabbitmq -exec chown rabbitmq:rabbitmq {} +
# An Erlang of many schedulers wants more than one minion has.
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="${RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:-+S 1:1 +A 8}"
exec setpriv --reuid=rabbitmq --regid=rabbitmq --clear-groups /usr/lib/rabbitmq/bin/rabbitmq-server

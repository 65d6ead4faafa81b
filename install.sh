#!/usr/bin/env bash
# Turns one bare Debian or Ubuntu server into a kit. Safe to run again: it does what is missing and nothing else.
# The pieces lie in scripts/host; this page is their order.
set -Eeuo pipefail

usage() {
  cat <<'EOF'
sudo ./install.sh [options]

  --domain NAME    the domain your tools live under (kit.example.org gives blog.kit.example.org, …); default: localhost
  --email ADDRESS  contact for certificates and alerts
  --restore-from ADDRESS
                   bring back a box from a destination of its backups: a folder like /mnt/disk/kit, or an address like
                   sftp:user@host:/folder, rest:https://…, s3:https://…, rclone:… The password of the recovery sheet is
                   asked for, or read from SUMMONER_RESTORE_PASSWORD or --password-file FILE
  --no-start       prepare everything, start nothing
  --unattended     ask no questions
  --uninstall      stop and remove what runs; your data stays, and you are told where
  --help           this text

A second run changes nothing, restarts nothing and says `0 changes`.
To update: git pull && sudo ./install.sh
Proxy settings are taken from http_proxy, https_proxy and no_proxy, /etc/environment or apt.
Everything is logged to logs/install.log.
EOF
}

PROGRAM=install.sh COMMAND_LINE="$0 $*" LOG=
HOME_DIR=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
DOMAIN='' EMAIL='' RESTORE_FROM='' PASSWORD_FILE='' START=yes UNATTENDED=no UNINSTALL=no CONFIG_EDITED=no
for piece in say system packages docker node recovery settings daemon trust addresses uninstall; do
  . "$HOME_DIR/scripts/host/$piece.sh"
done

take_value() {
  case $1 in
    --domain) DOMAIN=$2 ;;
    --email) EMAIL=$2 ;;
    --restore-from) RESTORE_FROM=$2 ;;
    --password-file) PASSWORD_FILE=$2 ;;
  esac
}

while (($#)); do
  case $1 in
    --domain | --email | --restore-from | --password-file)
      [[ -n ${2:-} && $2 != --* ]] || refuse "$1 needs a value"
      take_value "$1" "$2"
      shift
      ;;
    --domain=* | --email=* | --restore-from=* | --password-file=*)
      [[ -n ${1#*=} ]] || refuse "${1%%=*} needs a value"
      take_value "${1%%=*}" "${1#*=}"
      ;;
    --no-start) START=no ;;
    --unattended) UNATTENDED=yes ;;
    --uninstall) UNINSTALL=yes ;;
    --help | -h)
      usage
      exit 0
      ;;
    *) refuse "unknown option $1; ./install.sh --help lists them" ;;
  esac
  shift
done

[[ -z $DOMAIN || $DOMAIN =~ ^[a-z0-9.-]+$ ]] || refuse "\"$DOMAIN\" is not a domain; it is written like example.org, in lower-case letters, digits, dots and hyphens"
[[ -z $EMAIL || $EMAIL =~ ^[^[:space:]@]+@[^[:space:]@]+$ ]] || refuse "\"$EMAIL\" is not an e-mail address"
require_root
[[ $HOME_DIR =~ ^/[A-Za-z0-9/._+-]+$ ]] || refuse "the folder $HOME_DIR has a name that systemd and Docker cannot both spell; move it to one of letters, digits, dots and dashes"
export HOME=${HOME:-/root}
SETTINGS=${SUMMONER_SETTINGS:-/root/.summoner}
export SUMMONER_SETTINGS=$SETTINGS
CONFIG_FILE=${SUMMONER_CONFIG_FILE:-$(setting_of "$SETTINGS" SUMMONER_CONFIG_FILE)}
CONFIG_FILE=${CONFIG_FILE:-$HOME_DIR/config.yml}
HTTP_PORT=${SUMMONER_HTTP_PORT:-$(setting_of "$SETTINGS" SUMMONER_HTTP_PORT)}
HTTPS_PORT=${SUMMONER_HTTPS_PORT:-$(setting_of "$SETTINGS" SUMMONER_HTTPS_PORT)}

log_to "$HOME_DIR/logs/install.log"
if [[ $UNINSTALL == yes ]]; then
  uninstall
  exit 0
fi

ask_for_password
INSTALLED=no
[[ ! -f $STAMP ]] || INSTALLED=yes
STEPS=9
[[ -z $RESTORE_FROM ]] || STEPS=10

step 'This server'
read_system
require_memory
check_disk "$INSTALLED" "$HOME_DIR" /var/lib/docker
read_proxy
command -v ss >/dev/null || add_packages iproute2
check_port "${HTTP_PORT:-80}"
check_port "${HTTPS_PORT:-443}"
[[ $INSTALLED == yes ]] || refresh_packages
note "$OS_NAME, $(memory_mib) MiB of memory, ports ${HTTP_PORT:-80} and ${HTTPS_PORT:-443} are free or ours"
ask_for_domain

step 'Packages'
if add_packages ca-certificates curl debootstrap debian-archive-keyring restic; then did 'packages installed'; else already 'packages'; fi

step 'Docker engine'
ensure_engine
ensure_engine_proxy

step 'Docker Compose'
ensure_compose

step 'Node'
ensure_node

step 'Libraries and web page'
ensure_libraries production
ensure_web

if [[ -n $RESTORE_FROM ]]; then
  step 'Box from its backups'
  fetch_box
else
  refuse_half_recovery
fi

step 'Settings'
ensure_group
ensure_config
read_roots
ensure_destinations
close_data
ensure_settings
ensure_command

step 'Daemon'
if [[ $START == no ]]; then
  ensure_unit
  say ''
  say "Everything is ready and nothing was started. $(counted "$CHANGES")."
  say 'sudo ./install.sh starts it.'
  exit 0
fi
ensure_unit
ensure_daemon
ensure_trust

step 'Minions'
follow_recovery
ensure_minions
if print_addresses; then
  print_setup_link
  [[ $INSTALLED == yes ]] ||
    say 'First passwords: summoner secrets NAME. Names that nobody resolves yet, and all else to look at: summoner doctor.'
  say "$(counted "$CHANGES")"
else
  say "$(counted "$CHANGES"); not everything runs yet: summoner doctor says what to do"
  exit 1
fi

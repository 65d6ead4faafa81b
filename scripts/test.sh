#!/usr/bin/env bash
# Every test, from a bare checkout on a bare server: prepares the host by the same pieces as install.sh, then checks the
# code, runs the unit tests, and runs the integration tests on the real engine. Run as root.
#   scripts/test.sh [--long] [--unit] [FILE...]     --long: the full counts too; --unit: no engine; FILE: only these tests
# Ends with "N passed, N failed"; raw results lie in logs/test/.
set -Eeuo pipefail

PROGRAM=scripts/test.sh COMMAND_LINE="$0 $*" LOG=
HOME_DIR=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
SETTINGS=${SUMMONER_SETTINGS:-/root/.summoner}
for piece in say system packages docker node results sweep; do
  . "$HOME_DIR/scripts/host/$piece.sh"
done

long=no unit=no files=()
for argument; do
  case $argument in
    --long) long=yes ;;
    --unit) unit=yes ;;
    --help | -h)
      sed -n '2,6s/^# \{0,1\}//p' "$0"
      exit 0
      ;;
    -*) refuse "unknown option $argument; scripts/test.sh --help lists them" ;;
    *) files+=("$argument") ;;
  esac
done

cd "$HOME_DIR"
# Boxes of tests lie on disk: where /tmp is memory (Debian 13), a database's files would count against its own limit.
export TMPDIR=${TMPDIR:-/var/tmp}
results=$HOME_DIR/logs/test
rm -rf "$results"
mkdir -p "$results"
STEPS=4
[[ $unit == no ]] || STEPS=3
((${#files[@]} == 0)) || STEPS=2

# 1. What the tests stand on. Only the set-up hides its output in a log.
prepare() {
  log_to "$results/setup.log"
  step 'This machine'
  if [[ $unit == yes ]]; then
    ensure_node
    ensure_libraries full
    return
  fi
  require_root
  read_system
  read_proxy
  if add_packages ca-certificates curl debootstrap debian-archive-keyring restic rclone openssh-client openssh-server attr acl iproute2 procps pebble chromium; then did 'packages installed'; fi
  ensure_engine
  ensure_compose
  ensure_node
  ensure_libraries full
  ensure_web
  sweep
  scripts/base-image.sh
  note 'the base image of distribution builds is there'
}
prepare
exec 1>&3 2>&4
trap - ERR
LOG=

[[ $unit == yes ]] || trap 'sweep >/dev/null 2>&1' EXIT

if ((${#files[@]})); then
  step "${files[*]}"
  run_tap chosen "${files[@]}"
  report
fi

step 'Types, lint, format'
run_check

step 'Unit tests'
run_tap unit 'server/**/*.test.ts' 'scripts/**/*.test.ts' 'web/src/**/*.test.ts'

if [[ $unit == no ]]; then
  step 'Integration tests on the real engine'
  for file in test/*.test.ts; do
    [[ -f $file ]] || continue
    run_tap "$(basename "$file" .test.ts)" "$file"
  done
  if [[ $long == yes ]]; then
    for file in test/long/*.test.ts; do
      [[ -f $file ]] || continue
      run_tap "long-$(basename "$file" .test.ts)" "$file"
    done
  fi
fi
report

# The daemon: a systemd service, or a background process with a pid file where systemd does not run. Sourced.

UNIT=/etc/systemd/system/summoner.service
ADMIN_SOCKET=$HOME_DIR/data/run/admin/api.sock
PID_FILE=$HOME_DIR/data/run/summoner.pid
STAMP=$HOME_DIR/data/state/running-code
# Where copies of the backups go, as config.yml says; `read_roots` fills it.
DESTINATIONS=()

# api PATH [curl options]: one request to the daemon, as administrator.
api() {
  local path=$1
  shift
  curl -fsS -m 30 --noproxy '*' --unix-socket "$ADMIN_SOCKET" "$@" "http://localhost/api/v1$path"
}

daemon_pid() {
  local pid
  pid=$(cat "$PID_FILE" 2>/dev/null) && [[ -n $pid ]] && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q 'server/main\.ts' && echo "$pid"
}

daemon_runs() {
  if has_systemd; then systemctl is-active --quiet summoner.service; else [[ -n $(daemon_pid) ]]; fi
}

# What the daemon is made of. It is restarted when this differs from what was started last, and never otherwise.
code_hash() {
  (
    cd "$HOME_DIR"
    {
      find server package-lock.json -type f ! -name '*.test.ts' -print0 | sort -z | xargs -0 sha256sum
      [[ ! -d web/dist ]] || find web/dist -type f -print0 | sort -z | xargs -0 sha256sum
      "$HOME_DIR/.runtime/node/bin/node" --version
      cat "$SETTINGS"
      ! has_systemd || cat "$UNIT"
    } | sha256sum | cut -c 1-64
  )
}

ensure_unit() {
  has_systemd || return 0
  local folder writable="$HOME_DIR"
  for folder in "$VSROOT" "$DBSROOT" "$(dirname "$CONFIG_FILE")"; do
    [[ $folder == "$HOME_DIR" || $folder == "$HOME_DIR"/* ]] || writable+=" $folder"
  done
  # a disk that is not mounted now is no reason not to start
  for folder in "${DESTINATIONS[@]}"; do
    [[ $folder != /* ]] || writable+=" -$folder"
  done
  if write_file "$UNIT" 644 < <(sed -e "s|@HOME@|$HOME_DIR|g" -e "s|@SETTINGS@|$SETTINGS|g" \
    -e "s|@WRITABLE@|$writable|g" "$HOME_DIR/scripts/host/summoner.service"); then
    systemctl daemon-reload
    did "service written ($UNIT)"
  else
    already 'service summoner'
  fi
  if ! systemctl is-enabled --quiet summoner.service; then
    systemctl enable summoner.service
    did 'the service starts with the server'
  fi
}

ensure_daemon() {
  local code
  code=$(code_hash)
  if daemon_runs && [[ $(cat "$STAMP" 2>/dev/null) == "$code" ]] && api /health >/dev/null; then
    already 'the daemon runs this version'
    return
  fi
  local verb=started
  ! daemon_runs || verb=restarted
  # Compiled beforehand: the daemon then starts in half the time and without the compiler in its memory.
  local cache=$HOME_DIR/.runtime/compile-cache
  NODE_COMPILE_CACHE=$cache "$HOME_DIR/.runtime/node/bin/node" "$HOME_DIR/server/main.ts" --compile
  if has_systemd; then
    systemctl reset-failed summoner.service 2>/dev/null || true
    systemctl restart summoner.service
  else
    stop_background
    note "systemd does not run here: the daemon runs in the background, and nothing starts it again after a reboot"
    note "(pid file $PID_FILE, log logs/summoner.log; start it again with: sudo ./install.sh)"
    mkdir -p "$(dirname "$PID_FILE")"
    (
      cd "$HOME_DIR"
      set -a
      . "$SETTINGS"
      NODE_COMPILE_CACHE=$cache setsid .runtime/node/bin/node server/main.ts </dev/null >>logs/summoner.log 2>&1 3>&- 4>&- &
      echo $! >"$PID_FILE"
    )
  fi
  wait_for_daemon
  mkdir -p "$(dirname "$STAMP")"
  echo "$code" >"$STAMP"
  did "the daemon was $verb"
}

wait_for_daemon() {
  local _ line
  for _ in $(seq 120); do
    api /health >/dev/null 2>&1 && return
    crashed && break
    sleep 0.5
  done
  last_words | tee /dev/fd/2 | grep -vE '^ +at ' | tail -n 10 | while read -r line; do note "| $line"; done
  refuse "the daemon was started but does not answer; see $(has_systemd && echo 'journalctl -u summoner' || echo "$HOME_DIR/logs/summoner.log")"
}

# Systemd starts it again and again; three times is enough to know.
crashed() {
  if has_systemd; then
    (($(systemctl show --property NRestarts --value summoner.service) >= 3))
  else
    [[ -z $(daemon_pid) ]]
  fi
}

last_words() {
  if has_systemd; then journalctl -u summoner -n 25 -o cat --no-pager; else tail -n 25 "$HOME_DIR/logs/summoner.log"; fi
}

stop_background() {
  local pid _
  pid=$(daemon_pid) || return 0
  kill "$pid"
  for _ in $(seq 120); do
    [[ -d /proc/$pid ]] || break
    sleep 0.5
  done
  [[ ! -d /proc/$pid ]] || kill -9 "$pid"
  rm -f "$PID_FILE"
}

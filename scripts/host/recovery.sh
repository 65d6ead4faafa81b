# A box that comes back from a destination of its backups, on a new server. Sourced. The password is in no argument, no file
# of ours and no log.

# Asked before the first step: nobody waits at the terminal for it.
ask_for_password() {
  [[ -n $RESTORE_FROM ]] || return 0
  if [[ -n $PASSWORD_FILE ]]; then
    [[ -r $PASSWORD_FILE ]] || refuse "the file $PASSWORD_FILE cannot be read"
    SUMMONER_RESTORE_PASSWORD=$(<"$PASSWORD_FILE")
  elif [[ -z ${SUMMONER_RESTORE_PASSWORD:-} ]]; then
    [[ $UNATTENDED == no && -t 0 ]] ||
      refuse 'give the password of the recovery sheet in SUMMONER_RESTORE_PASSWORD or by --password-file FILE'
    printf 'Password of the recovery sheet: ' >&3
    read -rs SUMMONER_RESTORE_PASSWORD
    printf '\n' >&3
  fi
  [[ -n $SUMMONER_RESTORE_PASSWORD ]] || refuse 'the password is empty'
}

fetch_box() {
  local said line
  case $RESTORE_FROM in
    sftp:*) if add_packages openssh-client; then did 'openssh-client installed'; fi ;;
    rclone:*) if add_packages rclone; then did 'rclone installed'; fi ;;
  esac
  # everything it says is for the person; its last line says why it stopped
  said=$(mktemp)
  if SUMMONER_RESTORE_PASSWORD=$SUMMONER_RESTORE_PASSWORD node "$HOME_DIR/scripts/host/recover.ts" "$RESTORE_FROM" 2>"$said" |
    while read -r line; do note "$line"; done; then
    rm -f "$said"
    did "the box was fetched from $RESTORE_FROM"
  else
    line=$(tail -n 1 "$said")
    rm -f "$said"
    refuse "$line"
  fi
  unset SUMMONER_RESTORE_PASSWORD
}

# Programs that the destinations of config.yml are reached with.
ensure_destinations() {
  local to
  for to in "${DESTINATIONS[@]}"; do
    case $to in
      sftp:*) if add_packages openssh-client; then did 'openssh-client installed'; fi ;;
      rclone:*) if add_packages rclone; then did 'rclone installed'; fi ;;
    esac
  done
}

# A daemon must not begin with half a box.
refuse_half_recovery() {
  local file=$HOME_DIR/data/state/recovery.json from
  grep -qs '"state": "fetching"' "$file" || return 0
  from=$(sed -n 's/^ *"from": "\(.*\)",$/\1/p' "$file")
  refuse "a recovery from $from was cut short: go on with it by --restore-from $from"
}

# The daemon brings every minion back; here it is watched. What could not be brought back is told, and nothing is undone.
follow_recovery() {
  local job='' _
  grep -qs '"state": "fetched"' "$HOME_DIR/data/state/recovery.json" || return 0
  for _ in $(seq 60); do
    job=$(api /recovery | node -e 'console.log(JSON.parse(fs.readFileSync(0, "utf8")).job ?? "")') || return 0
    [[ -z $job ]] || break
    sleep 1
  done
  [[ -n $job ]] || return 0
  note 'bringing every minion back; the first time, images are pulled or built'
  "$HOME_DIR/scripts/summoner" job "$job" follow </dev/null 2>&1 | tee /dev/fd/3 || true
  CHANGES=$((CHANGES + 1))
}

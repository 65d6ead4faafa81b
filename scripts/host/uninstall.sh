# Takes away what install.sh put outside the checkout, and what runs. Sourced. Data stays.

uninstall() {
  STEPS=3
  step 'Daemon'
  if has_systemd && [[ -f $UNIT ]]; then
    systemctl disable --now summoner.service
    rm -f "$UNIT"
    systemctl daemon-reload
    did 'service stopped and removed'
  elif daemon_pid >/dev/null; then
    stop_background
    did 'the daemon was stopped'
  else
    note 'no daemon runs here'
  fi
  rm -f "$STAMP"

  step 'Containers and networks'
  if engine_version >/dev/null; then remove_labelled; else note 'the Docker engine does not answer: its containers were left as they are'; fi

  step 'Traces outside this folder'
  remove_trust
  rm -f /usr/local/bin/summoner /usr/local/share/bash-completion/completions/summoner "$SETTINGS"
  if [[ -n ${SUDO_USER:-} && $SUDO_USER != root ]]; then
    rm -f "$(getent passwd "$SUDO_USER" | cut -d: -f6)/.summoner"
  fi
  ! getent group summoner >/dev/null || groupdel summoner
  did 'command, settings, group and trusted authority removed'

  say ''
  say 'Summoner is uninstalled. Your data was kept:'
  say "  $CONFIG_FILE: what the box was"
  say "  $HOME_DIR/data: minions, databases, backups, certificates, history"
  say '  Docker, its images and the packages of the system were left as they are.'
  say 'sudo ./install.sh brings everything back.'
}

# Only what carries this box's label is touched; another box may share the engine.
remove_labelled() {
  local box label=io.summoner.box ids
  box=$(cat "$HOME_DIR/data/state/box-id" 2>/dev/null || true)
  [[ -z $box ]] || label+="=$box"
  mapfile -t ids < <(docker ps --all --quiet --filter "label=$label")
  if ((${#ids[@]})); then
    docker stop --time 30 "${ids[@]}"
    docker rm --force "${ids[@]}"
    did "${#ids[@]} containers stopped and removed"
  fi
  mapfile -t ids < <(docker network ls --quiet --filter "label=$label")
  if ((${#ids[@]})); then
    docker network rm "${ids[@]}"
    did "${#ids[@]} networks removed"
  fi
}

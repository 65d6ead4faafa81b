# Who may talk to the daemon, where things lie (`~/.summoner`), and config.yml. Sourced.

# ensure_group: members of `summoner` may use the daemon's admin socket, which is as good as being root.
ensure_group() {
  getent group summoner >/dev/null && return
  groupadd --system summoner
  did 'group summoner created (its members may do anything Summoner may)'
}

# config.yml is edited on the box and tracked by git: git is told to look away, so that `git pull` never meets it.
ensure_config() {
  if [[ ! -f $CONFIG_FILE ]]; then
    mkdir -p "$(dirname "$CONFIG_FILE")"
    cp "$HOME_DIR/config.yml" "$CONFIG_FILE"
    did "$CONFIG_FILE written"
  fi
  if [[ $CONFIG_FILE == "$HOME_DIR/config.yml" ]] && command -v git >/dev/null &&
    [[ $(git_here ls-files -v config.yml 2>/dev/null) == 'H config.yml' ]]; then
    git_here update-index --skip-worktree config.yml
    did 'git leaves config.yml to you from now on'
  fi
  local wishes=() answer
  [[ -z $DOMAIN ]] || wishes+=("domain=$DOMAIN")
  [[ -z $EMAIL ]] || wishes+=("email=$EMAIL")
  ((${#wishes[@]})) || return 0
  answer=$(node "$HOME_DIR/scripts/host/config.ts" set "$CONFIG_FILE" "${wishes[@]}" 2>&1) || refuse "$answer"
  [[ -n $answer ]] || return 0
  did "$CONFIG_FILE: $answer"
  CONFIG_EDITED=yes
}

# A checkout of another owner is this server's all the same: root installs from it.
git_here() { git -c safe.directory="$HOME_DIR" -C "$HOME_DIR" "$@"; }

# Sets VSROOT, DBSROOT and DESTINATIONS from config.yml.
read_roots() {
  local answer
  answer=$(node "$HOME_DIR/scripts/host/config.ts" roots "$CONFIG_FILE" 2>&1) || refuse "$answer"
  { read -r VSROOT && read -r DBSROOT && mapfile -t DESTINATIONS; } <<<"$answer"
  mkdir -p "$VSROOT" "$DBSROOT" "$HOME_DIR/data" "$HOME_DIR/logs"
}

# A clone made under a loose umask leaves it open: whoever may write there could put other files in the daemon's way.
close_data() {
  [[ -n $(find "$HOME_DIR/data" -maxdepth 0 -perm /022) ]] || return 0
  chmod go-w "$HOME_DIR/data"
  did "$HOME_DIR/data is closed to others' writing"
}

# Our own keys are kept up to date; every other line of the file is its owner's.
ensure_settings() {
  local kept='' name lines=() text
  lines+=("SUMMONER_HOME=\"$HOME_DIR\"" "MINIONS_DIR=\"$HOME_DIR/minions\"" "SUMMONER_CONFIG_FILE=\"$CONFIG_FILE\"")
  lines+=("VOLUME_STORAGE_ROOT=\"$VSROOT\"" "DATABASE_STORAGE_ROOT=\"$DBSROOT\"")
  for name in SUMMONER_HTTP_PORT SUMMONER_HTTPS_PORT http_proxy https_proxy no_proxy; do
    [[ -z ${!name:-} ]] || lines+=("$name=\"${!name}\"")
  done
  [[ -z ${http_proxy:-}${https_proxy:-} ]] || lines+=('NODE_USE_ENV_PROXY="1"')
  if [[ -f $SETTINGS ]]; then
    local keys
    keys=$(printf '%s\n' "${lines[@]}" | sed 's/=.*//' | paste -sd '|')
    kept=$(grep -vE "^(export )?($keys)=|^# Written by Summoner" "$SETTINGS" || true)
  fi
  text=$(
    echo '# Written by Summoner'"'"'s install.sh: where this box lies. Lines of your own are kept.'
    printf '%s\n' "${lines[@]}"
    [[ -z $kept ]] || printf '%s\n' "$kept"
  )
  if write_file "$SETTINGS" 600 <<<"$text"; then did "$SETTINGS written"; else already "$SETTINGS"; fi
  # Whoever called sudo finds the same box from their own account.
  if [[ -n ${SUDO_USER:-} && $SUDO_USER != root ]]; then
    local person
    person=$(getent passwd "$SUDO_USER" | cut -d: -f6)
    [[ -d $person ]] || return 0
    if write_file "$person/.summoner" 600 <<<"$text"; then
      chown "$SUDO_USER:" "$person/.summoner"
      did "$person/.summoner written"
    fi
  fi
}

ensure_command() {
  local link=/usr/local/bin/summoner target=$HOME_DIR/scripts/summoner completion=/usr/local/share/bash-completion/completions/summoner text
  if [[ -e $link && ! -L $link ]]; then
    refuse "$link is a file of somebody else's; move it away and run this again"
  fi
  if [[ $(readlink "$link" 2>/dev/null) == "$target" ]]; then
    already 'the command summoner'
  else
    mkdir -p "$(dirname "$link")"
    ln -sfn "$target" "$link"
    did "the command summoner is at $link"
  fi
  if text=$("$target" completion bash 2>/dev/null) && [[ -n $text ]]; then
    if write_file "$completion" 644 <<<"$text"; then did 'completion of the command written'; fi
  fi
}

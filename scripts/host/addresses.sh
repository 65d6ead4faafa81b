# From config.yml to tools that answer: the daemon's plan carried out, and where to find the result. Sourced.

ask_for_domain() {
  [[ $UNATTENDED == no && $INSTALLED == no && -z $DOMAIN$RESTORE_FROM && -t 0 ]] || return 0
  printf '       Which domain points at this server? [as in config.yml] ' >&3
  read -r DOMAIN || true
  [[ -z $DOMAIN || -n $EMAIL ]] || {
    printf '       Which address may certificates and alerts write to? [none] ' >&3
    read -r EMAIL || true
  }
}

# The first run summons everything. Later ones finish what a first run could not, and carry out a domain that was asked for
# just now; other pending changes (a new version of a template, a hand edit), and whatever goes away, wait for `summoner apply`
# and a person.
ensure_minions() {
  local plan chosen wanted=0 waiting=0
  await_minions
  plan=$(api /config/plan -m 120)
  chosen=$(node -e '
    const { changes } = JSON.parse(process.argv[1])
    const all = process.argv[2] === "all"
    const chosen = changes.filter(({ action }) => action === "+" || (all && action === "~"))
    console.log([chosen.length, changes.length - chosen.length, ...chosen.map(({ minion }) => minion)].join(" "))
  ' "$plan" "$([[ $INSTALLED == no || $CONFIG_EDITED == yes ]] && echo all)")
  read -r wanted waiting chosen <<<"$chosen"
  if ((wanted)); then
    note 'summoning what config.yml asks for; the first time, images are pulled or built'
    # shellcheck disable=SC2086 # names of minions, one argument each
    "$HOME_DIR/scripts/summoner" apply --yes $chosen </dev/null 2>&1 | tee /dev/fd/3 || true
    CHANGES=$((CHANGES + wanted))
  elif ((waiting == 0)); then
    already 'every minion of config.yml'
  fi
  ((waiting == 0)) || note "$(counted "$waiting") waiting for you: summoner plan shows, summoner apply carries out"
}

# A daemon that was just started brings up what a reboot or a crash left down; that takes a moment.
await_minions() {
  local _
  for _ in $(seq 120); do
    api /minions | node -e '
      const { minions } = JSON.parse(fs.readFileSync(0, "utf8"))
      process.exitCode = minions.some(({ status }) => status === "starting" || status === "updating") ? 1 : 0' && return
    sleep 1
  done
}

# Prints where the tools are. Status 1: some that should run do not.
print_addresses() {
  say ''
  "$HOME_DIR/scripts/summoner" status </dev/null 2>&1 | tee /dev/fd/3 || true
  say ''
  api /minions | node -e '
    const { minions } = JSON.parse(fs.readFileSync(0, "utf8"))
    process.exitCode = minions.some(({ status, desired }) => desired === "running" && status !== "running") ? 1 : 0'
}

# While nobody may sign in to the page: the link of the first administrator, on the terminal alone. Whoever has it owns the box.
print_setup_link() {
  local link
  link=$("$HOME_DIR/scripts/summoner" user setup-link </dev/null) || return 0
  printf '%s\n  %s\n\n' 'First administrator of the web page (this link works once, for a day; summoner user setup-link makes another):' "$link" >&3
}

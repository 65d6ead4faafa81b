# From config.yml to tools that answer: the daemon's plan carried out, and where to find the result. Sourced.

ask_for_domain() {
  [[ $UNATTENDED == no && $INSTALLED == no && -z $DOMAIN && -t 0 ]] || return 0
  printf '       Which domain points at this server? [as in config.yml] ' >&3
  read -r DOMAIN || true
  [[ -z $DOMAIN || -n $EMAIL ]] || {
    printf '       Which address may certificates and alerts write to? [none] ' >&3
    read -r EMAIL || true
  }
}

# Nothing to change is told by the daemon's own plan; only then is nothing applied.
ensure_minions() {
  local wanted
  wanted=$(api /config/plan -m 120 | node -p 'JSON.parse(fs.readFileSync(0, "utf8")).changes.length')
  if [[ $wanted == 0 ]]; then
    already 'every minion of config.yml'
    return
  fi
  note 'summoning what config.yml asks for; the first time, images are pulled or built'
  "$HOME_DIR/scripts/summoner" apply --yes </dev/null 2>&1 | tee /dev/fd/3 || true
  CHANGES=$((CHANGES + wanted))
}

# Prints where the tools are. Status 1: some of them are not what config.yml wants.
print_addresses() {
  say ''
  "$HOME_DIR/scripts/summoner" status </dev/null 2>&1 | tee /dev/fd/3 || true
  say ''
  api /minions | node -e '
    const minions = JSON.parse(fs.readFileSync(0, "utf8"))
    process.exitCode = minions.some((minion) => minion.status !== minion.desired) ? 1 : 0'
}

# The Docker engine and its Compose plugin. Sourced.

DOCKER_APT=${SUMMONER_DOCKER_APT:-https://download.docker.com/linux}

engine_version() { docker version --format '{{.Server.Version}}' 2>/dev/null; }
compose_version() { docker compose version --short 2>/dev/null | sed 's/^v//'; }

# Engines are kept when they are there, whoever installed them.
ensure_engine() {
  local version
  if version=$(engine_version); then
    already "Docker engine $version"
    return
  fi
  if ! command -v dockerd >/dev/null; then
    refresh_packages
    if add_docker_repository; then
      "${APT[@]}" install -y --no-install-recommends docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin
    else
      add_packages docker.io iptables || true
      command -v docker >/dev/null || add_packages docker-cli
    fi
    did "Docker engine installed from $(engine_source)"
  fi
  start_engine
  note "Docker engine $(engine_version) answers"
}

engine_source() { if is_installed docker-ce; then echo "Docker's own packages"; else echo "$OS_NAME's packages"; fi; }

# Status 1: Docker's own repository cannot be reached from here.
add_docker_repository() {
  local key=/etc/apt/keyrings/docker.asc base=$DOCKER_APT/$OS_ID
  curl -fsSL -m 20 -o /dev/null "$base/dists/$OS_CODENAME/Release" || return 1
  mkdir -p /etc/apt/keyrings
  curl -fsSL -m 20 -o "$key" "$base/gpg" || return 1
  chmod 644 "$key"
  write_file /etc/apt/sources.list.d/docker.sources 644 <<EOF || true
Types: deb
URIs: $base
Suites: $OS_CODENAME
Components: stable
Signed-By: $key
EOF
  "${APT[@]}" update || return 1
  [[ -n $(candidate_of docker-ce) ]] || return 1
}

# Under systemd the engine is a service; elsewhere it is started here, in the background.
start_engine() {
  engine_version >/dev/null && return
  if has_systemd; then
    systemctl enable --now docker.service
  else
    note "systemd does not run here: starting dockerd in the background (log: $HOME_DIR/logs/dockerd.log)"
    mkdir -p "$HOME_DIR/logs"
    # A pid file left by a machine that stopped hard names a process of another life.
    if [[ -f /var/run/docker.pid ]] && ! grep -qs dockerd "/proc/$(</var/run/docker.pid)/comm"; then rm -f /var/run/docker.pid; fi
    setsid dockerd </dev/null >>"$HOME_DIR/logs/dockerd.log" 2>&1 3>&- 4>&- &
  fi
  local _
  for _ in $(seq 120); do
    engine_version >/dev/null && return
    sleep 0.5
  done
  refuse "the Docker engine was started but does not answer; see $(has_systemd && echo 'journalctl -u docker' || echo "$HOME_DIR/logs/dockerd.log")"
}

ensure_compose() {
  local version
  version=$(compose_version) || version=
  if [[ -n $version ]] && at_least 2.20 "$version"; then
    already "Docker Compose $version"
    return
  fi
  refresh_packages
  local name
  for name in docker-compose-plugin docker-compose-v2 docker-compose; do
    version=$(candidate_of "$name")
    [[ -n $version ]] && at_least 2.20 "$version" && break
    name=
  done
  if [[ -z $name ]]; then
    [[ $OS_CODENAME == bookworm ]] || refuse "no Docker Compose 2.20 or later is to be had on $OS_NAME; install it and run this again"
    add_compose_of_trixie
    name=docker-compose
  fi
  "${APT[@]}" install -y --no-install-recommends "$name"
  version=$(compose_version)
  [[ -n $version ]] || refuse "the package $name was installed but \`docker compose\` does not work"
  did "Docker Compose $version installed (package $name)"
}

# Debian 12 has only Compose v1. Debian 13's package runs there as it is; the pin lets nothing else of Debian 13 in.
add_compose_of_trixie() {
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  write_file /etc/apt/sources.list.d/summoner-compose.sources 644 <<EOF || true
# Added by Summoner for one package, docker-compose; see /etc/apt/preferences.d/summoner-compose
Types: deb
URIs: $(mirror_of)
Suites: trixie
Components: main
Signed-By: $keyring
EOF
  write_file /etc/apt/preferences.d/summoner-compose 644 <<'EOF' || true
Package: *
Pin: release n=trixie
Pin-Priority: -1

Package: docker-compose
Pin: release n=trixie
Pin-Priority: 990
EOF
  "${APT[@]}" update
  at_least 2.20 "$(candidate_of docker-compose)" || refuse "Debian 13's docker-compose cannot be reached at $(mirror_of); Docker Compose 2.20 or later is needed"
}

# The engine pulls images itself, so it needs the proxy too. It is restarted only when this file changes.
ensure_engine_proxy() {
  [[ -n ${http_proxy:-}${https_proxy:-} ]] && has_systemd || return 0
  local name lines=('[Service]')
  for name in http_proxy https_proxy no_proxy; do
    [[ -z ${!name:-} ]] || lines+=("Environment=\"${name^^}=${!name//%/%%}\"")
  done
  write_file /etc/systemd/system/docker.service.d/summoner-proxy.conf 600 < <(printf '%s\n' "${lines[@]}") || return 0
  systemctl daemon-reload
  systemctl restart docker.service
  did 'the engine was given the proxy settings and restarted'
}

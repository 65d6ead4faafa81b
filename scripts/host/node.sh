# Node, under the checkout only: `.runtime/node/bin` holds the node and the npm that everything here runs. Sourced.

MIN_NODE=24.12.0
NODE_DIST=${SUMMONER_NODE_DIST:-https://nodejs.org/dist}

# node_fits NODE: is it new enough, and does it run here at all?
node_fits() {
  local version
  version=$("$1" --version 2>/dev/null) && at_least "$MIN_NODE" "${version#v}"
}

# A Node and an npm of the host's own, outside this checkout (`npm test` puts the checkout's on PATH).
host_command() {
  local path
  while read -r path; do
    [[ $(readlink -f "$path") == "$HOME_DIR"/* || $path == "$HOME_DIR"/* ]] && continue
    echo "$path"
    return
  done < <(type -ap "$1")
  return 1
}

use_runtime() { export PATH=$HOME_DIR/.runtime/node/bin:$PATH; }

ensure_node() {
  local bin=$HOME_DIR/.runtime/node/bin node npm
  # Nothing that downloads may fall back to a bundle that lacks the host's own authorities.
  export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt} NODE_USE_ENV_PROXY=1
  if node_fits "$bin/node" && PATH=$bin:$PATH "$bin/npm" --version >/dev/null 2>&1; then
    use_runtime
    already "Node $(node --version)"
    return
  fi
  mkdir -p "$HOME_DIR/.runtime"
  if node=$(host_command node) && npm=$(host_command npm) && node_fits "$node" && at_least 11 "$("$npm" --version)"; then
    link_runtime "$node" "$npm"
    did "Node $("$node" --version) of this host is used"
  elif unpack_node; then
    did "Node $("$bin/node" --version) unpacked from nodejs.org into .runtime"
  else
    fetch_node_by_npm
    link_runtime ../../packages/node_modules/node/bin/node ../../packages/node_modules/npm/bin/npm-cli.js
    did "Node $("$bin/node" --version) fetched through npm into .runtime"
  fi
  node_fits "$bin/node" || refuse "Node $MIN_NODE or later is needed and could not be had from nodejs.org or through npm"
  use_runtime
}

link_runtime() {
  local bin=$HOME_DIR/.runtime/node/bin
  rm -rf "$HOME_DIR/.runtime/node"
  mkdir -p "$bin"
  ln -s "$1" "$bin/node"
  ln -s "$2" "$bin/npm"
}

# nodejs.org's newest 24, checked against its list of checksums. Status 1: it cannot be reached from here.
unpack_node() {
  local arch folder=$NODE_DIST/latest-v24.x work sum file
  case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) return 1 ;; esac
  work=$(mktemp -d "$HOME_DIR/.runtime/fetch.XXXXXX")
  if ! curl -fsSL -m 30 -o "$work/sums" "$folder/SHASUMS256.txt"; then
    rm -rf "$work"
    return 1
  fi
  read -r sum file < <(grep -E "^[0-9a-f]{64}  node-v24[0-9.]+-linux-$arch\.tar\.gz\$" "$work/sums") || true
  if [[ -z ${file:-} ]] || ! curl -fsSL -m 600 -o "$work/$file" "$folder/$file"; then
    rm -rf "$work"
    return 1
  fi
  if ! sha256sum --check --status <<<"$sum  $work/$file"; then
    rm -rf "$work"
    refuse "the Node archive from $folder does not have the checksum published beside it; nothing was installed from it"
  fi
  mkdir "$work/node"
  tar -xzf "$work/$file" -C "$work/node" --strip-components=1
  rm -rf "$HOME_DIR/.runtime/node"
  mv "$work/node" "$HOME_DIR/.runtime/node"
  rm -rf "$work"
}

# The distribution's npm is old (9 on Debian 12) and serves for this one fetch; Node 24 and npm 11 then do the rest.
fetch_node_by_npm() {
  local folder=$HOME_DIR/.runtime/packages npm
  npm=$(host_command npm) || {
    add_packages npm || true
    npm=$(host_command npm)
  }
  rm -rf "$folder"
  mkdir -p "$folder"
  cat >"$folder/package.json" <<'EOF'
{
  "private": true,
  "dependencies": { "node": "^24.12.0", "npm": "^11.0.0" },
  "allowScripts": { "node": true }
}
EOF
  (cd "$folder" && "$npm" install --no-audit --no-fund --omit=dev)
}

# ensure_libraries production|full: the locked packages. A full set also serves production.
ensure_libraries() {
  local kind=$1 modules=$HOME_DIR/node_modules want have
  want=$(cd "$HOME_DIR" && cat package.json package-lock.json .npmrc | sha256sum | cut -c 1-64)
  have=$(cat "$modules/.summoner" 2>/dev/null || true)
  if [[ $have == "full $want" || $have == "$kind $want" ]]; then
    already 'libraries'
    return
  fi
  # A development tree stays one.
  [[ $have == full\ * ]] && kind=full
  local omit=()
  [[ $kind == full ]] || omit=(--omit=dev)
  (cd "$HOME_DIR" && npm ci --no-audit --no-fund "${omit[@]}")
  echo "$kind $want" >"$modules/.summoner"
  did "libraries installed ($kind)"
}

# The web page is built where there is one, by its own locked packages.
ensure_web() {
  local web=$HOME_DIR/web want
  if [[ ! -f $web/package.json ]]; then
    note 'no web page in this version'
    return
  fi
  want=$(cd "$web" && find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-64)
  if [[ -f $web/dist/index.html && $(cat "$web/dist/.summoner" 2>/dev/null) == "$want" ]]; then
    already 'web page'
    return
  fi
  (cd "$web" && npm ci --no-audit --no-fund && npm run build)
  echo "$want" >"$web/dist/.summoner"
  did 'web page built'
}

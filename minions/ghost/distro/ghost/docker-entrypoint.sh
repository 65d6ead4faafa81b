#!/bin/bash
# The content volume gets what Ghost ships and it lacks, then Ghost runs as user 1000.
set -euo pipefail

if [[ $(id -u) != 0 || ${1:-} != node ]]; then exec "$@"; fi

content=/var/lib/ghost/content
mkdir -p "$content"/{apps,data,files,images,logs,media,public,settings,themes}
for theme in /opt/ghost/content/themes/*/; do
  name=$(basename "$theme")
  [[ -e $content/themes/$name ]] && continue
  # Under its own name only when complete: a start may be killed while it copies.
  rm -rf "$content/themes/.$name.new"
  cp -rL "$theme" "$content/themes/.$name.new"
  mv "$content/themes/.$name.new" "$content/themes/$name"
done
find "$content" \( ! -user node -o ! -group node \) -exec chown -h node:node {} +
exec setpriv --reuid=node --regid=node --init-groups --inh-caps=-all "$@"

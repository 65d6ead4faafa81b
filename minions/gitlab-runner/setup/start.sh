#!/bin/sh
# Registers once for each token (it stays out of every argument list), then runs.
set -eu
umask 077
config=/etc/gitlab-runner/config.toml
if [ ! -f "$config" ] || ! printf '%s' "$CI_SERVER_TOKEN" | grep -qFf - "$config"; then
  rm -f "$config.new"
  gitlab-runner register --non-interactive --config "$config.new"
  mv "$config.new" "$config"
fi
sed -i "s/^concurrent = .*/concurrent = $CONCURRENT/" "$config"
exec gitlab-runner run --config "$config" --working-directory /home/gitlab-runner

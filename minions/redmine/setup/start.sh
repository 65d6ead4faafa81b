#!/bin/bash
# Redmine reads both only from its own folders, and its image wants to own what lies there.
set -euo pipefail
cp /summoner/configuration.yml.erb config/configuration.yml
cp /summoner/first-start.rb config/initializers/zz_first_start.rb
exec /docker-entrypoint.sh rails server -b 0.0.0.0

#!/bin/sh
# A site that has nothing yet shows how to fill it; a folder with anything in it is left alone.
set -eu
html=/usr/share/nginx/html
if [ -z "$(ls -A "$html")" ]; then
  cp /summoner/welcome.html "$html/.index.html.new"
  mv "$html/.index.html.new" "$html/index.html"
fi
exec nginx -c /summoner/nginx.conf -g 'daemon off;'

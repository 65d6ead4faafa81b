#!/bin/bash
# Everything that DokuWiki ships is linked or copied into the volume at every start, so an update of the image updates it.
set -euo pipefail

mkdir -p /storage/conf /storage/data /storage/lib/plugins /storage/lib/tpl
cp -r --update=none /var/lib/dokuwiki/data/. /storage/data/
for kind in plugins tpl; do
  for part in /var/lib/dokuwiki/lib/$kind/*; do
    ln -sfn "$part" "/storage/lib/$kind/${part##*/}"
  done
done
exec apache2-foreground

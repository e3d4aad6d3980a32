#!/bin/sh
# Prints the decks written here to ../decks by Chromium. Needed only after a change of a deck's text.
set -eu
cd "$(dirname "$0")"
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
for source in *.html; do
    chromium --headless --no-sandbox --disable-gpu --user-data-dir="$profile" --no-pdf-header-footer \
        --print-to-pdf="../decks/${source%.html}.pdf" "file://$PWD/$source"
done

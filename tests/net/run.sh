#!/bin/sh
# The whole matrix of bad links, one file after the other: about two minutes, on a quiet machine.
set -u
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
status=0
for file in "$here"/*.test.mjs; do
    VTB_NET=full node --test --test-reporter=spec "$file" || status=1
done
exit "$status"

#!/bin/sh
# One backup a day while the server runs; the newest fourteen stay. From cron or a timer:
#
#     10 2 * * *  consilium  /usr/local/lib/consilium/consilium-backup.sh /srv/consilium-backup /etc/consilium/backup.pass
#
# The third argument names another data folder, the fourth another program.
set -eu
out=$1
pass=$2
data=${3:-/var/lib/consilium}
program=${4:-/usr/local/lib/consilium/consilium}
keep=14

"$program" backup "$data" "$out/$(date -u +%Y-%m-%dT%H%M%SZ)" --passphrase-file "$pass"
# Names sort by time. Only folders with our names are ever removed.
find "$out" -mindepth 1 -maxdepth 1 -type d -name '????-??-??T??????Z' | sort -r | tail -n +$((keep + 1)) |
    while read -r old; do rm -rf "$old"; done

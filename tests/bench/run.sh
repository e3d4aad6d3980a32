#!/bin/sh
# Every bench on this machine, as a page in Markdown on standard output. Under six minutes.
#
#     tests/bench/run.sh > page.md        BUILD=folder takes another build than build/bench
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
build=${BUILD:-$root/build/bench}

[ -f "$build/build.ninja" ] || cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DVTB_TESTS=ON >&2
nice ninja -C "$build" -j2 listeners_host crowd_bench flood_bench mix_bench fanout_bench store_bench record_bench >&2

load=$(cut -d' ' -f1 /proc/loadavg)
echo "# Measured"
echo
echo "$(date -u +%Y-%m-%d), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, $(sed -n 's/MemTotal: *//p' /proc/meminfo), Linux $(uname -r), commit $(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown). Load average before: $load$(awk "BEGIN { exit !($load > 1) }" && echo " (the machine was not quiet: figures are upper bounds)" || true)."
echo
echo "Again: \`tests/bench/run.sh\`, release preset, as root."
echo
echo "## Listeners"
echo
status=0
if [ "$(id -u)" != 0 ] || ! command -v ip >/dev/null; then
    echo "Not measured: network namespaces need root and iproute2."
    status=1
elif [ "$(nproc)" -lt 2 ]; then
    echo "Not measured: server and listeners need a core each."
    status=1
else
    python3 "$root/tests/bench/versus.py" "$build" --ours --only listeners,hostile || status=1
fi
echo
echo "## One tick of one room (mix, no network)"
echo
taskset -c 0 "$build/tests/bench/mix_bench" || status=1
taskset -c 0 "$build/tests/bench/record_bench" || status=1
echo
echo "## A page is turned: until the last socket has it"
echo
"$build/tests/bench/fanout_bench" 100 || status=1
echo
echo "The same for frames of sound over the web connection (50 a second for each listener):"
echo
"$build/tests/bench/fanout_bench" 100 audio || status=1
echo
echo "## From append to durable"
echo
disk=$(mktemp -d "$build/store-XXXXXX") # on the disk of the build, not in memory
"$build/tests/bench/store_bench" "$disk/data" 5 || status=1
rm -rf "$disk"
exit "$status"

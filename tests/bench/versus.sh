#!/bin/sh
# The whole comparison with Debian's janus AudioBridge on this machine, as Markdown. Under 15 minutes, on
# a machine that does nothing else; as root (network namespaces, real-time niceness, packet sockets).
#
#     tests/bench/versus.sh > page.md        arguments go to versus.py; BUILD=folder takes another build
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
build=${BUILD:-$root/build/bench}

# The peer is needed by nothing but this; what starts it as a service is left off.
case " $* " in
*" --ours "*) ;;
*)
    if [ ! -x /usr/bin/janus ]; then
        export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
        apt-get -qq install -y --no-install-recommends janus >&2
    fi
    ;;
esac
[ -f "$build/build.ninja" ] || cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DVTB_TESTS=ON >&2
nice ninja -C "$build" -j2 listeners_host crowd_bench flood_bench consilium-voice consilium-link net_judge >&2
echo "$(date -u +%Y-%m-%d), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, Linux $(uname -r), commit $(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown), load before $(cut -d' ' -f1 /proc/loadavg)."
echo
exec python3 "$root/tests/bench/versus.py" "$build" "$@"

#!/bin/sh
# Listeners per core: the media plane on core 0 in a network namespace of its own, everybody else on
# core 1 in another, a veth pair between them. Needs root (CAP_NET_ADMIN) and two cores.
#
#     listeners_bench.sh BUILD [SECONDS]
set -eu
build=$1 seconds=${2:-20}
tag=vtb$$
dir=$(mktemp -d)

finish() {
    [ -z "${host:-}" ] || kill "$host" 2>/dev/null || true
    ip netns delete "$tag-s" 2>/dev/null || true
    ip netns delete "$tag-l" 2>/dev/null || true
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM

ip netns add "$tag-s"
ip netns add "$tag-l"
ip link add "$tag-a" netns "$tag-s" type veth peer name "$tag-b" netns "$tag-l"
ip -n "$tag-s" address add 192.0.2.1/24 dev "$tag-a"
ip -n "$tag-l" address add 192.0.2.2/24 dev "$tag-b"
for side in s l; do ip -n "$tag-$side" link set lo up; done
ip -n "$tag-s" link set "$tag-a" up
ip -n "$tag-l" link set "$tag-b" up
# A veth delivers on the core that sends. What the listeners' kernel does belongs to their core, as it
# would on a machine of their own, and what the server's kernel receives to the server's.
ip netns exec "$tag-l" sh -c "echo 2 > /sys/class/net/$tag-b/queues/rx-0/rps_cpus" 2>/dev/null || rps=no
ip netns exec "$tag-s" sh -c "echo 1 > /sys/class/net/$tag-a/queues/rx-0/rps_cpus" 2>/dev/null || rps=no

# room ARGUMENTS...: a new host for each run, so that memory and lateness are of this run alone.
room() {
    rm -f "$dir/socket"
    ip netns exec "$tag-s" taskset -c 0 "$build/tests/bench/listeners_host" 192.0.2.1 "$dir/socket" 2>"$dir/host.log" &
    host=$!
    if ! ip netns exec "$tag-l" taskset -c 1 nice -n -15 "$build/tests/bench/listeners_bench" "$dir/socket" "$@"; then
        tail -3 "$dir/host.log"
        failed=1
    fi
    wait "$host" || true
    host=
}

failed=0
echo "Idle (one room, nobody in it, $seconds s): $(room 0 "$seconds")"
echo
echo "Three who speak without a pause, $seconds s each. Packets are spread over the cores: $([ "${rps:-yes}" = yes ] && echo "receivers' kernel work on the receivers' core" || echo "no; receivers' kernel work counts for the server")."
echo
echo "| listeners | of a core | of it kernel | us a packet | tick p99 late us | ticks over 5 ms late | kB a listener | least authenticated | worst r of five | generator |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
for n in 10 100 500 2000; do room "$n" "$seconds"; done
echo
echo "From a voice's first packet into the server to the first mixed packet at a listener (the 40 ms of the jitter buffer are part of it):"
echo
echo "| listeners | rounds | p50 ms | p99 ms | max ms |"
echo "| --- | --- | --- | --- | --- |"
room 100 1 latency 30
exit "$failed"

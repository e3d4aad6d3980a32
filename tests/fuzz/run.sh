#!/bin/sh
# Fuzzes what comes from outside: every harness with its corpus and dictionary, for so many seconds each. What is found
# stays in build/fuzz-found; a line a harness at the end says how often it ran. Exit 1 if one crashed.
#
#     tests/fuzz/run.sh [seconds] [name...]      600 by default, all harnesses; JOBS=2 side by side
#
# Every run of tests/run.sh replays the corpora under ASan and UBSan; this is for what is not yet in them.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${1-600}
[ $# -gt 0 ] && shift
found=$root/build/fuzz-found
mkdir -p "$found"
cd "$root"
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz -j "${JOBS-2}" >"$found/build.log" 2>&1 || { tail -n 20 "$found/build.log"; exit 1; }

one() { # a harness
    name=$(basename "$1")
    dictionary=$root/tests/fuzz/dictionaries/$name.dict
    if [ "$name" = signal_fuzz ]; then
        dictionary=$found/signal_fuzz.dict
        python3 "$root/tests/fuzz/dictionary.py" "$root"/protocols/signal/*.json >"$dictionary"
    fi
    mkdir -p "$found/$name"
    set -- "$1" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=3000 -print_final_stats=1 -artifact_prefix="$found/$name-"
    [ -f "$dictionary" ] && set -- "$@" -dict="$dictionary"
    if "$@" "$found/$name" "$root/tests/fuzz/corpus/$name" >"$found/$name.log" 2>&1; then verdict=clean; else verdict=CRASHED; fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found/$name.log")
    cover=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$found/$name.log" | tail -n 1)
    echo "$name: $verdict, ${runs:-no} runs in $seconds s, $cover edges" | tee "$found/$name.verdict"
}

names=${*-}
rm -f "$found"/*.verdict
waiting=0
for harness in $(find build/fuzz/tests/fuzz -type f -perm -u+x ! -name '*.so' | sort); do
    name=$(basename "$harness")
    case " ${names:-$name} " in *" $name "*) ;; *) continue ;; esac
    one "$root/$harness" &
    waiting=$((waiting + 1))
    if [ "$waiting" -ge "${JOBS-2}" ]; then
        wait
        waiting=0
    fi
done
wait
! grep -l CRASHED "$found"/*.verdict

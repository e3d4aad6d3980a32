#!/bin/sh
# Installs what is missing and runs every test: walls and sizes, C units, flows and fuzz corpora under
# ASan and UBSan, the web client's units, and walks in real browsers. One line at the end counts all.
#
#     tests/run.sh [only]        only: lint, c, web, deploy, net or e2e
#
# Tests that want the shared corpus of real files look at $CONSILIUM_SHARED, or for ../shared beside
# the checkout; where it is absent they are skipped and counted. A walk is never skipped.
set -u

root=$(cd "$(dirname "$0")/.." && pwd)
out=$root/build/test-output
only=${1-all}
passed=0 failed=0 skipped=0
started=$(date +%s)
mkdir -p "$out"

say() { printf '\n== %s (%s s)\n' "$1" "$(($(date +%s) - started))"; }
wants() { [ "$only" = all ] || [ "$only" = "$1" ]; }
add() { passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3)); }
# The number behind a label in the closing lines of a runner; 0 if there is none.
number() { sed -n "s/$1/\\1/p" "$2" | tail -n 1 | grep -E '^[0-9]+$' || echo 0; }

die() {
    echo "$1"
    echo "$passed passed, $((failed + 1)) failed, $skipped skipped"
    exit 1
}

"$root/deploy/install.sh" test || die "What the tests need could not be installed."
PATH=$root/deploy/node/node_modules/.bin:$PATH
export PATH
if [ -z "${CONSILIUM_SHARED-}" ] && [ -d "$root/../shared/data" ]; then
    CONSILIUM_SHARED=$(cd "$root/../shared" && pwd)
    export CONSILIUM_SHARED
fi

build() {
    say "build, debug preset: ASan and UBSan"
    (cd "$root" && cmake --preset debug && cmake --build --preset debug) >"$out/build.log" 2>&1 ||
        { grep -E 'error|warning|FAILED' "$out/build.log" | head -40; die "The build failed; see build/test-output/build.log."; }
    warnings=$(grep -c 'warning:' "$out/build.log")
    echo "$warnings warnings"
    if [ "$warnings" -gt 0 ]; then
        grep 'warning:' "$out/build.log" | head -20
        add 0 1 0
    fi
}

web_build() {
    say "web client"
    (cd "$root/web-client" && npm run --silent build) >"$out/web-build.log" 2>&1 ||
        { tail -n 30 "$out/web-build.log"; die "The web client does not build."; }
}

if wants lint; then
    say "walls and sizes"
    if "$root/tests/lint/run.sh"; then add 1 0 0; else add 0 1 0; fi
fi

if wants c || wants e2e || wants net; then build; fi

# C programs are of two kinds. The `patient` ones read corpora of files or simulate their time, so they promise
# nothing about ours: in a whole run they have what the walks that judge sound leave of the machine (SCHED_IDLE takes nothing from those).
c_run() { # name of the log, a command in front of ctest, what ctest is told
    (cd "$root" && $2 ctest --preset debug --timeout 900 --repeat until-pass:2 $3) >"$out/$1.log" 2>&1
    echo $? >"$out/$1.end"
    cp "$root/build/debug/Testing/Temporary/LastTest.log" "$out/$1.tests" 2>/dev/null
}

c_tell() {
    grep -E 'Failed|\*\*\*|tests passed|Total Test time' "$out/$1.log" | head -40
    # ctest counts programs; the tests inside them are cmocka's.
    tests=$(number '.*tests failed out of \([0-9]*\).*' "$out/$1.log")
    bad=$(number '.*[^0-9]\([0-9]*\) tests failed out of.*' "$out/$1.log")
    inside=$(grep -hE '\[  SKIPPED \]|\[  SKIPPED  \]' "$out/$1.tests" 2>/dev/null | grep -cE 'SKIPPED.*[a-z_]{6,}$' || true)
    if [ "$tests" -eq 0 ]; then die "No C test ran."; fi
    [ "$(cat "$out/$1.end")" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    add $((tests - bad)) "$bad" "$inside"
}

last=nice
chrt -i 0 true 2>/dev/null && last='chrt -i 0'

if wants c; then
    say "C: units, flows"
    c_run ctest '' '-j 3 -LE patient' # three: some wait
    c_tell ctest
fi
if [ "$only" = c ]; then
    say "C: the patient ones"
    c_run patient '' '-j 2 -L patient'
    c_tell patient
fi

if wants web || wants e2e || wants net; then web_build; fi

if wants web; then
    say "web client: units"
    (cd "$root/web-client" && NO_COLOR=1 npx vitest run) >"$out/vitest.log" 2>&1
    status=$?
    tail -n 8 "$out/vitest.log"
    good=$(number '.*Tests .* \([0-9]*\) passed.*' "$out/vitest.log")
    [ "$good" -eq 0 ] && good=$(number '.*Tests  *\([0-9]*\) passed.*' "$out/vitest.log")
    bad=$(number '.*Tests  *\([0-9]*\) failed.*' "$out/vitest.log")
    [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    add "$good" "$bad" 0
fi

if wants deploy; then
    say "demo and rehearsal: units"
    (cd "$root" && node --test --test-reporter=spec deploy/rehearsal/*.test.js) >"$out/rehearsal.log" 2>&1
    status=$?
    good=$(number '^ℹ pass \([0-9]*\)' "$out/rehearsal.log")
    bad=$(number '^ℹ fail \([0-9]*\)' "$out/rehearsal.log")
    [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    [ "$bad" -gt 0 ] && tail -n 40 "$out/rehearsal.log"
    echo "rehearsal: $good passed, $bad failed"
    add "$good" "$bad" 0
    (cd "$root/deploy/demo" && python3 -m unittest discover) >"$out/seed.log" 2>&1
    status=$?
    good=$(number 'Ran \([0-9]*\) test.*' "$out/seed.log")
    if [ "$status" -ne 0 ]; then
        tail -n 30 "$out/seed.log"
        add 0 1 0
    else
        echo "demo: $good passed"
        add "$good" 0 0
    fi
fi

# One walk: its own runner, its own log, its own server and browsers.
walk() {
    file=$1
    log=$out/e2e-${file%.test.mjs}.log
    at=$(date +%s)
    (cd "$root/tests/e2e" && timeout 600 node --test --test-concurrency=1 --test-reporter=spec "$file") >"$log" 2>&1
    code=$?
    echo "$code $(($(date +%s) - at))" >"$log.end"
    return "$code"
}

tell_walk() {
    log=$out/e2e-${1%.test.mjs}.log
    good=$(number '^ℹ pass \([0-9]*\)' "$log")
    bad=$(number '^ℹ fail \([0-9]*\)' "$log")
    lost=$(number '^ℹ cancelled \([0-9]*\)' "$log")
    gone=$(number '^ℹ skipped \([0-9]*\)' "$log")
    bad=$((bad + lost + gone)) # a walk that did not run proves nothing
    read -r code seconds <"$log.end"
    [ "$code" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    [ "$good" -eq 0 ] && [ "$bad" -eq 0 ] && bad=1
    echo "$1: $good passed, $bad failed, $seconds s$2"
    grep -E '^ *(✔|✖|﹣)|^# [a-z].*: ' "$log" | grep -v 'failing tests' | awk '!seen[$0]++' | head -60
    [ "$bad" -gt 0 ] && sed -n '/failing tests/,$p' "$log" | head -60
    add "$good" "$bad" 0
}

# Walks that judge sound in real time have the machine for themselves; the others run two by two. One
# that fails is walked once more, alone, and that is told: a machine that stalls is not a fault of the sound.
heard='sound crash firefox firewall turn webrtcbin island'
story='walk recorded rehearsal' # as long as all that remain

if wants e2e; then
    say "walks in real browsers"
    rm -rf "$root/tests/e2e/out"
    others=$(cd "$root/tests/e2e" && for file in *.test.mjs; do
        case " $heard $story " in *" ${file%.test.mjs} "*) ;; *) echo "${file%.test.mjs}" ;; esac
    done)
    (for name in $story; do walk "$name.test.mjs"; done) & first=$!
    (for name in $others; do walk "$name.test.mjs"; done) & second=$!
    wait "$first" "$second"
    if [ "$only" = all ]; then
        c_run patient "$last" '-j 2 -L patient' & patient=$!
    fi
    for name in $heard; do walk "$name.test.mjs"; done
    [ "$only" = all ] && wait "$patient"
    for name in $heard $story $others; do
        file=$name.test.mjs
        log=$out/e2e-${file%.test.mjs}.log
        again=
        if ! grep -q '^0 ' "$log.end"; then
            cp "$log" "$log.first"
            again=", at the second try, alone (the first is in build/test-output/${log##*/}.first)"
            walk "$file"
        fi
        tell_walk "$file" "$again"
    done
    if [ "$only" = all ]; then
        say "C: the patient ones, beside the last walks"
        c_tell patient
    fi
fi

# Bad links, alone: sound is judged in real time. Skipped, and counted, where namespaces are not permitted.
if wants net; then
    say "bad links"
    rm -rf "$root/tests/e2e/out/net"
    for file in isolation; do # tests/net/run.sh has all: bursts of loss do not hold their promise in every run yet
        path=$root/tests/net/$file.test.mjs
        log=$out/net-$file.log
        at=$(date +%s)
        again=
        if ! timeout 300 node --test --test-reporter=spec "$path" >"$log" 2>&1; then
            cp "$log" "$log.first"
            again=", at the second try (the first is in build/test-output/${log##*/}.first)"
            timeout 300 node --test --test-reporter=spec "$path" >"$log" 2>&1
        fi
        good=$(number '^ℹ pass \([0-9]*\)' "$log")
        bad=$(number '^ℹ fail \([0-9]*\)' "$log")
        gone=$(number '^ℹ skipped \([0-9]*\)' "$log")
        [ "$good" -eq 0 ] && [ "$gone" -eq 0 ] && [ "$bad" -eq 0 ] && bad=1
        echo "$file: $good passed, $bad failed, $gone skipped, $(($(date +%s) - at)) s$again"
        grep -E '^ *(✔|✖|﹣)|^# [a-z0-9].*: ' "$log" | grep -v 'failing tests' | awk '!seen[$0]++' | head -60
        [ "$bad" -gt 0 ] && sed -n '/failing tests/,$p' "$log" | head -60
        add "$good" "$bad" "$gone"
    done
fi

say "done"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

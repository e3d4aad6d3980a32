#!/usr/bin/env python3
"""Keeps the demo running: seeds it once, starts the server and the rehearsed meeting, starts them
again when they die, prints the sign-in links, and ends both on SIGTERM or Ctrl-C. Called by
deploy/run.sh. Standard library only.
"""
import argparse
import ctypes
import datetime
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import seed

PIN = "2741"
READY_S = 60
HEALTHY_S = 60
LOG_BYTES = 16_000_000
PR_SET_PDEATHSIG = 1
STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def say(*words):
    print(*words, flush=True)


def fail(text):
    sys.exit(f"run.sh: {text}")


class Demo:
    """Where things lie."""

    def __init__(self, known, rest):
        self.root, self.build, self.node = (pathlib.Path(p) for p in (known.root, known.build, known.node))
        self.data = pathlib.Path(known.data).expanduser().absolute()
        self.own = self.data / "demo"  # its being there tells the server that the links are public
        self.logs = self.own / "log"
        self.links_path = self.own / "links.json"
        self.consilium = self.build / "server/consilium"
        self.voice = self.build / "media/client/consilium-voice"
        self.wants_rehearsal = known.rehearsal
        self.port = known.port
        self.options = rest
        self.content = self.root / "deploy/demo"

    def links(self):
        return json.loads(self.links_path.read_text())

    def url(self, name="127.0.0.1"):
        return f"http://{name}:{self.port}"


def run(demo, *args, text=None):
    done = subprocess.run([demo.consilium, *args], input=text, capture_output=True, text=True)
    if done.returncode:
        fail(f"the demo could not be filled: {done.stderr.strip()}")


def fill(demo):
    """Once. An interrupted first start begins anew: nobody has worked in it yet."""
    done = demo.own / "filled"
    if done.exists():
        return
    if demo.own.exists():
        shutil.rmtree(demo.data)
    elif demo.data.exists() and any(demo.data.iterdir()):
        fail(f"{demo.data} is not empty and is not a demo. Name another folder with --data.")
    say("Filling the demo: people, boards, cases, a meeting today")
    demo.data.mkdir(parents=True, mode=0o700, exist_ok=True)
    demo.logs.mkdir(parents=True)
    events = demo.own / "events.jsonl"
    seed.events(demo.content / "demo.json", events, demo.links_path)
    os.chmod(demo.links_path, 0o600)
    run(demo, "load", demo.data, events)
    people = [seed.ident(key) for key in demo.links()["people"]]
    run(demo, "user", demo.data, "pin", *people, text=(PIN + "\n") * len(people))
    done.touch()


def is_free(port, kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1" if kind == socket.SOCK_STREAM else "0.0.0.0", port))
        except OSError:
            return False
    return True


def free_port(first, kind):
    return next((port for port in range(first, first + 200) if is_free(port, kind)), first)


def choose_ports(demo):
    """The ports of last time if they are free, so that links stay good."""
    path = demo.own / "ports.json"
    last = json.loads(path.read_text()) if path.exists() else {"web": 8080, "sound": 8443, "figures": 9464}
    if demo.port:
        if not is_free(demo.port, socket.SOCK_STREAM):
            fail(f"port {demo.port} is taken by another program. Leave --port out and a free one is chosen.")
        last["web"] = demo.port
    ports = {"web": free_port(last["web"], socket.SOCK_STREAM), "sound": free_port(last["sound"], socket.SOCK_DGRAM),
             "figures": free_port(last["figures"], socket.SOCK_STREAM)}
    demo.port = ports["web"]
    return ports


def keep_ports(demo, ports):
    (demo.own / "ports.json").write_text(json.dumps(ports))


def die_with_parent():
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """A program that is started again when it ends, later each time it ends early."""

    def __init__(self, name, argv, log_path):
        self.name, self.argv, self.log_path = name, [str(a) for a in argv], log_path
        self.process, self.wait_s, self.started, self.next_start = None, 1, 0.0, 0.0

    def start(self):
        if self.log_path.exists() and self.log_path.stat().st_size > LOG_BYTES:
            self.log_path.replace(self.log_path.with_suffix(".old"))
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True, preexec_fn=die_with_parent)
        self.started = time.monotonic()

    def turn(self):
        now = time.monotonic()
        if self.process is None:
            if now >= self.next_start:
                self.start()
            return
        status = self.process.poll()
        if status is None:
            return
        self.wait_s = 1 if now - self.started > HEALTHY_S else min(self.wait_s * 2, 30)
        self.next_start = now + self.wait_s
        self.process = None
        how = f"signal {-status}" if status < 0 else f"status {status}"
        say(f"{self.name} ended ({how}); it is started again in {self.wait_s} s. Its words: {self.log_path}")

    def stop(self, patience_s):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def serve_argv(demo, ports):
    return [demo.consilium, "serve", f"--data={demo.data}", f"--port={ports['web']}", f"--media.port={ports['sound']}",
            f"--metrics.port={ports['figures']}", f"--web.root={demo.root / 'web-client/dist'}",
            f"--sandbox.path={demo.build / 'media/imaging/consilium-sandbox'}", *demo.options]


def is_ready(demo):
    try:
        with urllib.request.urlopen(demo.url() + "/readyz", timeout=2) as answer:
            return answer.status == 200
    except (OSError, urllib.error.HTTPError):
        return False


def wait_ready(demo, server):
    """The first start: a server that ends at once has said why, and people should read that."""
    offset = server.log_path.stat().st_size if server.log_path.exists() else 0
    server.start()
    until = time.monotonic() + READY_S
    while time.monotonic() < until and not is_ready(demo):
        if server.process.poll() is not None:
            with server.log_path.open("rb") as log:
                log.seek(offset)
                words = [line for line in log.read().decode(errors="replace").splitlines() if line.startswith("consilium:")]
            fail(words[-1].removeprefix("consilium: ") if words else f"the server did not start; see {server.log_path}")
        time.sleep(0.1)
    if not is_ready(demo):
        server.stop(10)
        fail(f"the server did not become ready in {READY_S} s; see {server.log_path}")


def greet(demo):
    roles = demo.links()["roles"]
    say("")
    say("Consilium is running. Three links, three people, one browser (fictional people and patients):")
    say("")
    for role, who in (("coordinator", "coordinator"), ("chair", "chair"), ("clinic", "community oncologist")):
        say(f"  {who:<21} {demo.url(role + '.localhost')}/in#{roles[role]}")
    say("")
    say(f"  PIN for signing       {PIN} (everybody's)")
    if demo.wants_rehearsal:
        say("  Hear and see at once  open the chair's link and press Open the room. A rehearsed board sits there;")
        say("                        where a colleague has your seat, press Take over, and it is yours.")
    say(f"  Data                  {demo.data} (kept; delete it to begin anew)")
    say(f"  Logs                  {demo.logs}")
    say("  Stop                  Ctrl-C")
    say("")


def keep_meeting(demo):
    try:
        seed.today(demo.content / "demo.json", demo.url(), demo.links()["roles"]["coordinator"], demo.own)
    except (OSError, urllib.error.HTTPError) as error:
        say(f"No meeting could be planned for today just now ({error}); it is tried again.")


def upload_files(demo):
    """Returns when the first deck can be shown; the others follow."""
    first = threading.Event()

    def work():
        try:
            seed.files(demo.content, demo.url(), demo.links()["roles"]["coordinator"], first.set)
        except (OSError, urllib.error.HTTPError) as error:
            say(f"Not every deck could be uploaded ({error}); the next start tries again.")
        first.set()

    threading.Thread(target=work, daemon=True).start()
    if not first.wait(1):
        say("Drawing the first deck")
        first.wait(90)


def arguments():
    parser = argparse.ArgumentParser(prog="deploy/run.sh", allow_abbrev=False,
                                     epilog="Everything else goes to `consilium serve`.")
    for name in ("root", "build", "node"):
        parser.add_argument("--" + name, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--data", default=os.environ.get("VTB_DEMO_DATA") or "~/.local/share/consilium-demo")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--no-rehearsal", dest="rehearsal", action="store_false")
    argv = sys.argv[1:]
    if "--" in argv:
        argv.remove("--")
    known, rest = parser.parse_known_args(argv)
    options, i = [], 0
    while i < len(rest):  # `--listen 0.0.0.0` as people type it becomes `--listen=0.0.0.0`
        takes = rest[i].startswith("--") and "=" not in rest[i] and i + 1 < len(rest) and not rest[i + 1].startswith("--")
        options.append(rest[i] + "=" + rest[i + 1] if takes else rest[i])
        i += 2 if takes else 1
    return Demo(known, options)


class Stopped(Exception):
    """SIGTERM, SIGHUP or Ctrl-C, at any moment."""


def stop(*_):
    for number in STOPS:  # once is enough; what follows is the way out
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def perform(demo, children):
    fill(demo)
    ports = choose_ports(demo)
    server = Child("The server", serve_argv(demo, ports), demo.logs / "server.log")
    children.append(server)
    wait_ready(demo, server)
    keep_ports(demo, ports)
    keep_meeting(demo)
    upload_files(demo)
    if demo.wants_rehearsal:
        argv = [demo.node, demo.root / "deploy/rehearsal/main.js", demo.url(), demo.own, demo.voice,
                demo.content / "demo.json", PIN]
        children.append(Child("The rehearsed meeting", argv, demo.logs / "rehearsal.log"))
    greet(demo)
    day = datetime.date.today()
    while True:
        for child in children:
            child.turn()
        if datetime.date.today() != day and is_ready(demo):  # the meeting is to be today again
            day = datetime.date.today()
            keep_meeting(demo)
        time.sleep(0.25)


def main():
    demo, children = arguments(), []
    for number in STOPS:
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup means it
            signal.signal(number, stop)
    try:
        perform(demo, children)
    except Stopped:
        say("Stopping. Everything is kept.")
    finally:
        for child in reversed(children):
            child.stop(10)


if __name__ == "__main__":
    main()

"""Words over links that lose 10 %, up and down, through ours and through Janus: STOI by utterance.

The links (consilium-link) and the clients (consilium-voice, which sends and reads what each server's offer
allows: RED, FEC, NACK) are those of tests/net; each condition has a room of its own.
"""
import base64
import json
import queue
import socket
import subprocess
import threading
import time

KINDS = {"lossless": [], "random 10 %": ["both loss 0.1"], "bursts 10 % (mean 3)": ["both burst 0.1 3"]}


class Talker:
    """A program that is told lines and says lines."""

    def __init__(self, *words):
        self.child = subprocess.Popen([str(w) for w in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.said = queue.Queue()
        threading.Thread(target=lambda: [self.said.put(line.rstrip("\n")) for line in self.child.stdout], daemon=True).start()

    def tell(self, text):
        self.child.stdin.write(text + "\n")
        self.child.stdin.flush()

    def hear(self, word, seconds=30):
        end = time.time() + seconds
        while True:
            line = self.said.get(timeout=max(0.01, end - time.time()))
            if line.split(" ")[0] == word:
                return line

    def end(self):
        self.child.stdin.close()
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()


class OursDoor:
    def __init__(self, path):
        self.link = socket.socket(socket.AF_UNIX)
        self.link.connect(str(path))
        self.lines = self.link.makefile("r")

    def join(self, room, speaks, answer):
        self.link.sendall(f"add {room} {int(speaks)}\n".encode())
        while True:
            words = self.lines.readline().split()
            if words and words[0] == "offer":
                break
        self.link.sendall(f"answer {words[1]} {words[2]} {answer(words[3])}\n".encode())


class JanusDoor:
    def __init__(self, path, rooms, bitrate):
        self.link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.link.connect(str(path))
        self.n = 0
        self.session = self.ask({"janus": "create"})["data"]["id"]
        control = self.handle()
        for room in range(rooms):  # its remedies against loss: in-band FEC, told to expect 10 %
            self.message(control, {"request": "create", "room": room + 1, "sampling_rate": 48000, "default_bitrate": bitrate,
                                   "default_expectedloss": 10, "audiolevel_event": False})

    def ask(self, words):
        self.n += 1
        self.link.send(json.dumps({**words, "transaction": str(self.n)}).encode())
        while True:
            reply = json.loads(self.link.recv(1 << 20))
            if reply.get("transaction") == str(self.n) and reply["janus"] != "ack":
                return reply

    def handle(self):
        return self.ask({"janus": "attach", "plugin": "janus.plugin.audiobridge", "session_id": self.session})["data"]["id"]

    def message(self, handle, body, **more):
        return self.ask({"janus": "message", "session_id": self.session, "handle_id": handle, "body": body, **more})

    def join(self, room, speaks, answer):
        handle = self.handle()
        offer = self.message(handle, {"request": "join", "room": room + 1, "muted": not speaks, "generate_offer": True})["jsep"]["sdp"]
        sdp = base64.b64decode(answer(base64.b64encode(offer.encode()).decode())).decode()
        self.message(handle, {"request": "configure"}, jsep={"type": "answer", "sdp": sdp})


class Client(Talker):
    """At the far end of a link of its own."""

    def __init__(self, net, build, number):
        enter = ["ip", "netns", "exec", net.crowd, "taskset", "-c", "1"]
        self.link = Talker(*enter, build / "tests/net/consilium-link", 500 + number, 100 + number)
        path = self.link.hear("ready").split(" ")[1]
        super().__init__("nsenter", f"--net={path}", "taskset", "-c", "1", build / "media/client/consilium-voice")

    def answer(self, offer):
        self.tell(f"offer {offer}")
        return self.hear("answer").split(" ")[1]

    def end(self):
        super().end()
        self.link.end()


def mean(utterances):
    return sum(u["stoi"] * u["ms"] for u in utterances) / sum(u["ms"] for u in utterances)


def one_server(net, bench, server, door):
    build, speech = bench.build, bench.build / "speech"
    pairs, found = {}, {}
    try:
        for i, (kind, rule) in enumerate(KINDS.items()):
            pairs[kind] = speaker, listener = Client(net, build, 2 * i), Client(net, build, 2 * i + 1)
            for client, speaks in ((speaker, True), (listener, False)):
                door.join(i, speaks, client.answer)
                client.hear("connected")
                for command in rule:
                    client.link.tell(command)
        time.sleep(2)
        for kind, (speaker, listener) in pairs.items():
            trace = bench.folder / f"{server.name}-{kind.split(' ')[0]}.trace"
            listener.tell(f"trace {trace}")
            for name in ("anna", "ben", "cleo"):
                speaker.tell(f"say {speech / name}.wav")
            found[kind] = {"trace": trace, "said": []}
        for kind, (speaker, listener) in pairs.items():
            for _ in range(3):
                found[kind]["said"].append(":".join(speaker.hear("says", 60).split(" ")[1:]))
            time.sleep(0.1)
        for speaker, _ in pairs.values():
            speaker.hear("said", 60)
        time.sleep(2)
        for kind, (speaker, listener) in pairs.items():
            listener.tell("trace")
            listener.tell("stats")
            listener.hear("stats")
            made = subprocess.run([build / "tests/net/net_judge", found[kind]["trace"], found[kind]["trace"].with_suffix(".wav"), *found[kind]["said"]],
                                  check=True, capture_output=True, text=True)
            found[kind]["heard"] = [u for voice in json.loads(made.stdout)["voices"] for u in voice]
    finally:
        for clients in pairs.values():
            for client in clients:
                client.end()
    return {kind: it["heard"] for kind, it in found.items()}


def compare(net, bench, makers, bitrate):
    rows = {}
    net.become_router()
    for name, make in makers.items():
        bench.calm(f"words through {name}")
        with make() as server:
            door = OursDoor(server.socket) if server.name == "ours" else JanusDoor(server.socket, len(KINDS), bitrate)
            rows[name] = one_server(net, bench, server, door)
    print("\n### Words, 10 % lost on the way up and 10 % on the way down\n")
    print("One speaks (three voices, 36 s), one listens, each behind such a link. A browser's jitter buffer is modelled at the listener.\n")
    print("| | | STOI | of its own lossless | worst utterance | longest gap ms | first syllables cut |\n| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for name, kinds in rows.items():
        for kind, heard in kinds.items():
            print(f"| {name} | {kind} | {mean(heard):.3f} | {mean(heard) / mean(kinds['lossless']):.3f} | {min(u['stoi'] for u in heard):.3f} | "
                  f"{max(u['gap_ms'] for u in heard)} | {sum(u['first_ms'] > 20 for u in heard)} of {len(heard)} |")

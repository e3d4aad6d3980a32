#!/usr/bin/env python3
"""Writes the first corpus of uplink_fuzz: loss, copies, repeats, stalls and lies, as Chromium frames them."""
import pathlib
import random
import struct

OUT = pathlib.Path(__file__).parent.parent / "corpus" / "uplink_fuzz"
STEP, LOUD, RED = 0x04, 0x20, 0x80


def record(what, wait, seq, ts, payload):
    return struct.pack(">BBHHH", what, wait, seq & 0xFFFF, ts & 0xFFFF, len(payload)) + payload


def red(copies, own):
    heads = b"".join(struct.pack(">BHB", 0x80 | 111, o << 2 | len(p) >> 8, len(p) & 255) for o, p in copies)
    return heads + b"\x6f" + b"".join(p for _, p in copies) + own


def main():
    rnd = random.Random(1)
    OUT.mkdir(parents=True, exist_ok=True)
    opus = [bytes([0x78]) + rnd.randbytes(50) for _ in range(120)]
    copied = [red([(960, opus[i - 1])] if i else [], opus[i]) for i in range(120)]
    files = {
        "chromium": [record(STEP | LOUD | RED, 0, 65500 + i, 2 * i, p) for i, p in enumerate(copied)],
        "chromium-loss": [record(STEP | LOUD | RED, 0, 65500 + i, 2 * i, p)
                          for i, p in enumerate(copied) if i % 5],
        "bursts-and-repeats": [r for i, p in enumerate(opus) if i % 10 < 7 for r in
                               [record(STEP | LOUD, 0, i, 2 * i, p)] +
                               ([record(LOUD, 0, i - 2, 2 * i - 4, opus[i - 2])] if i % 10 == 1 and i > 2 else [])],
        "stall": [record((0 if 30 < i < 80 else STEP) | LOUD, 250 if i == 30 else 0, i, 2 * i, p)
                  for i, p in enumerate(opus)],
        "jitter": [record(STEP | LOUD, rnd.randrange(60), i ^ 3, 2 * (i ^ 3), p) for i, p in enumerate(opus)],
        "lies-in-time": [record(STEP | LOUD, 0, i, rnd.randrange(65536), p) for i, p in enumerate(opus)],
        "lies-in-copies": [record(STEP | LOUD | RED, 0, 3 * i, 2 * i,
                                  red([(o, opus[i]) for o in sorted(rnd.sample(range(1, 16384), 6))[::-1]], opus[i]))
                           for i in range(100)],
        "sixty-ms": [record(3 << 2 | LOUD | RED, 0, i, 6 * i, red([(2880, b"\x7b\x03" + opus[i])], b"\x7b\x03" + opus[i]))
                     for i in range(40)],
        "gates": [record(0x1C | LOUD | RED, 0, i, 2 * i, copied[i]) for i in range(60)],
        "two-senders": [record(STEP | LOUD | (0x40 if i % 9 > 4 else 0), 0, i, 2 * i, p) for i, p in enumerate(opus)],
    }
    for name, parts in files.items():
        (OUT / name).write_bytes(b"".join(parts))


if __name__ == "__main__":
    main()

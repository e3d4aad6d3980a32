#!/usr/bin/env python3
"""Writes the first corpus of buffer_fuzz: order, loss with copies and repeats, stalls, wraps, lies."""
import pathlib
import random
import struct

OUT = pathlib.Path(__file__).parent.parent / "corpus" / "buffer_fuzz"


def record(what, seq, ts, frames=8, wait=0, size=60, level=20):
    return struct.pack(">BHHBBHB", what, seq & 0xFFFF, ts & 0xFFFF, frames - 1, wait, size, level)


def main():
    rnd = random.Random(1)
    OUT.mkdir(parents=True, exist_ok=True)
    step = 0x10
    files = {
        "in-order": [record(step, 65500 + i, 4 * i) for i in range(200)],
        "copies": [r for i in range(200) if i % 5 for r in
                   [record(step, i, 4 * i), record(1, i - 1, 4 * i - 4)]],
        "repeats": [r for i in range(200) if i % 7 for r in
                    [record(step, i, 4 * i)] + ([record(2, i - 3, 4 * i - 12)] if i % 7 == 3 else [])],
        "stall": [record(0 if 50 < i < 150 else step, i, 4 * i, wait=250 if i == 50 else 0) for i in range(300)],
        "jitter": [record(step, i ^ 3, 4 * (i ^ 3), wait=rnd.randrange(40)) for i in range(200)],
        "sixty": [record(0x30 | 4, i, 12 * i, 24) for i in range(60)],
        "flood": [record(0, i, 4 * i, size=1200) for i in range(300)],
        "lies": [record(rnd.randrange(256), rnd.randrange(65536) if i % 3 else i, rnd.randrange(65536),
                        rnd.randrange(1, 49), rnd.randrange(60)) for i in range(300)],
        "gates": [record(step | 0x4C, i, 4 * i) for i in range(60)],
    }
    for name, parts in files.items():
        (OUT / name).write_bytes(b"".join(parts))


if __name__ == "__main__":
    main()

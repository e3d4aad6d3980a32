#!/usr/bin/env python3
"""Writes the first corpus of audio_fuzz: order, wraps, floods, gates, and every kind of Opus TOC."""
import pathlib
import random
import struct

OUT = pathlib.Path(__file__).parent.parent / "corpus" / "audio_fuzz"


def record(what, seq, ts, level, payload):
    return struct.pack(">BHHBH", what, seq & 0xFFFF, ts & 0xFFFF, level, len(payload)) + payload


def main():
    rnd = random.Random(1)
    OUT.mkdir(parents=True, exist_ok=True)
    files = {
        "in-order": [record(4, i, 2 * i, 20, bytes([0x78]) + rnd.randbytes(40)) for i in range(80)],
        "wrap-and-loss": [record(4, 65500 + i, 2 * i, 30, bytes([0x78]) + rnd.randbytes(30))
                          for i in range(100) if i % 7],
        "reordered": [record(4, i ^ 1, 2 * (i ^ 1), 255, bytes([0x48]) + rnd.randbytes(30))
                      for i in range(80)],
        "flood": [record(0 if i % 30 else 4, i, 2 * i, 10, bytes([0x80]) + rnd.randbytes(5))
                  for i in range(600)],
        "every-toc": [record(4, i, 2 * i, 15, bytes([i]) + rnd.randbytes(60)) for i in range(256)],
        "gates": [record(0x44 | (0x20 if i % 3 else 0), i, 2 * i, 10, bytes([0x78, 1, 2]))
                  for i in range(60)],
        "drop-and-add": [record(0x14 | i % 3, i, 2 * i, 10, bytes([0x78]) + rnd.randbytes(20))
                         for i in range(60)],
        "large": [record(4 | i % 3, i, 2 * i, 10, bytes([0x7B, 0x06]) + rnd.randbytes(1270))
                  for i in range(20)],
        "short": [b"\x04", record(4, 0, 0, 0, b"")],
    }
    for name, parts in files.items():
        (OUT / name).write_bytes(b"".join(parts))


if __name__ == "__main__":
    main()

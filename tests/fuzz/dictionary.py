#!/usr/bin/env python3
"""A libFuzzer dictionary of the signalling's own words: every name and constant of the JSON Schemas given.

    dictionary.py protocols/signal/*.json > signal_fuzz.dict
"""
import json
import sys


def words(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("properties", "$defs") and isinstance(value, dict):
                yield from value
            if key in ("enum", "required"):
                yield from (str(one) for one in value)
            if key == "const":
                yield str(value)
            yield from words(value)
    elif isinstance(node, list):
        for value in node:
            yield from words(value)


def main(paths):
    found = set()
    for path in paths:
        with open(path, encoding="utf-8") as file:
            found.update(words(json.load(file)))
    for word in sorted(found):
        if 0 < len(word) < 60 and word.isascii() and word.isprintable():
            print('"%s"' % word.replace("\\", "\\\\").replace('"', '\\"'))


if __name__ == "__main__":
    main(sys.argv[1:])

#!/usr/bin/env python3
"""Messages at every bound of the schemas, and one past it; two judges must agree on each.

From protocols/signal and protocols/http this makes, for each definition, the smallest and the largest
instance, and for each member one that is missing, foreign, of a wrong type, or just past a bound.
python3-jsonschema judges all of them from the schemas; the generated C parser (signal_vectors, the
program given) reads the same lines and must say the same, and what it writes must be what it read.

usage: vectors.py PROGRAM
"""
import copy
import json
import pathlib
import subprocess
import sys

import jsonschema

PROTOCOLS = pathlib.Path(__file__).resolve().parents[3] / "protocols"
ID = "019a0000-0000-7000-8000-00000000002a"


def load(path):
    return json.loads((PROTOCOLS / path).read_text())["$defs"]


SETS = {"ask": load("signal/requests.json"), "event": load("signal/events.json"), "lane": load("signal/lane.json"),
        "body": load("http/bodies.json")}
TYPES = {**SETS["event"], **SETS["lane"], **SETS["body"]}


def inline(node):
    """The schema without references, so that no judge needs to find other files."""
    if "$ref" in node:
        return inline(TYPES[node["$ref"].rsplit("/", 1)[1]])
    node = dict(node)
    if "properties" in node:
        node["properties"] = {name: inline(sub) for name, sub in node["properties"].items()}
    if "items" in node:
        node["items"] = inline(node["items"])
    return node


def smallest(node):
    if "const" in node:
        return node["const"]
    if "enum" in node:
        return node["enum"][0]
    kind = node["type"]
    if kind == "string":
        return ID if node.get("format") == "uuid" else "a" * node.get("minLength", 0)
    if kind == "integer":
        return node["minimum"]
    if kind == "boolean":
        return False
    if kind == "array":
        return []
    return {name: smallest(sub) for name, sub in node["properties"].items() if name in node.get("required", [])}


def largest(node, deep=True):
    """Every member, every string full, every number at its end; long lists only at the top."""
    if "const" in node:
        return node["const"]
    if "enum" in node:
        return node["enum"][-1]
    kind = node["type"]
    if kind == "string":
        return ID if node.get("format") == "uuid" else "z" * node["maxLength"]
    if kind == "integer":
        return node["maximum"]
    if kind == "boolean":
        return True
    if kind == "array":
        return [largest(node["items"], False)] * (node["maxItems"] if deep else min(1, node["maxItems"]))
    return {name: largest(sub, deep) for name, sub in node["properties"].items()}


def spoilt(node):
    """(what is spoilt, value, which error) for one member."""
    if "const" in node:
        return
    kind = node.get("type")
    yield "null", None, "parse"
    yield "other type", 7.5 if kind != "boolean" else "yes", "parse"
    if "enum" in node:
        yield "foreign word", "no-such-word", "parse"
    elif kind == "string" and node.get("format") == "uuid":
        for bad in (ID[:-1], ID + "0", ID.replace("-", "_"), "g" + ID[1:], ""):
            yield "not an id", bad, "parse"
    elif kind == "string":
        yield "too long", "z" * (node["maxLength"] + 1), "limit"
        if node.get("minLength", 0):
            yield "too short", "z" * (node["minLength"] - 1), "parse"
    elif kind == "integer":
        yield "too small", node["minimum"] - 1, "parse"
        if node["maximum"] < 2**62:
            yield "too large", node["maximum"] + 1, "limit"
    elif kind == "array":
        yield "too many", [smallest(node["items"])] * (node["maxItems"] + 1), "limit"
        for what, value, err in spoilt(node["items"]):
            yield "one that is " + what, [value], err
    elif kind == "object":
        yield "foreign member", {**smallest(node), "foreign": 1}, "parse"


def vectors_of(node):
    low, high = smallest(node), largest(node)
    yield "smallest", low, "ok"
    yield "largest", high, "ok"
    yield "foreign member", {**low, "foreign": 1}, "parse"
    yield "a list", [], "parse"
    for name, sub in node["properties"].items():
        if name in node.get("required", []):
            without = copy.deepcopy(low)
            del without[name]
            if "const" not in sub:
                yield f"without {name}", without, "parse"
        else:
            yield f"only {name}", {**low, name: largest(sub)}, "ok"
        for what, value, err in spoilt(sub):
            yield f"{name} {what}", {**low, name: value}, err


def main():
    program = sys.argv[1]
    lines, wants = [], []
    checker = jsonschema.FormatChecker()
    for kind, defs in SETS.items():
        for name, raw in defs.items():
            if kind == "event" and "x-stream" not in raw:
                continue # a type: judged inside the messages that have it
            node = inline(raw)
            validator = jsonschema.Draft202012Validator(node, format_checker=checker)
            for what, value, want in vectors_of(node):
                if validator.is_valid(value) != (want == "ok"):
                    sys.exit(f"{kind} {name} {what}: jsonschema says {'valid' if want != 'ok' else 'not valid'}")
                lines.append(json.dumps({"set": kind, "name": name, "d": value}))
                wants.append((kind, name, what, want))
    run = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True)
    got = run.stdout.splitlines()
    if run.returncode or len(got) != len(wants):
        sys.exit(f"{program} ended with {run.returncode} after {len(got)} of {len(wants)}: {run.stderr[-2000:]}")
    wrong = [f"{k} {n} {w}: {g}, not {e}" for (k, n, w, e), g in zip(wants, got) if g != e]
    for text in wrong[:30]:
        print(text)
    print(f"{len(wants)} messages, {len(wrong)} judged differently")
    sys.exit(1 if wrong or len(wants) < 1000 else 0)


if __name__ == "__main__":
    main()

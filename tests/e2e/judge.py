#!/usr/bin/env python3
"""Judges JSON lines {set, name, d, at} by the schemas of protocols/; prints what does not fit.

set: answer (protocols/http/answers.json), socket (protocols/signal: the message and, in events and
snapshots, the data of each kind), plan (protocols/record/plan.schema.json).
"""
import json
import pathlib
import sys

import jsonschema

PROTOCOLS = pathlib.Path(__file__).resolve().parents[2] / "protocols"


def load(path):
    return json.loads((PROTOCOLS / path).read_text())


ANSWERS = load("http/answers.json")["$defs"]
EVENTS = load("signal/events.json")["$defs"]
LANE = load("signal/lane.json")["$defs"]
SERVER = load("signal/server.json")["$defs"]
ALL = {**LANE, **EVENTS, **SERVER, **ANSWERS}
# A name may mean one thing on the socket and another over HTTP.
HTTP = {**EVENTS, **load("http/bodies.json")["$defs"], **ANSWERS}
made = {}


def inline(node, defs):
    if "$ref" in node:
        return inline(defs[node["$ref"].rsplit("/", 1)[1]], defs)
    node = dict(node)
    if "properties" in node:
        node["properties"] = {name: inline(sub, defs) for name, sub in node["properties"].items()}
    if isinstance(node.get("items"), dict):
        node["items"] = inline(node["items"], defs)
    return node


def judge(key, schema, defs, value):
    if key not in made:
        made[key] = jsonschema.Draft202012Validator(inline(schema, defs), format_checker=jsonschema.FormatChecker())
    for error in made[key].iter_errors(value):
        where = "/".join(str(part) for part in error.absolute_path)
        yield f"{key}: {where}: {error.message[:160]}"


def event(message):
    yield from judge("event", SERVER["event"], ALL, message)
    kind = message.get("k")
    if kind not in EVENTS:
        yield f"event {kind} has no schema"
        return
    if EVENTS[kind]["x-audience"] == "staff" and message.get("s") == "case":
        yield f"event {kind} is for staff and was sent to the room"
    yield from judge("event " + kind, EVENTS[kind], EVENTS, message.get("d"))


def socket(message):
    kind = message["t"]
    if kind == "event":
        yield from event(message)
    elif kind == "lane":
        yield from judge("lane " + message["k"], LANE[message["k"]], LANE, message["d"])
    else:
        yield from judge(kind, SERVER[kind], ALL, message)
        for one in message.get("events", []):
            yield from event(one)


def main():
    wrong, n = {}, 0
    for line in sys.stdin:
        item = json.loads(line)
        n += 1
        if item["set"] == "socket":
            found = socket(item["d"])
        elif item["set"] == "plan":
            # The file carries the signed text as it was signed; the schema is of that text.
            schema = load("record/plan.schema.json")
            found = (f"plan file: {e.message[:200]}"
                     for e in jsonschema.Draft202012Validator(schema).iter_errors(json.loads(item["d"]["text"])))
        else:
            found = judge(item["name"], ANSWERS[item["name"]], HTTP, item["d"])
        for text in found:
            wrong.setdefault(text, item["at"])
    for text, at in wrong.items():
        print(f"{at}: {text}")
    print(f"{n} answers and messages, {len(wrong)} faults")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

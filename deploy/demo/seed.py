#!/usr/bin/env python3
"""Makes the events of the demo: people, boards, cases, a meeting today. Standard library only.

usage: seed.py events DEMO.json OUT.jsonl LINKS.json    for `consilium load`, and sign-in tokens
       seed.py files  DEMO_DIR URL TOKEN                uploads decks and pictures as the coordinator
       seed.py today  DEMO.json URL TOKEN DEMO_DATA     plans a meeting if none is left today

Ids are derived from the demo's keys, so that seeding twice names the same things. Tokens are
random; only their SHA-256 goes into the events.
"""
import base64
import datetime
import hashlib
import json
import pathlib
import secrets
import sys
import time
import urllib.request
import uuid

SPACE = uuid.UUID("5f0c2a54-6f0e-5d0f-9d7c-7a1f4c1d2e3b")
ROLES = {"coordinator": "SYN-PRAC-07", "chair": "SYN-PRAC-01", "clinic": "SYN-PRAC-21"}
# Files of cases: title, path.
FILES = {"DEMO-CASE-01": [("Case deck", "decks/01-nsclc-egfr.pdf")],
         "DEMO-CASE-02": [("Case deck", "decks/02-sclc.pdf")],
         "DEMO-CASE-03": [("Skin of the drain site", "photos/skin-lesion-synthetic.jpg")],
         "DEMO-CASE-07": [("Endoscopy still", "photos/endoscopy-synthetic.jpg")]}


def ident(key):
    return str(uuid.uuid5(SPACE, key))


def now_us():
    return int(time.time() * 1_000_000)


def line(stream, kind, data, by="", at=None):
    return json.dumps({"s": "", "id": stream, "at": at or now_us(), "by": by, "k": kind, "d": data},
                      ensure_ascii=False)


def token():
    text = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    return text, hashlib.sha256(text.encode()).hexdigest()


def people_of(demo):
    return {p["key"]: p for p in demo["people"]}


def member(people, entry):
    person = people[entry["key"]]
    return {"person": ident(entry["key"]), "name": person["name"], "specialty": person["specialty"],
            "site": person["site"], "role": entry["role"]}


def board_data(demo, board):
    people = people_of(demo)
    return {"board": ident(board["key"]), "name": board["name"], "tumor_group": board["tumor_group"],
            "timezone": board["timezone"], "rrule": board["rrule"], "minutes": board["minutes"],
            "required": board["required"], "objection_s": 20, "recording": board.get("recording", "off"),
            "members": [member(people, m) for m in board["members"]]}


def item_data(demo, case_key, minutes, item=None):
    people = people_of(demo)
    record = next(c["record"] for c in demo["cases"] if c["key"] == case_key)
    return {"item": item or str(uuid.uuid4()), "case": ident(case_key), "minutes": minutes,
            "presenter": ident(record["referrer"]), "presenter_name": people[record["referrer"]]["name"],
            "referrer": ident(record["referrer"]), "referrer_name": record["referrer_name"],
            **{k: record[k] for k in ("name", "birth_date", "local_id", "diagnosis", "stage", "question")}}


def events(demo_path, out_path, links_path):
    demo = json.loads(pathlib.Path(demo_path).read_text())
    out, links = [], {}
    for person in demo["people"]:
        out.append(line("", "person.added", {"person": ident(person["key"]), "name": person["name"],
                   "specialty": person["specialty"], "site": person["site"],
                   "email": person["key"].lower() + "@demo.invalid", "administrator": person["key"] == "SYN-PRAC-07"}))
    for board in demo["boards"]:
        out.append(line("", "board.saved", board_data(demo, board)))
    for person in demo["people"]:
        text, digest = token()
        links[person["key"]] = text
        out.append(line("", "signin.link", {"person": ident(person["key"]), "token": digest,
                   "until_us": now_us() + 400 * 86_400_000_000}))
    for case in demo["cases"]:
        record = dict(case["record"], referrer=ident(case["record"]["referrer"]))
        out.append(line(ident(case["key"]), "case.saved", {"version": 1, "record": record,
                   "by": record["referrer"], "by_name": record["referrer_name"]}, by=record["referrer"]))
    out += meeting(demo)
    pathlib.Path(out_path).write_text("\n".join(out) + "\n")
    pathlib.Path(links_path).write_text(json.dumps(
        {"roles": {name: links[key] for name, key in ROLES.items()}, "people": links}, indent=1))


def meeting(demo):
    """The thoracic board's meeting of today, at the next full quarter of an hour."""
    board = next(b for b in demo["boards"] if b["key"] == "DEMO-BOARD-THORACIC")
    data = board_data(demo, board)
    start = later_today()
    stream = ident("DEMO-MEETING-" + start.strftime("%Y-%m-%d"))
    planned = {"board": data["board"], "board_name": data["name"], "starts_us": int(start.timestamp() * 1e6),
               "minutes": data["minutes"], "timezone": data["timezone"], "required": data["required"],
               "objection_s": data["objection_s"], "recording": data["recording"], "members": data["members"]}
    items = [item_data(demo, "DEMO-CASE-01", 12), item_data(demo, "DEMO-CASE-02", 8)]
    return [line(stream, "meeting.planned", planned), line(stream, "agenda.set", {"version": 1, "items": items})]


def later_today():
    """The next full quarter of an hour after one from now; where that would be tomorrow, the next
    five minutes; where even those are tomorrow, the last five: a board that is about to begin."""
    now = datetime.datetime.now().astimezone().replace(second=0, microsecond=0)
    start = now + datetime.timedelta(minutes=15 - now.minute % 15 + 60)
    soon = now + datetime.timedelta(minutes=10 - now.minute % 5)
    late = now - datetime.timedelta(minutes=now.minute % 5)
    return next(at for at in (start, soon, late) if at.date() == now.date())


class Browser:
    """Just enough of one: a cookie and our own Origin."""

    def __init__(self, url):
        self.url, self.cookie = url, ""

    def call(self, method, path, body=None, raw=False):
        data = body if raw else json.dumps(body).encode() if body is not None else None
        req = urllib.request.Request(self.url + path, data=data, method=method)
        req.add_header("Origin", self.url)
        req.add_header("Content-Type", "application/octet-stream" if raw else "application/json")
        if self.cookie:
            req.add_header("Cookie", self.cookie)
        with urllib.request.urlopen(req, timeout=60) as answer:
            for header in answer.headers.get_all("Set-Cookie") or []:
                self.cookie = header.split(";")[0]
            text = answer.read()
            return json.loads(text) if text else None


def files(demo_dir, url, sign_in, drawn=lambda: None):
    browser = Browser(url)
    browser.call("POST", "/api/session/demo", {"token": sign_in})
    for key, rows in FILES.items():
        full = browser.call("GET", f"/api/cases/{ident(key)}")
        there = {d["title"] for d in full["documents"] if d["state"] != "uploading"}  # those were cut off
        for title, path in rows:
            source = pathlib.Path(demo_dir) / path
            if title not in there:
                document = upload(browser, ident(key), title, source.read_bytes())
                if source.suffix == ".pdf":  # one after the other: the first case can be shown the sooner
                    wait_drawn(browser, document)
                    drawn()


def today(demo_path, url, sign_in, demo_data):
    """The thoracic board's own meeting, not one of the rehearsal's, which are over in minutes."""
    demo = json.loads(pathlib.Path(demo_path).read_text())
    board = ident("DEMO-BOARD-THORACIC")
    rehearsed = pathlib.Path(demo_data) / "rehearsed.json"
    not_ours = set(json.loads(rehearsed.read_text())) if rehearsed.exists() else set()
    day = datetime.date.today()
    browser = Browser(url)
    browser.call("POST", "/api/session/demo", {"token": sign_in})
    for card in browser.call("GET", "/api/today")["meetings"]:
        is_today = datetime.date.fromtimestamp(card["starts_us"] / 1e6) == day
        if card["board"] == board and is_today and card["state"] != "closed" and card["meeting"] not in not_ours:
            return
    people = {c["key"]: c["record"]["referrer"] for c in demo["cases"]}
    made = browser.call("POST", f"/api/boards/{board}/meetings",
                        {"starts_us": int(later_today().timestamp() * 1e6), "minutes": 60})
    browser.call("PUT", f"/api/meetings/{made['id']}/agenda", {"base": made["version"], "items": [
        {"item": "", "case": ident(key), "minutes": minutes, "presenter": ident(people[key])}
        for key, minutes in (("DEMO-CASE-01", 12), ("DEMO-CASE-02", 8))]})


def upload(browser, case, title, content):
    begun = browser.call("POST", f"/api/cases/{case}/documents", {"title": title, "bytes": len(content)})
    offset, document = begun["offset"], begun["document"]
    while offset < len(content):
        piece = content[offset:offset + 4_000_000]
        offset = browser.call("PUT", f"/api/documents/{document}/content?offset={offset}", piece, raw=True)["offset"]
    browser.call("POST", f"/api/documents/{document}/finish", {})
    return document


def wait_drawn(browser, document):
    for _ in range(240):
        if browser.call("GET", f"/api/documents/{document}")["state"] in ("ready", "partly", "failed"):
            return
        time.sleep(0.5)


if __name__ == "__main__":
    if len(sys.argv) == 5 and sys.argv[1] == "events":
        events(*sys.argv[2:])
    elif len(sys.argv) == 5 and sys.argv[1] == "files":
        files(*sys.argv[2:])
    elif len(sys.argv) == 6 and sys.argv[1] == "today":
        today(*sys.argv[2:])
    else:
        sys.exit(__doc__)

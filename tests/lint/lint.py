#!/usr/bin/env python3
"""Walls and sizes of the house. Prints what is wrong, one a line; ends with 1 if anything is.

- Who may include whom: media knows nothing of server; server sees of media only media/media.h; a
  third-party header appears only in its own room.
- Functions over 80 lines and files over 600 need a reason beside them: a comment with "long because".
- Every folder that holds code has a README.md of at most 60 lines (so may a folder above it).
- No call that cannot know its bounds or runs a shell; no words of unfinished work; no path of
  somebody's machine, no registry's host.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = {".c", ".h", ".ts", ".tsx", ".mjs", ".js", ".py", ".sh"}
wrong = []


def say(path, line, text):
    wrong.append(f"{path}:{line}: {text}")


def files():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files"], capture_output=True, text=True, check=True).stdout
    return [pathlib.Path(p) for p in listed.splitlines() if (ROOT / p).is_file()]


# header pattern -> the only places that may include it
THIRD = [
    (re.compile(r"libwebsockets"), ("server/web/",)),
    (re.compile(r"sqlite3\.h"), ("server/store/",)),
    (re.compile(r"opus"), ("media/audio/encode.c", "media/audio/join.c", "media/audio/voice.c", "media/client/codec.c")),
    (re.compile(r"gst/|glib"), ("media/recording/", "server/exchange/")),  # pango's own types
    (re.compile(r"openssl/"), ("media/rtc/", "media/worker/", "media/recording/", "server/web/", "server/record/", "server/store/",
                               "server/identity/", "server/documents/", "server/exchange/")),
    (re.compile(r"sodium"), ("server/identity/", "server/record/", "server/store/")),
    (re.compile(r"pango|cairo"), ("server/exchange/", "media/recording/export/")),
    (re.compile(r"webp/"), ("media/recording/export/",)),
    (re.compile(r"seccomp"), ("media/imaging/",)),
]
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^">]+)[">]')
ROOMS = {"server": ("store", "meeting", "record", "identity", "documents", "exchange", "web", "live", "api", "app"),
         "media": ("rtc", "audio", "recording", "worker", "client", "mediaclient", "imaging")}


def includes(path, lines):
    top = path.parts[0]
    if top not in ("server", "media", "protocols"):
        return
    for n, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        name = match.group(1)
        for pattern, places in THIRD:
            if pattern.search(name) and not str(path).startswith(places):
                say(path, n, f"{name} belongs to {places[0]}")
        first = name.split("/")[0]
        if top == "media" and "/" in name and first in ROOMS["server"]:
            say(path, n, f"media knows nothing of server/{first}")
        if top == "protocols" and "/" in name and first in ROOMS["server"] + ROOMS["media"]:
            say(path, n, f"protocols know no room: {name}")
        if top == "server" and first in ROOMS["media"] and "/" in name:
            say(path, n, f"server sees media only by media/media.h, not {name}")
        if top == "server" and path.parts[1] in ("meeting", "record") and re.match(r"(uv|sys/socket|unistd|stdio)\.h", name):
            if name != "stdio.h" or path.parts[1] == "meeting":  # record formats decimals
                say(path, n, f"a core does no I/O: {name}")


# A core is given the time; it never asks.
ASKS_TIME = re.compile(r"\b(vtb_wall_us|vtb_mono_us|clock_gettime|gettimeofday|time)\s*\(")
FORBIDDEN = re.compile(r"(?<![\w.>])(strcpy|strcat|sprintf|vsprintf|atoi|atol|atof|gets|system|popen|strtok|alloca)\s*\(")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
# Built from parts, so that this file is not what it looks for.
MACHINE = re.compile("(/" + r"work/|/" + r"home/[a-z]|/" + r"Users/|registry\.npm" + r"js|deb\." + r"debian\.org|pypi\." + r"org|proxy\." + r"golang)")
FUNCTION = re.compile(r"^[A-Za-z_].*\)\s*$|^[A-Za-z_][^;=]*\($")


def functions(path, lines):
    start = name_line = None
    for n, line in enumerate(lines, 1):
        if line.startswith("{"):
            start, name_line = n, n - 1
        elif line.startswith("}") and start:
            if not line.startswith("};") and n - start + 1 > 80:
                near = "\n".join(lines[max(0, name_line - 12):start + 3])
                if "long because" not in near:
                    say(path, start, f"a function of {n - start + 1} lines without a reason")
            start = None


def text(path, lines):
    tests_walls = path.parts[0] == "tests" and path.parts[1] == "lint"
    for n, line in enumerate(lines, 1):
        code = re.sub(r'"(\\.|[^"\\])*"', '""', line) if path.suffix in (".c", ".h") else line
        if path.suffix in (".c", ".h"):
            match = FORBIDDEN.search(re.sub(r"/\*.*?\*/|//.*", "", code))
            if match and not line.lstrip().startswith("*"):
                say(path, n, f"{match.group(1)} is not used here")
            if path.parts[:2] in (("server", "meeting"), ("server", "record"), ("media", "audio")) and ASKS_TIME.search(code):
                say(path, n, "a core is given the time")
        if not tests_walls and UNFINISHED.search(line) and path.suffix != ".json":
            say(path, n, "unfinished work is written down elsewhere")
        match = MACHINE.search(line)
        if match and not tests_walls and path.name != "package-lock.json":
            say(path, n, f"{match.group(0)} is somebody's machine or a registry")


def readmes(all_files):
    folders = {p.parent for p in all_files if p.suffix in CODE}
    names = {str(p) for p in all_files}
    for folder in sorted(folders):
        if "fixtures" in folder.parts or folder == pathlib.Path("."):
            continue
        at, found = folder, False
        # A small folder inside a room is described by the room's page.
        for up in (at, at.parent):
            found = found or str(up / "README.md") in names
        if not found:
            say(folder, 1, "no README.md says what lives here")
    for path in all_files:
        if path.name == "README.md" and len(path.parts) > 1:
            n = len((ROOT / path).read_text().splitlines())
            if n > 60:
                say(path, 1, f"a README of {n} lines; 60 are the most")


def main():
    all_files = files()
    for path in all_files:
        if path.suffix not in CODE | {".md", ".json", ".txt", ".cmake", ".sql", ".service"}:
            continue
        if path.suffix == ".json" and path.parts[0] != "protocols":
            continue
        try:
            content = (ROOT / path).read_text()
        except UnicodeDecodeError:
            continue
        lines = content.splitlines()
        text(path, lines)
        if path.suffix in CODE:
            if len(lines) > 600 and "long because" not in "\n".join(lines[:30]):
                say(path, 1, f"{len(lines)} lines without a reason")
        if path.suffix in (".c", ".h"):
            includes(path, lines)
            functions(path, lines)
    readmes(all_files)
    for line in wrong:
        print(line)
    print(f"{len(all_files)} files, {len(wrong)} against the walls and sizes")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

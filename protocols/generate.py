#!/usr/bin/env python3
"""Emits C and TypeScript from the JSON Schemas of this folder. Standard library only.

A closed subset of JSON Schema is understood: object (additionalProperties false), string
(maxLength, minLength, format uuid, enum, const), integer (minimum, maximum), boolean, array
(items, maxItems) and $ref to another definition. An unknown keyword stops the build.

C:   one struct a definition. Strings are vtb_str borrowed from the parsed json_t; arrays come
     from an arena; optional members have a has_ flag. Parse refuses what does not fit.
TS:  one interface a definition; Event and Request are unions told apart by k.

usage: generate.py c OUT_DIR | ts OUT_FILE
"""
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
KNOWN = {"type", "description", "properties", "required", "additionalProperties", "maxLength",
         "minLength", "format", "enum", "const", "minimum", "maximum", "items", "maxItems", "$ref",
         "x-stream", "x-compartment", "x-audience"}


def load(path):
    return json.loads((HERE / path).read_text())["$defs"]


def check(where, node):
    for key in node:
        if key not in KNOWN:
            sys.exit(f"{where}: keyword {key} is not in the subset")
    for name, prop in node.get("properties", {}).items():
        check(f"{where}.{name}", prop)
    if "items" in node:
        check(where + "[]", node["items"])


def snake(name):
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


# Members whose names are words of C.
C_NAMES = {"case": "case_id", "unsigned": "unsigned_plan"}


def camel(name):
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[._]", name))


def is_message(name, node):
    return "x-stream" in node


EVENTS = load("signal/events.json")
REQUESTS = load("signal/requests.json")
LANE = load("signal/lane.json")
SERVER = load("signal/server.json")
BODIES = load("http/bodies.json")
ANSWERS = load("http/answers.json")
LIMITS = json.loads((HERE / "limits.json").read_text())
SPECIALTIES = [s["id"] for s in json.loads((HERE / "record/specialties.json").read_text())["specialties"]]
for defs in (EVENTS, REQUESTS, LANE, SERVER, BODIES, ANSWERS):
    for def_name, def_node in defs.items():
        check(def_name, def_node)


class Group:
    """Definitions that share a C prefix: t (types), ev, ask, lane, body."""

    def __init__(self, prefix, defs, types):
        self.prefix, self.defs, self.types = prefix, defs, types

    def struct(self, name):
        return f"struct vtb_{self.prefix}_{snake(name)}"


def ref_name(ref):
    return ref.rsplit("/", 1)[1]


class C:
    def __init__(self):
        self.head, self.body = [], []
        self.enums = {}
        self.owner = {}

    def enum_of(self, prefix, name, values):
        """Equal value lists share one enum type, named after its first use."""
        key = tuple(values)
        if key not in self.enums:
            tag = f"vtb_{prefix}_{snake(name)}"
            while tag in self.enums.values():
                tag += "_"
            self.enums[key] = tag
            up = tag.upper()
            self.head.append(f"enum {tag} {{ " + ", ".join(
                f"{up}_{snake(v).upper() or 'NONE'}" for v in values) + " };")
            self.head.append(f"const char *{tag}_name(enum {tag} v);")
            words = ", ".join(json.dumps(v) for v in values)
            self.body.append(
                f"static const char *const {tag}_words[] = {{ {words} }};\n"
                f"const char *{tag}_name(enum {tag} v)\n{{\n"
                f"    return (size_t)v < {len(values)} ? {tag}_words[v] : \"\";\n}}\n")
        return self.enums[key]

    def member(self, prefix, owner, name, node, defs):
        """(declaration lines, parse lines, write lines) of one member."""
        f = C_NAMES.get(name, snake(name))
        if "$ref" in node:
            s = self.owner[ref_name(node["$ref"])]
            return ([f"struct {s} {f};"],
                    [f"VTB_TRY({s}_parse(json_object_get(in, \"{name}\"), arena, &out->{f}));"],
                    [f"vtb_json_put(out, \"{name}\", {s}_write(&in->{f}));"])
        if "const" in node:
            return [], [], [f"vtb_json_put(out, \"{name}\", json_string({json.dumps(node['const'])}));"]
        t = node["type"]
        if t == "string" and "enum" in node:
            tag = self.enum_of(prefix, owner + "_" + name, node["enum"])
            n = len(node["enum"])
            return ([f"enum {tag} {f};"],
                    [f"{{ int v; VTB_TRY(vtb_json_enum(json_object_get(in, \"{name}\"), {tag}_words, {n}, &v));"
                     f" out->{f} = (enum {tag})v; }}"],
                    [f"vtb_json_put(out, \"{name}\", json_string({tag}_name(in->{f})));"])
        if t == "string" and node.get("format") == "uuid":
            return ([f"struct vtb_id {f};"],
                    [f"VTB_TRY(vtb_json_id(json_object_get(in, \"{name}\"), &out->{f}));"],
                    [f"vtb_json_put(out, \"{name}\", vtb_json_from_id(in->{f}));"])
        if t == "string":
            return ([f"struct vtb_str {f}; /* {node.get('minLength', 0)}..{node['maxLength']} bytes */"],
                    [f"VTB_TRY(vtb_json_str(json_object_get(in, \"{name}\"), {node.get('minLength', 0)}, "
                     f"{node['maxLength']}, &out->{f}));"],
                    [f"vtb_json_put(out, \"{name}\", vtb_json_from_str(in->{f}));"])
        if t == "integer":
            return ([f"int64_t {f}; /* {node['minimum']}..{node['maximum']} */"],
                    [f"VTB_TRY(vtb_json_int(json_object_get(in, \"{name}\"), {node['minimum']}LL, "
                     f"{node['maximum']}LL, &out->{f}));"],
                    [f"vtb_json_put(out, \"{name}\", json_integer((json_int_t)in->{f}));"])
        if t == "boolean":
            return ([f"bool {f};"],
                    [f"VTB_TRY(vtb_json_bool(json_object_get(in, \"{name}\"), &out->{f}));"],
                    [f"vtb_json_put(out, \"{name}\", json_boolean(in->{f}));"])
        if t == "array":
            return self.array(prefix, owner, name, f, node)
        sys.exit(f"{owner}.{name}: cannot emit {node}")

    def array(self, prefix, owner, name, f, node):
        item, n = node["items"], node["maxItems"]
        if "$ref" in item:
            s = self.owner[ref_name(item["$ref"])]
            ctype, parse, write = f"struct {s}", f"{s}_parse(at, arena, &to[i])", f"{s}_write(&in->{f}[i])"
        elif item.get("format") == "uuid":
            ctype, parse, write = "struct vtb_id", "vtb_json_id(at, &to[i])", f"vtb_json_from_id(in->{f}[i])"
        elif "enum" in item:
            tag = self.enum_of(prefix, owner + "_" + name, item["enum"])
            ctype = f"enum {tag}"
            parse = f"vtb_json_enum(at, {tag}_words, {len(item['enum'])}, (int *)&to[i])"
            write = f"json_string({tag}_name(in->{f}[i]))"
        else:
            ctype = "struct vtb_str"
            parse = f"vtb_json_str(at, {item.get('minLength', 0)}, {item['maxLength']}, &to[i])"
            write = f"vtb_json_from_str(in->{f}[i])"
        return ([f"const {ctype} *{f}; /* 0..{n} */", f"size_t {f}_n;"],
                [f"{{ json_t *list = json_object_get(in, \"{name}\"); size_t n = json_array_size(list);",
                 f"  if (!json_is_array(list)) return VTB_PARSE;",
                 f"  if (n > {n}) return VTB_LIMIT;",
                 f"  {ctype} *to = vtb_arena_take(arena, n * sizeof *to + 1);",
                 "  if (!to) return VTB_NOMEM;",
                 f"  for (size_t i = 0; i < n; i++) {{ json_t *at = json_array_get(list, i); VTB_TRY({parse}); }}",
                 f"  out->{f} = to; out->{f}_n = n; }}"],
                ["{ json_t *list = json_array();",
                 f"  for (size_t i = 0; i < in->{f}_n; i++) json_array_append_new(list, {write});",
                 f"  vtb_json_put(out, \"{name}\", list); }}"])

    def struct(self, prefix, name, node):
        tag = f"vtb_{prefix}_{snake(name)}"
        self.owner[name] = tag
        required = set(node.get("required", []))
        decl, parse, write = [], [], []
        for prop, sub in node["properties"].items():
            d, p, w = self.member(prefix, name, prop, sub, None)
            if prop not in required:
                has = "has_" + C_NAMES.get(prop, snake(prop))
                decl.append(f"bool {has};")
                p = [f"if (json_object_get(in, \"{prop}\")) {{"] + p + [f"out->{has} = true; }}"]
                w = [f"if (in->{has}) {{"] + w + ["}"]
            decl += d
            parse += p
            write += w
        doc = node.get("description", "")
        if not decl:
            decl = ["char none; /* no members */"]
        self.head.append((f"/* {doc} */\n" if doc else "") + f"struct {tag} {{\n    " + "\n    ".join(decl) + "\n};")
        self.head.append(f"VTB_MUST_USE enum vtb_err {tag}_parse(json_t *in, struct vtb_arena *arena, struct {tag} *out);")
        self.head.append(f"json_t *{tag}_write(const struct {tag} *in);\n")
        keys = ", ".join(json.dumps(k) for k in node["properties"]) or "\"\""
        self.body.append(
            f"enum vtb_err {tag}_parse(json_t *in, struct vtb_arena *arena, struct {tag} *out)\n{{\n"
            f"    static const char *const keys[] = {{ {keys} }};\n"
            f"    (void)arena;\n    memset(out, 0, sizeof *out);\n"
            f"    VTB_TRY(vtb_json_object(in, keys, {len(node['properties'])}));\n    "
            + "\n    ".join(parse) + "\n    return VTB_OK;\n}\n"
            f"json_t *{tag}_write(const struct {tag} *in)\n{{\n    json_t *out = json_object();\n    (void)in;\n    "
            + "\n    ".join(write) + "\n    return out;\n}\n")
        return tag

    def union(self, word, messages, extra):
        """An enum of kinds, a struct with a union, and one parse and write over all of them."""
        up = word.upper()
        self.head.append(f"enum vtb_{word}_kind {{\n    " + ",\n    ".join(
            f"VTB_{up}_{snake(n).upper()}" for n in messages) + f"\n}};\n#define VTB_{up}_KINDS {len(messages)}u")
        self.head.append(f"struct vtb_{word} {{\n    enum vtb_{word}_kind kind;\n{extra}    union {{\n        " + "\n        ".join(
            f"struct {self.owner[n]} {snake(n)};" for n in messages) + "\n    } u;\n};")
        self.head.append(
            f"/* PARSE: unknown name or a member that does not fit; LIMIT: over a bound. Borrows `data`. */\n"
            f"VTB_MUST_USE enum vtb_err vtb_{word}_parse(const char *name, json_t *data, struct vtb_arena *arena,\n"
            f"                                   struct vtb_{word} *out);\n"
            f"json_t *vtb_{word}_write(const struct vtb_{word} *in); /* the data object; NULL: no memory */\n"
            f"const char *vtb_{word}_name(enum vtb_{word}_kind kind);\n")
        names = ",\n    ".join(json.dumps(n) for n in messages)
        cases_p = "\n".join(f"    case VTB_{up}_{snake(n).upper()}: return {self.owner[n]}_parse(data, arena, &out->u.{snake(n)});" for n in messages)
        cases_w = "\n".join(f"    case VTB_{up}_{snake(n).upper()}: return {self.owner[n]}_write(&in->u.{snake(n)});" for n in messages)
        self.body.append(f"""static const char *const vtb_{word}_names[] = {{
    {names}
}};
const char *vtb_{word}_name(enum vtb_{word}_kind kind)
{{
    return (size_t)kind < {len(messages)} ? vtb_{word}_names[kind] : "";
}}
enum vtb_err vtb_{word}_parse(const char *name, json_t *data, struct vtb_arena *arena, struct vtb_{word} *out)
{{
    size_t kind = 0;
    while (kind < {len(messages)} && strcmp(vtb_{word}_names[kind], name) != 0)
        kind++;
    if (kind == {len(messages)})
        return VTB_PARSE;
    out->kind = (enum vtb_{word}_kind)kind;
    switch (out->kind) {{
{cases_p}
    }}
    return VTB_PARSE;
}}
json_t *vtb_{word}_write(const struct vtb_{word} *in)
{{
    switch (in->kind) {{
{cases_w}
    }}
    return NULL;
}}
""")


def emit_c(out_dir):
    c = C()
    messages = [n for n in EVENTS if is_message(n, EVENTS[n])]
    for name, node in EVENTS.items():
        c.struct("ev" if name in messages else "t", name, node)
    c.union("event", messages, "    uint64_t seq;   /* place in its stream, 1 is first; 0: not stored yet */\n"
            "    int64_t at_us;  /* wall clock, UTC */\n    struct vtb_id by; /* seat or person, nil: the server */\n")
    c.head.append("enum vtb_stream { VTB_STREAM_MEETING, VTB_STREAM_CASE, VTB_STREAM_SITE };\n"
                  "enum vtb_compartment { VTB_CLINICAL, VTB_DELIBERATION };\n"
                  "/* all: every seat; item: staff and the guests of that item; staff: no guest. */\n"
                  "enum vtb_audience { VTB_AUDIENCE_ALL, VTB_AUDIENCE_ITEM, VTB_AUDIENCE_STAFF };\n"
                  "enum vtb_stream vtb_event_stream(enum vtb_event_kind kind);\n"
                  "enum vtb_compartment vtb_event_compartment(enum vtb_event_kind kind);\n"
                  "enum vtb_audience vtb_event_audience(enum vtb_event_kind kind);\n")
    for what, key, up in (("stream", "x-stream", "STREAM_"), ("compartment", "x-compartment", ""), ("audience", "x-audience", "AUDIENCE_")):
        values = ", ".join(f"VTB_{up}{EVENTS[n][key].upper()}" for n in messages)
        c.body.append(f"enum vtb_{what} vtb_event_{what}(enum vtb_event_kind kind)\n{{\n"
                      f"    static const enum vtb_{what} of[] = {{ {values} }};\n    return of[kind];\n}}\n")
    for name, node in REQUESTS.items():
        c.struct("ask", name, node)
    c.union("ask", list(REQUESTS), "    int64_t id; /* the client's own number, echoed in the reply */\n")
    for name, node in LANE.items():
        c.struct("lane", name, node)
    c.owner["case_record"] = "vtb_t_case_record"
    for name, node in BODIES.items():
        c.struct("body", name, node)
    c.head.append("bool vtb_specialty_is_known(struct vtb_str code); /* of protocols/record/specialties.json */\n")
    codes = ", ".join(json.dumps(s) for s in SPECIALTIES)
    c.body.append("bool vtb_specialty_is_known(struct vtb_str code)\n{\n"
                  f"    static const char *const known[] = {{ {codes} }};\n\n"
                  "    for (size_t i = 0; i < VTB_COUNT(known); i++)\n"
                  "        if (vtb_str_is(code, vtb_str_of(known[i])))\n            return true;\n    return false;\n}\n")
    guard = "/* Generated by protocols/generate.py; do not edit. */\n"
    (out_dir / "signal").mkdir(parents=True, exist_ok=True)
    (out_dir / "signal/signal.h").write_text(
        guard + "#ifndef VTB_SIGNAL_H\n#define VTB_SIGNAL_H\n\n#include \"base/arena.h\"\n#include \"base/id.h\"\n"
        "#include \"base/str.h\"\n\n#include <jansson.h>\n\n" + "\n".join(c.head) + "\n#endif\n")
    (out_dir / "signal/signal.c").write_text(
        guard + "#include \"signal/signal.h\"\n#include \"signal/json.h\"\n\n#include <string.h>\n\n" + "\n".join(c.body))
    (out_dir / "limits").mkdir(parents=True, exist_ok=True)
    (out_dir / "limits/limits.h").write_text(
        guard + "#ifndef VTB_LIMITS_H\n#define VTB_LIMITS_H\n" + "".join(
            f"#define VTB_MAX_{k.upper()} {v}\n" for k, v in LIMITS.items()) + "#endif\n")


def ts_type(node):
    if "$ref" in node:
        return camel(ref_name(node["$ref"]))
    if "const" in node:
        return json.dumps(node["const"])
    if "enum" in node:
        return " | ".join(json.dumps(v) for v in node["enum"])
    kind = node["type"]
    if kind == "array":
        inner = ts_type(node["items"])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if kind == "object":
        return "Record<string, unknown>"
    return {"string": "string", "integer": "number", "boolean": "boolean"}[kind]


def ts_interface(name, node):
    required = set(node.get("required", []))
    lines = []
    for prop, sub in node["properties"].items():
        doc = sub.get("description")
        lines.append(f"  {prop}{'' if prop in required else '?'}: {ts_type(sub)};" + (f" // {doc}" if doc else ""))
    doc = node.get("description")
    return (f"/** {doc} */\n" if doc else "") + f"export interface {name} {{\n" + "\n".join(lines) + "\n}\n"


def emit_ts(out_file):
    out = ["// Generated by protocols/generate.py; do not edit.\n"]
    messages = [n for n in EVENTS if is_message(n, EVENTS[n])]
    for name, node in EVENTS.items():
        out.append(ts_interface(("Ev" if name in messages else "") + camel(name), node))
    out.append("export type EventData =\n" + "\n".join(f"  | {{ k: '{n}'; d: Ev{camel(n)} }}" for n in messages) + ";\n")
    out.append("export type LogEvent = EventData & { s: 'meeting' | 'case'; id: string; n: number; at: number; by: string };\n")
    for name, node in REQUESTS.items():
        out.append(ts_interface("Ask" + camel(name), node))
    out.append("export interface AskMap {\n" + "\n".join(f"  '{n}': Ask{camel(n)};" for n in REQUESTS) + "\n}\n")
    for name, node in LANE.items():
        out.append(ts_interface("Lane" + camel(name) if "." in name or name in ("pointer", "talking", "sound", "beat", "link", "followers") else camel(name), node))
    out.append("export type Lane =\n" + "\n".join(
        f"  | {{ t: 'lane'; k: '{n}'; d: Lane{camel(n)} }}" for n in LANE
        if n in ("pointer", "view.live", "talking", "sound", "beat", "link", "followers")) + ";\n")
    for name, node in SERVER.items():
        out.append(ts_interface({"you": "You", "ice_server": "IceServer"}.get(name, "Server" + camel(name)), node))
    for name, node in BODIES.items():
        out.append(ts_interface("Body" + camel(name), node) if name != "agenda_item" else ts_interface("AgendaItem", node))
    for name, node in ANSWERS.items():
        out.append(ts_interface(camel(name), node))
    out.append("export const limits = " + json.dumps(LIMITS) + " as const;\n")
    out_file.parent.mkdir(parents=True, exist_ok=True)
    out_file.write_text("\n".join(out))


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("c", "ts"):
        sys.exit(__doc__)
    target = pathlib.Path(sys.argv[2])
    emit_c(target) if sys.argv[1] == "c" else emit_ts(target)

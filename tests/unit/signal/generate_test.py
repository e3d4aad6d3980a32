#!/usr/bin/env python3
"""generate.py stops at what it does not understand, instead of emitting something else."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

PROTOCOLS = pathlib.Path(__file__).resolve().parents[3] / "protocols"


def run(change):
    """Runs the generator over a copy of the schemas that `change` has edited."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "protocols"
        shutil.copytree(PROTOCOLS, copy)
        path = copy / "signal/requests.json"
        schema = json.loads(path.read_text())
        change(schema["$defs"])
        path.write_text(json.dumps(schema))
        return subprocess.run([sys.executable, copy / "generate.py", "c", pathlib.Path(folder) / "out"],
                              capture_output=True, text=True)


def keyword(where, name, value):
    def change(defs):
        node = defs["plan.set"]
        for step in where:
            node = node[step]
        node[name] = value
    return change


def main():
    good = run(lambda defs: None)
    assert good.returncode == 0, good.stderr
    for where, name, value in (
            (["properties", "value"], "pattern", "^a"), (["properties", "base"], "multipleOf", 2),
            ([], "oneOf", []), ([], "patternProperties", {}), (["properties", "value"], "maxlength", 5)):
        bad = run(keyword(where, name, value))
        assert bad.returncode != 0, f"{name} was taken"
        assert name in bad.stderr and "plan.set" in bad.stderr, bad.stderr
    bad = run(lambda defs: defs["plan.set"]["properties"]["value"].update(type="number"))
    assert bad.returncode != 0, "a number was taken"
    print("generate.py stops where it should")


if __name__ == "__main__":
    main()

"""The script of the page, run by node: one process answers all questions of a module."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import lexbits

SCRIPT = (Path(lexbits.__file__).parent / "report" / "model.js").read_text(encoding="utf-8")

DRIVER = """
const scripts = new Map(), models = new Map();
const once = (map, key, make) => map.get(key) ?? map.set(key, make()).get(key);
const answer = (line) => {
  const { script, model, body, given } = JSON.parse(line);
  try {
    const lexbits = once(scripts, script, () => new Function(script + "; return lexbits")());
    const loaded = model && once(models, script + model, () => lexbits.load(JSON.parse(model)));
    const random = lexbits.random(given.seed ?? 0);
    return { found: new Function("lexbits", "model", "random", "given", body)(
      lexbits, loaded, random, given) };
  } catch (error) {
    return { error: error.message };
  }
};
const plain = (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
const lines = require("node:readline").createInterface({ input: process.stdin });
lines.on("line", (line) => console.log(JSON.stringify(answer(line), plain)));
"""


class ScriptError(Exception):
    """What the script threw."""


class Node:
    """A process of node that runs functions over `lexbits`, the script, and what they are given."""

    def __init__(self):
        program = shutil.which("node")
        if program is None:
            pytest.skip("node is not installed: it runs the script of the page")
        self.process = subprocess.Popen(
            [program, "-e", DRIVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def run(self, body, script=SCRIPT, model="", **given):
        """Return what the body of a function of `lexbits`, `model`, `random` and `given` returns.

        `model` is loaded from its description, as text; `random` has the seed that is given, or 0.
        """
        question = {"script": script, "model": model, "body": body, "given": given}
        print(json.dumps(question), file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise ScriptError(answer["error"])
        return answer.get("found")

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()

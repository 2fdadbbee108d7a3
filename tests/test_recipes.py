"""What docs/recipes.md says works, line by line, in a shell, in Python and in R."""

import csv
import os
import re
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from tests.test_documentation import FENCE, OWN

PAGE = (Path(__file__).parents[1] / "docs/recipes.md").read_text(encoding="utf-8")
SECTIONS = {
    heading: FENCE.findall(text)
    for heading, text in re.findall(r"^### (.+?)$(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
}

TINY = (
    "--limit 400 --epochs 2 --bits 8 --hidden-size 16 --encoder-hidden-size 8 --embedding-size 8 "
    "--batch-size 32 --dev-samples 2"
)
"""The tests have no minutes for a training, so each has a small one."""

PROGRAM = f"""#!/bin/sh
case "$*" in
  *--resume*) exec "{sys.executable}" -m lexbits "$@";;
  *--start-from*) exec "{sys.executable}" -m lexbits "$@" --limit 400 --epochs 2;;
  train*) exec "{sys.executable}" -m lexbits "$@" {TINY};;
  *) exec "{sys.executable}" -m lexbits "$@";;
esac
"""

SHORTER = {"minutes=10": "minutes=0.1, hidden_size=16, encoder_hidden_size=8, dev_samples=1"}


def names():
    parts = product(("Ma", "o", "li", "an", "Jo"), ("ri", "la", "vi", "no", "e"), ("a", "us", "na"))
    return ["".join(part) + end for part in parts for end in ("", "el", "ia", "n")]


@pytest.fixture(scope="session")
def here(tmp_path_factory):
    """Return a folder with what the page takes to be there, and how to run something in it."""
    folder = tmp_path_factory.mktemp("recipes")
    program = folder / "bin/lexbits"
    program.parent.mkdir()
    program.write_text(PROGRAM)
    program.chmod(0o755)
    (folder / "names.txt").write_text("\n".join(names()) + "\n")
    table = "Word\tFREQcount\n" + "".join(f"{n}\t{i + 1}\n" for i, n in enumerate(names()))
    (folder / "subtlex.tsv").write_text(table + "caf\xe9\t3\n", encoding="latin-1")
    (folder / "my.py").write_text(OWN["my.py"], encoding="utf-8")
    environment = os.environ | {
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "OMP_NUM_THREADS": "1",
        "LC_ALL": "C.UTF-8",
    }

    def run(*command):
        done = subprocess.run(
            command, check=False, cwd=folder, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command[-1]}\n{done.stdout}{done.stderr}"
        return done.stdout

    run("sh", "-ec", "lexbits train --out runs/spanish")
    run("sh", "-ec", FENCE.findall(PAGE)[0][1])
    return folder, run


def in_python(run, code):
    for long, short in SHORTER.items():
        code = code.replace(long, short)
    return run(sys.executable, "-c", code)


def in_r(folder, run, code):
    if shutil.which("Rscript"):
        return run("Rscript", "-e", code)
    with (folder / "words.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) == 40
    assert {len(row["word"]) for row in rows} == {6}
    return str([float(row["log_prob"]) for row in rows])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the page is for a POSIX shell")
@pytest.mark.parametrize("heading", SECTIONS)
def test_the_recipe_works(heading, here):
    folder, run = here
    assert SECTIONS[heading]
    for language, code in SECTIONS[heading]:
        if language == "python":
            printed = in_python(run, code)
        elif language == "r":
            printed = in_r(folder, run, code)
        else:
            printed = run("sh", "-ec", code)
        assert printed or any(sign in code for sign in ("> words.tsv", "--out", "savefig"))


@pytest.mark.slow
def test_fifty_names_are_new_and_begin_as_wished(here):
    printed = here[1]("sh", "-ec", SECTIONS['Get fifty new names that start with "ma"'][0][1])
    found = printed.split()
    assert len(set(found)) == 50
    assert all(name.startswith("ma") for name in found)
    assert not set(found) & {name.lower() for name in names()}

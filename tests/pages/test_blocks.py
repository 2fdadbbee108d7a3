"""Every block of the pages works, in order, in a folder where the page's reader would be."""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from itertools import product

import pytest

from lexbits.cli import build
from lexbits.config import resolve
from lexbits.pretrained import places
from tests.pages.blocks import DOCS, PAGES, blocks
from tests.pages.serve import STAND_IN, served
from tests.pages.tiny import shorter

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="commands are served by forks"),
    pytest.mark.filterwarnings("ignore::lexbits.errors.LexbitsWarning"),
]
PREPARED = (
    "train names.txt --lowercase --out runs/names",  # which the pages take to be there
    f"train spanish.txt --out {STAND_IN}/es",
)


def names():
    parts = product(("Ma", "o", "li", "an", "Jo"), ("ri", "la", "vi", "no", "e"), ("a", "us", "na"))
    return ["".join(part) + end for part in parts for end in ("", "el", "ia", "n")]


def spanish():
    parts = product("bcdfghjklmnñpqrstvwxyz", "aeiouáéíóúü", ("", "rro", "nte", "s"))
    return ["".join(part) for part in parts]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """Return a folder with the files that the pages name, and a run."""
    folder = tmp_path_factory.mktemp("prepared")
    (folder / "names.txt").write_text("\n".join(names()) + "\n")
    (folder / "spanish.txt").write_text("\n".join(spanish()) + "\n", encoding="utf-8")
    table = "Word\tFREQcount\n" + "".join(f"{n}\t{i + 1}\n" for i, n in enumerate(names()))
    (folder / "subtlex.tsv").write_text(table + "caf\xe9\t3\n", encoding="latin-1")
    shutil.copy(DOCS / "how-to" / "estimator_skeleton.py", folder)
    return folder


@pytest.fixture(scope="session")
def program(prepared):
    """Return a folder with `lexbits` in it, for a shell."""
    with served(prepared, *(command.split() for command in PREPARED)) as folder:
        (prepared / STAND_IN / "es" / places.CARD).write_text("{}")
        yield folder


@pytest.fixture
def here(prepared, program, tmp_path, monkeypatch):
    """Return a fresh copy of that folder, and be there."""
    folder = tmp_path / "here"
    shutil.copytree(prepared, folder, ignore=lambda *_: {STAND_IN})
    monkeypatch.setattr(places, "MODELS", prepared / STAND_IN)
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(folder)
    shorter(monkeypatch)
    return folder


def in_shell(program, folder, code):
    environment = os.environ | {
        "PATH": f"{program}{os.pathsep}{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        ["sh", "-ec", code],
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{code}\n{done.stdout}{done.stderr}"
    return done.stdout


def in_python(code, names):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "page.py", "exec"), names)
    return said.getvalue()


def in_r(code):
    if not shutil.which("Rscript"):
        return "R is not here"
    done = subprocess.run(["Rscript", "-e", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{code}\n{done.stdout}{done.stderr}"
    return done.stdout


def parsed(code):
    """Parse the commands of lexbits in a script as they would be, and run none."""
    commands = re.findall(r"\blexbits ((?:.*\\\n)*.*)", code)
    assert commands
    for command in commands:
        arguments = [a for a in shlex.split(command, comments=True) if not a.startswith(("<", ">"))]
        build(arguments[0]).parse_args(arguments, exit_on_error=False, print_error=False)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(PAGES[page])])
def test_a_page_works_from_top_to_bottom(page, program, here):
    names = {"__name__": "__main__"}
    for block in blocks(PAGES[page]):
        if block.mark == "parsed":
            parsed(block.code)
        elif block.language == "sh" and block.mark in ("", "shown"):
            in_shell(program, here, block.code)
        elif block.language == "python":
            in_python(block.code, names)
        elif block.language == "r":
            in_r(block.code)
        elif block.language == "toml":
            resolve(tomllib.loads(block.code))
        else:
            assert block.mark == "elsewhere", f"{page}, line {block.line}: nothing runs this"

"""What `lexbits` offers is there after `import lexbits`, and loads nothing before it is used."""

import ast
import rlcompleter
import subprocess
import sys
from pathlib import Path

import pytest

import lexbits
from tests.test_examples import ALONE, GATHERED

MODULES = [name for name in dir(lexbits) if name not in lexbits.__all__]


def run(program):
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_names_are_listed_and_loaded_only_when_they_are_used():
    listed = (
        "import lexbits, sys; dir(lexbits); "
        "print([m for m in sys.modules if m.split('.')[0] in ('torch', 'sklearn', 'pandas')"
        " or m.startswith('lexbits.')])"
    )
    assert run(listed) == "[]"


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_there_after_the_package_is_imported(name):
    assert getattr(lexbits, name) is sys.modules[f"lexbits.{name}"]


def test_a_module_needs_no_import_of_its_own():
    program = "import lexbits; print(lexbits.errors.UsageError.exit_status, lexbits.config.PRESETS)"
    assert run(program).startswith("2 ")


def test_a_star_imports_the_object_and_no_modules():
    names = {}
    exec("from lexbits import *", names)
    assert names.keys() - {"__builtins__"} == set(lexbits.__all__)


def test_completion_finds_every_name():
    complete = rlcompleter.Completer({"lexbits": lexbits}).attr_matches
    found = {match.removeprefix("lexbits.").rstrip("()") for match in complete("lexbits.")}
    assert {name for name in dir(lexbits) if name[0] != "_"} <= found
    assert complete("lexbits.che") == ["lexbits.checking"]


def test_type_checkers_and_editors_see_the_same_names():
    tree = ast.parse(Path(lexbits.__file__).read_text(encoding="utf-8"))
    (block,) = [
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    named = {
        alias.asname or alias.name
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    named |= {ast.unparse(node.target) for node in block.body if isinstance(node, ast.AnnAssign)}
    assert named == set(dir(lexbits))


def test_the_modules_whose_examples_are_run_are_the_public_ones():
    """`errors` is raised, not called."""
    assert {name.split(".")[0] for name in (*GATHERED, *ALONE)} | {"errors"} == set(MODULES)


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="module 'lexbits' has no attribute 'nonsense'"):
        lexbits.nonsense  # noqa: B018
    assert "importlib" not in dir(lexbits)

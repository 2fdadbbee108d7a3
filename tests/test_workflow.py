"""The workflow of hosted CI, which cannot run here: what it calls exists and is called rightly."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from lexbits.cli import build

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
STEPS = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
LINES = [shlex.split(line) for step in STEPS for line in step.get("run", "").splitlines()]


def after(*program):
    """Return the arguments of each line that begins so."""
    found = [line[len(program) :] for line in LINES if line[: len(program)] == list(program)]
    assert found, program
    return found


def test_it_may_only_read_and_stops_what_is_out_of_date():
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert WORKFLOW["concurrency"]["cancel-in-progress"] is True
    for job in WORKFLOW["jobs"].values():
        assert job["timeout-minutes"] <= 60
        assert "permissions" not in job


def test_actions_are_those_of_their_hosts_at_a_major_version():
    for step in STEPS:
        assert ("uses" in step) != ("run" in step)
        if "uses" in step:
            assert re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"])


@pytest.mark.parametrize("job", ["test", "wheel"])
def test_it_tries_three_systems_and_every_python_that_is_promised(job):
    matrix = WORKFLOW["jobs"][job]["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    promised = "\n".join(PROJECT["project"]["classifiers"])
    assert matrix["python"] == re.findall(r":: (3\.\d+)", promised)


def test_every_program_is_known():
    programs = {line[0] for line in LINES}
    assert programs == {"lexbits", "mypy", "pytest", "python", "ruff", "sphinx-build"}


def test_its_commands_are_understood():
    script = (ROOT / ".ci/wheel").read_text(encoding="utf-8")
    tried = [
        shlex.split(line) for line in re.findall(r"^  said new/bin/lexbits (.+)$", script, re.M)
    ]
    assert tried == after("lexbits")
    for arguments in tried:
        build(arguments[0]).parse_args(arguments, exit_on_error=False, print_error=False)


def test_its_markers_are_known():
    known = {marker.split(":")[0] for marker in PROJECT["tool"]["pytest"]["ini_options"]["markers"]}
    for option, expression in after("pytest"):
        assert option == "-m"
        assert set(re.findall(r"\w+", expression)) - {"and", "not"} <= known


def test_what_it_installs_and_runs_is_there():
    installed = after("python", "-m", "pip", "install", "-c", "constraints.txt")
    extras = set(PROJECT["project"]["optional-dependencies"])
    for arguments in installed:
        for named in re.findall(r"\[(.*)\]", arguments[-1]):
            assert set(named.split(",")) <= extras
    assert after("python", ".ci/distribution.py") == [["dist"]]
    assert (ROOT / ".ci/distribution.py").is_file()
    assert after("sphinx-build") == [["-W", "-n", "-q", "docs", "site"]]

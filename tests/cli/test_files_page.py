"""docs/reference/files.md describes every file of a run, and what is in it."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lexbits.data.packing import PACKED
from lexbits.runs.folder import RUN

PAGE = (Path(__file__).parents[2] / "docs/reference/files.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
NAMES = {name for row in re.findall(r"^\|(.+)\|", PAGE, re.MULTILINE) for name in row.split("`")}


def described(path):
    """The name that a file has in the page: of what is numbered, the first one."""
    path = re.sub(r"epoch-\d+", "epoch-001", re.sub(r"^(teachers/\d+/)+", "", path))
    path = re.sub(r"^(figures/\w+)\.\w+$", r"\1.png", path).replace("drawn.txt", "synthetic.txt")
    return re.sub(r"splits/\w+\.json", "splits/train.json", path)


@pytest.mark.parametrize(
    ("contents", "section"), [(RUN, "A run"), (PACKED, "Packed words")], ids=["run", "packed"]
)
def test_every_file_that_lexbits_may_write_is_described(contents, section):
    @settings(max_examples=300, database=None)
    @given(st.from_regex(contents.own, fullmatch=True, alphabet=st.characters(codec="ascii")))
    def check(path):
        assert f"`{described(path)}`" in SECTIONS[section], path

    check()


def test_every_file_that_is_described_is_one_that_lexbits_writes():
    for contents, section in ((RUN, "A run"), (PACKED, "Packed words")):
        table = SECTIONS[section].partition("\n\n|")[2].partition("\n\n")[0]
        for cells in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE):
            for name in re.findall(r"`([^`]+)`", cells):
                whole = name + "config.toml" if name.endswith("/") else name
                assert contents.own.fullmatch(whole) or name == ".lock", name


def test_the_files_of_a_run_are_described(run_folder):
    files = [p.relative_to(run_folder).as_posix() for p in run_folder.rglob("*") if p.is_file()]
    assert len(files) > 10
    assert {described(file) for file in files} <= NAMES


def test_fields_are_described(run_folder):
    def keys(file):
        return set(json.loads((run_folder / file).read_text(encoding="utf-8")))

    for file in ("data.json", "environment.json", "identity.json", "summary.json"):
        assert keys(file) <= NAMES, file
    (first, *_) = (run_folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert {name.removeprefix("dev_") for name in json.loads(first)} - {"score"} <= NAMES
    summary = json.loads((run_folder / "summary.json").read_text(encoding="utf-8"))
    assert set(summary["test"]) <= NAMES

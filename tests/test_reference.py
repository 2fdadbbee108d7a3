"""The reference has every public object: its pages are made from docstrings."""

import importlib
import re
from pathlib import Path

import pytest

from tests.test_examples import PUBLIC

PAGES = Path(__file__).parents[1] / "docs/reference/python"
MODULE = re.compile(r"^\.\. automodule:: (\S+)\n +:members:(.*)$", re.MULTILINE)


def documented():
    for page in sorted(PAGES.glob("*.md")):
        for module, names in MODULE.findall(page.read_text(encoding="utf-8")):
            listed = names.replace(",", " ").split() or getattr(
                importlib.import_module(module), "__all__", ()
            )
            yield from (f"{module}.{name}" for name in listed)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_has_its_place(name):
    assert f"lexbits.{name}" in set(documented())


def test_every_page_is_in_the_table_of_contents():
    index = (PAGES / "index.md").read_text(encoding="utf-8").split()
    assert {page.stem for page in PAGES.glob("*.md")} - {"index"} <= set(index)

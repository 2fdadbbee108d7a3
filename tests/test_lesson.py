"""The lesson as it stands: its notebooks are whole, and every exercise has an answer.

The documentation's build executes them, and they check there what they say.
"""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs/lesson"
PAGES = sorted(FOLDER.glob("[0-9]-*.md"))
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")

nbformat = pytest.importorskip("nbformat")
read = pytest.importorskip("myst_nb.core.read").read_myst_markdown_notebook
sys.path.insert(0, str(ROOT / "docs/_ext"))
notebooks = pytest.importorskip("notebooks")


def cells(path):
    return read(path.read_text(encoding="utf-8")).cells


def tags(cell):
    return set(cell.metadata.get("tags", ()))


def code_of(path):
    return [cell for cell in cells(path) if cell.cell_type == "code"]


def test_there_are_six_and_the_index_leads_to_each():
    index = (FOLDER / "index.md").read_text(encoding="utf-8")
    assert [path.name[0] for path in PAGES] == list("123456")
    for path in PAGES:
        title = path.read_text(encoding="utf-8").split("\n# ")[1].splitlines()[0]
        assert f"[{title}]({path.name})" in index
        assert f"\n{path.stem}\n" in index


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
class TestNotebook:
    def test_begins_by_installing_what_is_missing(self, path):
        first = code_of(path)[0].source
        assert "import lexbits" in first
        assert "except ImportError" in first
        assert "%pip install -q lexbits" in first

    def test_has_a_kernel_and_a_short_form_that_says_so(self, path):
        text = path.read_text(encoding="utf-8")
        assert "name: python3" in text
        assert 'short = os.environ.get("LEXBITS_LESSON") == "short"' in text
        assert "This page was made in the short form" in text

    def test_its_cells_are_python(self, path):
        for cell in code_of(path)[1:]:
            ast.parse(cell.source)

    def test_each_exercise_has_an_answer_that_is_folded(self, path):
        sections = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        exercises = [section for section in sections if section.startswith("Exercise")]
        assert exercises
        for number, section in enumerate(exercises, 1):
            assert section.startswith(f"Exercise {number}: ")
            assert "tags: [hide-cell]" in section or "<details>" in section

    def test_what_the_reader_writes_is_marked_and_so_is_the_answer(self, path):
        sections = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for section in sections:
            if "return None  # your" in section and "\nmark(" in section:
                assert "\nassert mark(" in section

    def test_what_serves_the_build_only_checks_something(self, path):
        for cell in code_of(path):
            if "remove-cell" in tags(cell):
                assert "assert" in cell.source

    def test_links_lead_somewhere(self, path):
        targets = LINK.findall(path.read_text(encoding="utf-8"))
        assert targets
        for target in targets:
            assert (path.parent / target).is_file(), target

    def test_downloads_as_a_notebook_for_the_reader(self, path):
        found = notebooks.notebook(path.read_text(encoding="utf-8"))
        text = "\n".join(cell.source for cell in found.cells)
        nbformat.validate(found)
        assert found.metadata.kernelspec.name == "python3"
        assert "](../" not in text
        assert ".md)" not in text
        assert "made in the short form" not in text
        answers = [cell for cell in found.cells if cell.source.startswith("#@title The answer")]
        folded = [cell for cell in found.cells if cell.metadata.get("cellView") == "form"]
        assert answers == folded
        assert len(answers) == sum("hide-cell" in tags(cell) for cell in code_of(path))

"""The commands of pages that take hours, or files of one's own, are ones that lexbits knows."""

import re
import shlex
from itertools import takewhile

import pytest

from lexbits.cli import build
from tests.pages.blocks import DOCS, PAGES

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN_ELSEWHERE = {
    "columns.md": "tests/cli/test_streams.py",
    "estimators.md": "tests/test_documentation.py",
    "scikit-learn.md": "tests/test_sklearn.py",
}
"""Pages whose code other tests run or compare."""

OTHERS = {
    name: FENCE.findall(page.read_text(encoding="utf-8"))
    for page in sorted(DOCS.rglob("*.md"))
    if (name := page.relative_to(DOCS).as_posix()) not in PAGES and not name.startswith("lesson/")
}


def commands(code):
    """Yield the commands of a block as lists of words, those of a pipe one by one."""
    for line in code.replace("\\\n", " ").splitlines():
        words = iter(shlex.split(line, comments=True))
        while command := list(takewhile(lambda word: word not in ("|", "&&"), words)):
            assigned = takewhile(lambda word: re.match(r"[A-Z_]+=", word), command)
            yield command[len(list(assigned)) :]


@pytest.mark.parametrize("page", [name for name in OTHERS if OTHERS[name]])
def test_a_page_has_no_code_that_nothing_runs(page):
    if page not in RUN_ELSEWHERE:
        assert {language for language, _ in OTHERS[page]} == {"sh"}
    else:
        assert page in (DOCS.parent / RUN_ELSEWHERE[page]).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [name for name in OTHERS if OTHERS[name]])
def test_commands_can_be_given(page):
    for language, code in OTHERS[page]:
        for command in commands(code) if language == "sh" else ():
            program, *words = command
            if program == "lexbits":
                words = list(takewhile(lambda word: not re.match(r"\d?[<>]", word), words))
                build(words[0]).parse_args(words, exit_on_error=False, print_error=False)
            elif program == "python" and words[0].endswith(".py"):
                assert (DOCS.parent / words[0]).is_file(), words[0]

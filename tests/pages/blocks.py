"""The code of a page: its fences, its cells, and its tables of calls, in order."""

import re
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
FOLDERS = ("start", "how-to", "explanation")

PAGES = {
    str(page.relative_to(DOCS)): page.read_text(encoding="utf-8")
    for page in (
        *(DOCS / f"{name}.md" for name in ("index", "one-page", "columns", "data", "page")),
        *sorted(page for folder in FOLDERS for page in (DOCS / folder).glob("*.md")),
    )
}
"""The pages whose code is run, by name."""

FENCE = re.compile(
    r"(?:^<!-- (?P<mark>\w+)(?:: .*?)? -->\n)?"
    r"^(?P<ticks>```+)(?P<language>\{?[\w-]+\}?)[^\n]*\n(?P<code>.*?)^(?P=ticks)$",
    re.MULTILINE | re.DOTALL,
)
CALLS = re.compile(r"^\|[^|]*\| at the shell \| from Python \|\n\|[-| ]*\|\n", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Block:
    """Code of a page: where it is, its language, and what a comment before it says of it.

    `mark` is "parsed" of commands that take what tests do not have, such as several machines,
    "elsewhere" of those that something else runs, and "shown" of those whose output the built page
    has.
    """

    line: int
    language: str
    code: str
    mark: str = ""


def blocks(page: str) -> list[Block]:
    """Return the code of a page's text, in order."""
    found = []
    for fence in FENCE.finditer(page):
        line = 1 + page.count("\n", 0, fence.start())
        if fence["language"] == "{code-cell}":
            found += _of_cell(line, fence["code"])
        elif not fence["language"].startswith("{"):
            found.append(Block(line, fence["language"], fence["code"], fence["mark"] or ""))
    for table in CALLS.finditer(page):
        line = 1 + page.count("\n", 0, table.end())
        rows = takewhile(lambda row: row.startswith("|"), page[table.end() :].splitlines())
        for number, row in enumerate(rows, line):
            _, _, shell, python, _ = re.split(r"(?<!\\)\|", row)
            for language, cell in (("sh", shell), ("python", python)):
                found += [Block(number, language, code) for code in CODE.findall(cell)]
    return sorted(found, key=lambda block: block.line)


def _of_cell(line: int, code: str) -> list[Block]:
    """Return what a cell of a notebook runs: Python, and lines of shell that begin with `!`."""
    lines = [said for said in code.splitlines() if not said.startswith(":")]
    shell = [said[1:] for said in lines if said.startswith("!")]
    python = [said for said in lines if not said.startswith("!")]
    found = [Block(line, "sh", "\n".join(shell))] if shell else []
    return found + ([Block(line, "python", "\n".join(python))] if any(python) else [])

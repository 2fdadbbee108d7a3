"""The notebooks of the lesson as files for Jupyter, VS Code and Colab, beside their pages.

A notebook is written in MyST markdown. What is downloaded has no cells that serve the page only,
its answers are folded where the program can fold them, and it links to no file that it lacks.
"""

import re
from pathlib import Path
from typing import Any

import nbformat
from myst_nb.core.read import read_myst_markdown_notebook
from sphinx.application import Sphinx

FOLDER = "lesson"
FOR_THE_PAGE = {"remove-cell", "remove-input"}
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
NOTEBOOK = re.compile(r"(\d-[\w-]+)\.md(?:#.*)?")
SOURCE = re.compile(r"(?:\.\./)+src/(.+)")


def notebook(text: str) -> nbformat.NotebookNode:
    """Return a notebook to download from its text in MyST markdown."""
    found = read_myst_markdown_notebook(text)
    kept = []
    for cell in found.cells:
        tags = set(cell.metadata.pop("tags", ()))
        cell.metadata.clear()
        if tags & FOR_THE_PAGE:
            continue
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(_link, cell.source)
        elif "hide-cell" in tags:
            cell.metadata.jupyter = {"source_hidden": True, "outputs_hidden": True}
            cell.metadata.cellView = "form"  # in Colab
            cell.source = f"#@title The answer\n{cell.source}"
        kept.append(cell)
    metadata = {"kernelspec": found.metadata["kernelspec"], "language_info": {"name": "python"}}
    for number, cell in enumerate(kept):
        cell.id = f"cell-{number}"
    return nbformat.from_dict(
        {"cells": kept, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    )


def _link(match: re.Match[str]) -> str:
    said, target = match.groups()
    if "://" in target or target.startswith("#"):
        return match[0]
    if other := NOTEBOOK.fullmatch(target):
        return f"[{said}]({other[1]}.ipynb)"
    if (file := SOURCE.fullmatch(target)) and said.strip("`") not in file[1]:
        return f"{said} ({file[1]})"
    return said


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the notebooks into the site."""
    if error or app.builder.format != "html":
        return
    for path in sorted(Path(app.srcdir, FOLDER).glob("[0-9]-*.md")):
        place = Path(app.outdir, FOLDER, f"{path.stem}.ipynb")
        place.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook(path.read_text(encoding="utf-8")), place)


def setup(app: Sphinx) -> dict[str, Any]:
    """Write them before links are checked."""
    app.connect("build-finished", write, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

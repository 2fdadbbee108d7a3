"""Pages that are notebooks can be taken away: each has a link to itself as an .ipynb to run."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from myst_nb.core.read import read_myst_markdown_notebook
from nbformat import NotebookNode
from sphinx.application import Sphinx

CELL = re.compile(r"^```\{code-cell\}", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:|#)([^)]*)\)")
OF_THE_LESSON = re.compile(r"(\d-[\w-]+)\.md(?:#.*)?")
DIRECTIVE = re.compile(r"^:::+(?:\{[\w-]+\} ?(.*))?$", re.MULTILINE)
FOR_THE_PAGE = {"remove-cell", "remove-input"}
"""Tags of cells that serve the page: they check what it says, or say how it was made."""

HIDDEN = {"hide-input": "source_hidden", "hide-output": "outputs_hidden"}


def keep_inside(app: Sphinx) -> None:
    """Let figures of notebooks be written inside the site, not beside it."""
    folder = str(Path(app.outdir) / ".notebooks")
    app.env.mystnb_config = replace(app.env.mystnb_config, output_folder=folder)


def is_notebook(app: Sphinx, docname: str) -> bool:
    """Whether a page has cells."""
    return bool(CELL.search(Path(app.env.doc2path(docname)).read_text(encoding="utf-8")))


def offer(app: Sphinx, doctree: nodes.document) -> None:
    """Say below the title of a notebook where it is as a file, and how it is run."""
    docname = app.env.docname
    title = next(iter(doctree.findall(nodes.title)), None)
    if title is None or not is_notebook(app, docname):
        return
    name = f"{docname.rpartition('/')[2]}.ipynb"
    link = nodes.reference("", "Download it", internal=True, refuri=name)
    text = (
        ": for Jupyter and VS Code, or for Colab (File → Upload notebook), where its first cell "
        "installs lexbits."
    )
    said = nodes.paragraph("", "This page is a notebook. ", link, nodes.Text(text))
    said["classes"].append("notebook")
    title.parent.insert(title.parent.index(title) + 1, said)


def write(app: Sphinx, error: Exception | None) -> None:
    """Write each notebook beside its page."""
    if error or app.builder.format != "html":
        return
    for docname in sorted(app.env.found_docs):
        if is_notebook(app, docname):
            page = Path(app.env.doc2path(docname))
            target = Path(app.outdir, docname).with_name(page.stem + ".ipynb")
            nbformat.write(notebook(page.read_text(encoding="utf-8")), target)


def notebook(text: str) -> NotebookNode:
    """Return a page as a notebook that has not been run, in Markdown that Jupyter understands."""
    made = read_myst_markdown_notebook(text)
    made.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    made.cells = [c for c in made.cells if FOR_THE_PAGE.isdisjoint(c.metadata.get("tags", ()))]
    for cell in made.cells:
        if cell.cell_type == "markdown":
            plain = LINK.sub(_link, cell.source)
            cell.source = DIRECTIVE.sub(lambda match: f"**{match[1]}**" if match[1] else "", plain)
        else:
            _hide(cell)
    return made


def _link(match: re.Match[str]) -> str:
    """Let notebooks lead to each other; of other pages, which they lack, keep the text."""
    other = OF_THE_LESSON.fullmatch(match[2])
    return f"[{match[1]}]({other[1]}.ipynb)" if other else match[1]


def _hide(cell: NotebookNode) -> None:
    """Fold a cell, or a part of it, that is folded on the page, in Jupyter, VS Code and Colab."""
    tags = cell.metadata.get("tags", [])
    hidden = {HIDDEN[tag]: True for tag in tags if tag in HIDDEN}
    if "hide-cell" in tags:
        hidden = {"source_hidden": True, "outputs_hidden": True}
        cell.source = f"#@title The answer\n{cell.source}"  # what Colab shows of a form
    folded = {"jupyter": hidden, **({"cellView": "form"} if "hide-cell" in tags else {})}
    cell.metadata = {"tags": tags, **(folded if hidden else {})}


def setup(app: Sphinx) -> dict[str, Any]:
    """Offer every notebook as a file."""
    app.connect("builder-inited", keep_inside, priority=900)
    app.connect("doctree-read", offer)
    app.connect("build-finished", write, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

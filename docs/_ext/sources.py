"""Links to files of the repository, such as `../src/lexbits/bits/codes.py`, lead somewhere offline.

Where a page is read on GitHub, to the file; in the built page, to its text as a page of its own.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TextLexer, get_lexer_for_filename
from pygments.util import ClassNotFound
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform

ROOT = Path(__file__).parents[2]
PAGES = {"README.md": "index"}
"""The pages that say what a file outside the documentation's folder says."""


class LinksToFiles(SphinxTransform):
    """Links to files outside the documentation, made before Sphinx takes them for downloads."""

    default_priority = 5

    def apply(self, **kwargs: object) -> None:
        """Replace them."""
        docname = self.env.docname
        here = Path(self.env.srcdir, docname).parent
        for kind in (addnodes.download_reference, addnodes.pending_xref):
            for node in list(self.document.findall(kind)):
                if node.get("reftype") != "myst":
                    continue
                file = (here / node["reftarget"]).resolve()
                if node.get("refdomain") == "doc":
                    file = file.with_name(file.name + ".md")
                if not file.is_relative_to(ROOT) or file.is_relative_to(self.env.srcdir):
                    continue
                name = file.relative_to(ROOT).as_posix()
                if name in PAGES:
                    node["reftarget"], node["reftargetid"] = PAGES[name], None
                elif file.is_file():
                    up = "../" * docname.count("/")
                    link = nodes.reference("", "", internal=True, refuri=f"{up}source/{name}.html")
                    link.extend(node.children)
                    node.replace_self(link)
                    linked(self.env)[docname].add(name)


def linked(env: BuildEnvironment) -> dict[str, set[str]]:
    """Return which pages link to which files."""
    if not hasattr(env, "linked_files"):
        env.linked_files = {}
    env.linked_files.setdefault(env.docname, set())
    found: dict[str, set[str]] = env.linked_files
    return found


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget what a page that is read again linked to."""
    getattr(env, "linked_files", {}).pop(docname, None)


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Make a page for each file that is linked."""
    found: dict[str, set[str]] = getattr(app.env, "linked_files", {})
    for name in sorted(set().union(*found.values())):
        try:
            lexer = get_lexer_for_filename(name)
        except ClassNotFound:
            lexer = TextLexer()
        text = highlight(
            (ROOT / name).read_text(encoding="utf-8"),
            lexer,
            HtmlFormatter(linenos="inline", lineanchors="L", anchorlinenos=True),
        )
        yield f"source/{name}", {"title": name, "body": f"<h1>{name}</h1>\n{text}"}, "page.html"


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the links, and the pages that they lead to."""
    app.add_transform(LinksToFiles)
    app.connect("env-purge-doc", forget)
    app.connect("html-collect-pages", pages)
    return {"parallel_read_safe": False, "parallel_write_safe": True}

"""Links to the source that work offline: each file that is linked becomes a page of the site.

A page that says `../src/lexbits/bits/codes.py` leads to that file where it is read on GitHub, and
to its text in the built site. So does `[source]` beside each object of the reference, to its line.
"""

import importlib
import inspect
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
                    link = nodes.reference("", "", internal=True, refuri=uri(self.env, name))
                    link.extend(node.children)
                    node.replace_self(link)


def uri(env: BuildEnvironment, name: str, line: int | None = None) -> str:
    """Return where a file is in the site, from the page that is being read, and remember it."""
    linked(env).setdefault(env.docname, set()).add(name)
    page = "../" * env.docname.count("/") + f"source/{name}.html"
    return page if line is None else f"{page}#L-{line}"


def linked(env: BuildEnvironment) -> dict[str, set[str]]:
    """Return which pages link to which files."""
    if not hasattr(env, "linked_files"):
        env.linked_files = {}
    found: dict[str, set[str]] = env.linked_files
    return found


def link_objects(app: Sphinx, doctree: nodes.document) -> None:
    """Put a link to its line beside each object of the reference that has one."""
    for signature in doctree.findall(addnodes.desc_signature):
        if (place := place_of(signature.get("module"), signature.get("fullname"))) is not None:
            text = nodes.inline("", "[source]", classes=["viewcode-link"])
            link = nodes.reference("", "", text, internal=True, refuri=uri(app.env, *place))
            signature.append(link)


def place_of(module: str | None, name: str | None) -> tuple[str, int] | None:
    """Return the file and the line where an object begins; None for what is only a value."""
    if not module or not name:
        return None
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = inspect.getattr_static(found, part, None) or getattr(found, part, None)
    found = getattr(found, "fget", None) or getattr(found, "__func__", None) or found
    try:
        found = inspect.unwrap(found)
        file = Path(inspect.getsourcefile(found) or "")
        line = inspect.getsourcelines(found)[1]
    except (TypeError, OSError):
        return None
    return file.relative_to(ROOT).as_posix(), line


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget what a page that is read again linked to."""
    linked(env).pop(docname, None)


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Make a page for each file that is linked."""
    for name in sorted(set().union(*linked(app.env).values())):
        try:
            lexer = get_lexer_for_filename(name)
        except ClassNotFound:
            lexer = TextLexer()
        text = highlight(
            (ROOT / name).read_text(encoding="utf-8"),
            lexer,
            HtmlFormatter(linenos="inline", linespans="L", anchorlinenos=True),
        )
        yield f"source/{name}", {"title": name, "body": f"<h1>{name}</h1>\n{text}"}, "page.html"


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the links, and the pages that they lead to."""
    app.add_transform(LinksToFiles)
    app.connect("env-purge-doc", forget)
    app.connect("doctree-read", link_objects)
    app.connect("html-collect-pages", pages)
    return {"parallel_read_safe": False, "parallel_write_safe": True}

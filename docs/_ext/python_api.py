"""How docstrings become pages: names in backticks are links where there is something to link to."""

import importlib
from typing import Any

from docutils import nodes
from pydantic import BaseModel
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PyXRefRole
from sphinx.environment import BuildEnvironment
from sphinx.ext.napoleon import GoogleDocstring

from lexbits import WordModel

ELSEWHERE = {
    "Draws": "lexbits.word_model.drawing.Draws",
    "Figure": "matplotlib.figure.Figure",
    "Kind": "lexbits.figures.kinds.Kind",
    "NoneType": "types.NoneType",
    "NotFittedError": "sklearn.exceptions.NotFittedError",
}
"""Names that are written short where only a type checker knows where they are from."""


class Name(PyXRefRole):
    """What stands in single backticks: code, and a link if it is the name of something."""

    def process_link(
        self,
        env: BuildEnvironment,
        refnode: nodes.Element,
        has_explicit_title: bool,
        title: str,
        target: str,
    ) -> tuple[str, str]:
        """Mark the reference as one that need not lead anywhere."""
        found = super().process_link(env, refnode, has_explicit_title, title, target)
        refnode.attributes.update(refdomain="py", reftype="obj", optional=True)
        return found


def without_page(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, text: nodes.TextElement
) -> nodes.TextElement | None:
    """Show a name that has no page here, as `torch.Tensor`, without a link: if there is such.

    A name that nothing has is left to Sphinx, which warns of it.
    """
    if node.get("optional") or (node.get("refdomain") == "py" and exists(node)):
        return text
    return None


def exists(node: pending_xref) -> bool:
    """Whether a name is one of Python's, of a package, or of the module that speaks of it."""
    target = node["reftarget"]
    target = ELSEWHERE.get(target, target)
    places = [target, f"builtins.{target}", f"typing.{target}", f"collections.abc.{target}"]
    if module := node.get("py:module"):
        places.append(f"{module}.{target}")
    return any(found(place) for place in places)


def found(place: str) -> bool:
    """Whether `place`, a name with dots, can be imported."""
    module, _, name = place.rpartition(".")
    if not module:
        return False
    try:
        return hasattr(importlib.import_module(module), name)
    except ImportError:
        return False


def signature(
    app: Sphinx, what: str, name: str, obj: object, options: object, given: str, returned: str
) -> tuple[str, str] | None:
    """Return a signature as people use it: settings have a page; `fit` and `load` make models."""
    if not given:
        return None
    if isinstance(obj, type) and issubclass(obj, BaseModel):
        given = "(**settings)"
    if obj is WordModel:
        given = ""
    return given.replace("<factory>", "..."), returned


def wording(app: Sphinx, doctree: nodes.document) -> None:
    """Call attributes attributes, and put a dash between a name and what it means."""
    for text in list(doctree.findall(nodes.Text)):
        new = {"Variables": "Attributes", " -- ": " – "}.get(str(text))
        if new and isinstance(text.parent, nodes.field_name | nodes.paragraph):
            text.parent.replace(text, nodes.Text(new))


def setup(app: Sphinx) -> dict[str, Any]:
    """Make names what backticks mean in docstrings, and look names up in packages."""
    app.add_role("name", Name())
    app.connect("missing-reference", without_page)
    # Else what stands before a colon in a property's first line is taken for its type.
    GoogleDocstring._parse_attribute_docstring = GoogleDocstring._consume_to_end
    app.connect("autodoc-process-signature", signature)
    app.connect("doctree-read", wording)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

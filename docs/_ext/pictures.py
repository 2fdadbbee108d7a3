"""Pictures that are light or dark, as the page is: `NAME-light.png` beside `NAME-dark.png`.

A page names the light one, which is what is seen on GitHub. The built page has both, and its theme
shows the one that fits.
"""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

LIGHT, DARK = "-light.png", "-dark.png"


class BothPictures(SphinxTransform):
    """Put the dark picture, where there is one, beside each light one."""

    default_priority = 300

    def apply(self, **kwargs: object) -> None:
        """Add the dark ones."""
        here = Path(self.env.doc2path(self.env.docname)).parent
        for light in list(self.document.findall(nodes.image)):
            dark = light.deepcopy()
            dark["uri"] = light["uri"].removesuffix(LIGHT) + DARK
            if light["uri"].endswith(LIGHT) and (here / dark["uri"]).is_file():
                light["classes"].append("only-light")
                dark["classes"].append("only-dark")
                light.parent.insert(light.parent.index(light) + 1, dark)


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the transform."""
    app.add_transform(BothPictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

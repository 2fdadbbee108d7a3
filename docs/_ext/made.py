"""Pages that lexbits itself makes when the documentation is built, live where they are asked for.

    ```{made} model.html
    lexbits report pretrained:es --out model.html
    ```

runs the command and shows the page that it wrote, live, with a link to the page alone. Commands
are run in an empty folder, one after another, and what they made is kept with the outputs of
notebooks: until lexbits changes.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)


class Made(SphinxDirective):
    """A page that commands make, in a frame."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {"height": directives.nonnegative_int}

    def run(self) -> list[nodes.Node]:
        """Remember the commands and show where their page will be."""
        page, commands = self.arguments[0], tuple(self.content)
        place = f"_made/{key(commands)}/{page}"
        asked(self.env).setdefault(self.env.docname, {})[place] = commands
        src = "../" * self.env.docname.count("/") + place
        height = self.options.get("height", 900)
        frame = (
            f'<iframe class="made" src="{src}" title="{page}" loading="lazy" height="{height}">'
            f'</iframe>\n<p><a href="{src}">The page alone</a>: one file, which can be saved and '
            "sent.</p>"
        )
        shown = nodes.literal_block("\n".join(commands), "\n".join(commands), language="sh")
        return [shown, nodes.raw("", frame, format="html")]


def key(commands: tuple[str, ...]) -> str:
    """Return a name for what commands make."""
    return hashlib.sha256("\n".join(commands).encode()).hexdigest()[:12]


def asked(env: BuildEnvironment) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the commands of each page of the documentation, by the place of what they make."""
    if not hasattr(env, "made_pages"):
        env.made_pages = {}
    found: dict[str, dict[str, tuple[str, ...]]] = env.made_pages
    return found


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget what a page that is read again asked for."""
    asked(env).pop(docname, None)


def make(app: Sphinx, error: Exception | None) -> None:
    """Make what is asked for, unless it was made before, and put it into the site."""
    if error or app.builder.format != "html":
        return
    kept = Path(app.config.nb_execution_cache_path) / "made"
    for place, commands in {k: v for of in asked(app.env).values() for k, v in of.items()}.items():
        folder = kept / key(commands)
        if not (folder / Path(place).name).is_file():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            run(commands, folder)
        if not (folder / Path(place).name).is_file():
            logger.warning("%s: not made by %s", place, "; ".join(commands))
            continue
        (app.outdir / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / Path(place).name, app.outdir / place)


def run(commands: tuple[str, ...], folder: Path) -> None:
    """Run commands of lexbits in a folder, and warn of one that fails."""
    # PYTHONPATH may name this clone's source by a path that only holds where the build began.
    paths = [str(Path(path).absolute()) for path in sys.path if path]
    given = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    for line in filter(None, "\n".join(commands).replace("\\\n", " ").splitlines()):
        program, *arguments = shlex.split(line, comments=True)
        if program != "lexbits":
            raise ValueError(f"expected commands of lexbits, found {line!r}")
        done = subprocess.run(
            [sys.executable, "-m", "lexbits", *arguments],
            check=False, cwd=folder, env=given, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            logger.warning("%s: %s", line, done.stderr.strip())


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive `made`."""
    app.add_directive("made", Made)
    app.connect("env-purge-doc", forget)
    app.connect("build-finished", make, priority=400)
    return {"parallel_read_safe": False, "parallel_write_safe": True}

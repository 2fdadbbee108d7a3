"""Output below commands: a block of shell after the comment `<!-- shown -->` is run at build.

Where nothing is built, as on GitHub, the page reads well without the output.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform

MARK = "<!-- shown -->"
COLUMNS = "96"


class ShowOutput(SphinxTransform):
    """Run the blocks that are marked, and add what they print."""

    default_priority = 300

    def apply(self, **kwargs: object) -> None:
        """Add the outputs, unless nothing is to be executed."""
        if self.config.nb_execution_mode == "off":
            return
        kept = Path(self.config.nb_execution_cache_path) / "shown"
        for mark in list(self.document.findall(nodes.raw)):
            if mark.astext().strip() != MARK:
                continue
            code = mark.next_node(nodes.literal_block, descend=False, siblings=True)
            printed = _printed(code.astext(), kept)
            output = nodes.literal_block(printed, printed, language="text")
            cell = nodes.container("", nodes.container("", output, classes=["cell_output"]))
            cell["classes"].append("cell")
            code.parent.insert(code.parent.index(code) + 1, cell)
            mark.parent.remove(mark)


def _printed(code: str, kept: Path) -> str:
    """Return what a block prints: what it has printed before, if lexbits is still the same."""
    file = kept / f"{hashlib.sha256(code.encode()).hexdigest()}.txt"
    if file.exists():
        return file.read_text(encoding="utf-8")
    program = Path(sys.executable).parent
    environment = os.environ | {
        "PATH": f"{program}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": COLUMNS,
    }
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["sh", "-ec", code],
            check=False,
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
        )
    if done.returncode:
        raise ExtensionError(f"a block that is shown failed:\n{code}\n{done.stderr}")
    kept.mkdir(parents=True, exist_ok=True)
    file.write_text(done.stdout, encoding="utf-8")
    return done.stdout


def setup(app: Sphinx) -> dict[str, Any]:
    """Say to Sphinx what is here."""
    app.add_transform(ShowOutput)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

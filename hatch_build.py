"""The description on a package index: README.md without what works only beside the repository."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

PICTURE = re.compile(r"^!\[[^]]*\]\((?!https?:)[^)]*\)\n+", re.MULTILINE)
LINK = re.compile(r"\[([^]]*)\]\((?!https?:|#)[^)]*\)")
FORMULA = re.compile(r"^\$\$(.+?)\$\$$", re.MULTILINE | re.DOTALL)


def described(readme: str) -> str:
    """Return README.md as a package index can show it.

    Relative links become their text and pictures go, since an index has no files beside the page;
    formulas become blocks of TeX, since it shows none.
    """
    text = LINK.sub(r"\1", PICTURE.sub("", readme))
    return FORMULA.sub(lambda formula: f"```tex\n{formula[1].strip()}\n```", text)


class CustomMetadataHook(MetadataHookInterface):
    """What hatchling calls when it builds."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the description."""
        readme = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": described(readme)}

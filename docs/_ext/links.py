"""Every link inside the site leads somewhere, and no page fetches anything from the network.

Sphinx checks what it resolves itself; this checks what came out: each `href` and `src` of each page
that was written, with its anchor. What does not fit is a warning, which `-W` makes an error.
"""

import html
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)

TAG = re.compile(r"<(\w+)\b[^>]*?\s(?:href|src)=\"([^\"]*)\"")
NAME = re.compile(r"\s(?:id|name)=\"([^\"]+)\"")
NOT_TEXT = re.compile(r"<(script|style)\b[^>]*>.*?</\1>", re.DOTALL)


def check(app: Sphinx, error: Exception | None) -> None:
    """Warn of each link of the site that leads nowhere."""
    if error or app.builder.format != "html":
        return
    for said in broken(Path(app.outdir)):
        logger.warning(said)


def broken(site: Path) -> Iterator[str]:
    """Yield what is wrong with the links of the pages in a folder."""
    for page in sorted(site.rglob("*.html")):
        name = page.relative_to(site).as_posix()
        if name.startswith(("_made/", "_static/")):
            continue
        for tag, target in dict.fromkeys(TAG.findall(_text(page))):
            if wrong := _wrong(page, tag, html.unescape(target)):
                yield f"{name}: {target}: {wrong}"


def _wrong(page: Path, tag: str, target: str) -> str:
    parts = urlsplit(target)
    if parts.scheme == "data":
        return ""
    if parts.scheme or parts.netloc:
        return "" if tag == "a" else "fetched from elsewhere"
    file = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not file.is_file():
        return "there is no such file"
    if parts.fragment and file.suffix == ".html" and unquote(parts.fragment) not in _names(file):
        return "there is no such place in it"
    return ""


@cache
def _text(page: Path) -> str:
    """Return a page without what its scripts say."""
    return NOT_TEXT.sub(_opening, page.read_text(encoding="utf-8"))


def _opening(match: re.Match[str]) -> str:
    """Return the tag of a script without its content."""
    return match[0][: match[0].index(">") + 1]


@cache
def _names(page: Path) -> set[str]:
    """Return the places of a page that links can lead to."""
    return {html.unescape(name) for name in NAME.findall(_text(page))}


def setup(app: Sphinx) -> dict[str, Any]:
    """Check once all is written."""
    app.connect("build-finished", check, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

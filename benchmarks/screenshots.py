"""Pictures of pages for the documentation: of a model, on a phone, and of a sweep.

    python benchmarks/screenshots.py RUN SWEEP docs/images

Each is taken in the light and in the dark, and shows the part of the page that is worth seeing in
it, in few colours, so that its file is small.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

from chromium import chromium, opened
from page import make, wait
from PIL import Image

DESK = {"viewport": {"width": 1000, "height": 1180}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
PICTURES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "page": ("run", "h1", DESK),
    "page-phone": ("run", "#play .card", PHONE),
    "page-sweep": ("sweep", "#play .card", DESK),
}
"""What is shown of which page, from where on, on what screen."""
SCHEMES = ("light", "dark")
WORDS = "word=cantaban&to=perro"
"""What follows the # of the pages' addresses, unless something else is asked for."""

COLOURS = 128


def main() -> None:
    """Make both pages and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("sweep", type=Path)
    parser.add_argument("out", type=Path, help="the folder of the pictures")
    parser.add_argument("--state", default=WORDS, help="what follows the # of the addresses")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        files = {kind: Path(folder) / f"{kind}.html" for kind in ("run", "sweep")}
        for kind, file in files.items():
            make(vars(options)[kind], file)
        for (name, (kind, place, screen)), scheme in product(PICTURES.items(), SCHEMES):
            look = {**screen, "color_scheme": scheme}
            with opened(browser, files[kind], options.state, **look) as visited:
                wait(visited.page)
                if kind == "run":  # a bit that makes another word is flipped
                    visited.page.click("#flips li:not(.same) button")
                visited.page.evaluate("document.activeElement.blur()")
                visited.page.locator(place).first.evaluate(
                    "element => scrollTo(0, scrollY + element.getBoundingClientRect().top - 12)"
                )
                content = smaller(visited.page.screenshot())
            target = options.out / f"{name}-{scheme}.png"
            target.write_bytes(content)
            print(f"{target}: {len(content):,} bytes")


def smaller(png: bytes) -> bytes:
    """Return the picture with few colours."""
    few = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    held = io.BytesIO()
    few.save(held, "PNG", optimize=True)
    return held.getvalue()


if __name__ == "__main__":
    main()

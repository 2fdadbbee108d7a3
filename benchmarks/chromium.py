"""A page in Chromium, opened from its file with the network off, and all that it did wrong.

Debian's package is enough: playwright drives the Chromium that is there, and downloads none.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # without playwright, one can still ask whether there is a Chromium
    from playwright.sync_api import Browser, Dialog, Page

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",  # which a root, as in a container, cannot have
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", event => console.error(
  `policy: ${event.violatedDirective} forbids ${event.blockedURI}`));"""
LAST_WORDS = "that was all"
"""What a page is made to say before it is closed: whatever it said earlier has then arrived."""


@dataclass(frozen=True)
class Opened:
    """A page, what it asked for besides its own file, and what it and the browser complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def program() -> str | None:
    """Return where Chromium is; None where it is not."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start it, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program(), args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Browser,
    file: Path,
    state: str = "",
    init: str = "",
    **options: Any,  # noqa: ANN401 - of playwright
) -> Iterator[Opened]:
    """Open a file with this state after the `#` of its address, as somebody else than the last one.

    Args:
        browser: from `chromium`.
        file: an HTML file.
        state: what follows the `#`.
        init: a script that runs before those of the page.
        options: those of a context of playwright, such as `viewport` and `color_scheme`.
    """
    address = file.resolve().as_uri()
    # Nothing scrolls smoothly, which clicks would wait for.
    still: dict[str, Any] = {"offline": True, "reduced_motion": "reduce"}
    with browser.new_context(**still | options) as context:
        page = context.new_page()
        found = Opened(page)
        page.add_init_script(f"{TELL_VIOLATIONS};{init}")
        context.on("request", lambda request: _note(found.requests, request.url, address))
        page.on("websocket", lambda socket: found.requests.append(socket.url))
        context.on("page", lambda other: found.complaints.append(f"a window: {other.url}"))
        page.on("download", lambda file: found.complaints.append(f"a download: {file.url}"))
        page.on("dialog", lambda dialog: _dismiss(found.complaints, dialog))
        page.on("pageerror", lambda error: found.complaints.append(f"an error: {error}"))
        page.on("console", lambda said: found.complaints.append(f"{said.type}: {said.text}"))
        page.goto(f"{address}#{state}" if state else address)
        yield found
        if not options.get("java_script_enabled", True):
            return
        with page.expect_console_message(lambda said: said.text == LAST_WORDS, timeout=5000):
            page.evaluate(f"void setTimeout(() => console.debug('{LAST_WORDS}'), 20)")
        found.complaints.remove(f"debug: {LAST_WORDS}")


def _note(requests: list[str], url: str, own: str) -> None:
    if url.partition("#")[0] != own:
        requests.append(url)


def _dismiss(complaints: list[str], dialog: Dialog) -> None:
    complaints.append(f"a dialog: {dialog.message}")
    dialog.dismiss()

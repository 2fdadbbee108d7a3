"""What the page of a run or sweep costs: bytes, seconds to make, and how soon it answers.

    python benchmarks/page.py RUN … --json page.json

The page is made by `lexbits report`, its start-up counted, and opened in Chromium from its file
with the network off, several times. It *answers* when the bits of the word that it opens with have
been spelled (or, without bits, the word has been scored), and is *complete* when all that it shows
has been computed. *Flips* are all K words that are spelled from a word's bits with one of them
flipped; they are measured for several words. Nothing else should run.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from chromium import chromium, opened
from playwright.sync_api import Browser, Page

NOTE_TIMES = """
window.first = {};
new MutationObserver(() => {
  const note = (name, seen) => { if (seen && !(name in first)) first[name] = performance.now(); };
  note("answer", ["spelled", "score"].some((id) => document.getElementById(id)?.textContent));
  note("complete", "ready" in document.documentElement.dataset);
}).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
"""
FLIPS = "performance.getEntriesByName('lexbits-flips').map((each) => each.duration)"
WORDS = 5


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    parser.add_argument("--rounds", type=int, default=5, help="how often each page is opened")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        rows = [measured(browser, run, Path(folder), options.rounds) for run in options.runs]
    print(table(rows))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def make(run: Path, file: Path) -> float:
    """Make the page of a run or sweep and return the seconds that it took."""
    command = [sys.executable, "-m", "lexbits", "report", str(run), "--out", str(file)]
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def measured(browser: Browser, run: Path, folder: Path, rounds: int) -> dict[str, Any]:
    """Make the page, open it `rounds` times, and let it flip the bits of some words."""
    file = folder / f"{run.resolve().name}.html"
    seconds = make(run, file)
    openings, flips, requests = [], [], 0
    for _ in range(rounds):
        with opened(browser, file, init=NOTE_TIMES) as visited:
            wait(visited.page)
            openings.append(visited.page.evaluate("first"))
            flips += flips_of(visited.page)
        requests += len(visited.requests)
    row = {
        "page": run.resolve().name,
        "bytes": file.stat().st_size,
        "make_seconds": seconds,
        "answer_ms": statistics.median(each["answer"] for each in openings),
        "complete_ms": statistics.median(each["complete"] for each in openings),
        "flips_ms": statistics.median(flips) if flips else None,
        "requests": requests,
    }
    print(row, file=sys.stderr)
    return row


def wait(page: Page) -> None:
    """Wait until all that the page shows has been computed."""
    page.wait_for_selector(":root[data-ready]", state="attached", timeout=60_000)


def flips_of(page: Page) -> list[float]:
    """Return the milliseconds of all flips of the first word and of others."""
    for _ in range(WORDS - 1):
        page.click("#another")
        wait(page)
    return [float(each) for each in page.evaluate(FLIPS)]


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows as a table in Markdown."""
    lines = [
        "| page | MB | made in, s | answers, ms | complete, ms | flips, ms | requests |",
        "|---" + "|---:" * 6 + "|",
    ]
    lines += [
        f"| {row['page']} | {row['bytes'] / 1e6:.2f} | {row['make_seconds']:.1f} "
        f"| {row['answer_ms']:.0f} | {row['complete_ms']:.0f} "
        f"| {'' if row['flips_ms'] is None else format(row['flips_ms'], '.0f')} "
        f"| {row['requests']} |"
        for row in rows
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()

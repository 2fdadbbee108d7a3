"""What to do next with a run: what its files show has not been done yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lexbits.errors import command_line
from lexbits.runs.checkpoints import MODEL, read_progress
from lexbits.runs.estimator import to_resume
from lexbits.runs.folder import RunFolder

ENOUGH = 0.5
"""Share of words that come back from their codes where there is no need to search better ones."""

FEW_BITS = 12
"""Bits of which all codes are summed within seconds."""


def next_steps(run: RunFolder) -> list[tuple[str, str]]:
    """Return commands that make sense for a run, most useful first, each with what it is for."""
    settings, path = run.settings(), run.shown
    progress = read_progress(run)
    steps = []
    if progress is not None and not progress.finished:
        steps.append((to_resume(run), "resume the training"))
    if not run.has(MODEL):
        return steps
    exact = ("--exact",) if 0 < settings.bits <= FEW_BITS else ()
    steps += [
        (command_line("evaluate", path, *exact), "likelihood by more samples, and what bits know"),
        (command_line("explore", path), "see it and flip its bits"),
        (command_line("sample", path, "--new-only"), "words that the data lack"),
    ]
    if run.has("summary.json") and run.read_json("summary.json").get("ngram"):
        steps.append((command_line("baseline", "ngram", "--with", path), "beside an n-gram model"))
    if settings.bits and not run.has("estimators.json"):
        steps.append((command_line("estimators", "compare", path), "gradients of other estimators"))
    return steps


def next_measurements(run: str, bits: int, document: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what else can be measured of a run whose own words have been measured.

    Args:
        run: its folder, or its name.
        bits: K.
        document: what `lexbits evaluate` found.
    """
    if document["data"] is not None:
        return []
    rebuilt = document["reconstruction"]
    steps = []
    if 0 < bits <= FEW_BITS and "exact_nll" not in document:
        steps.append(("--exact", "without the noise of samples, and the parts of the ELBO's gap"))
    if rebuilt and rebuilt["searched_exact"] is None and rebuilt["exact"] < ENOUGH:
        steps.append(("--search-codes", "how many words come back from better codes"))
    if "sample_quality" not in document:
        steps.append(("--sample-quality", "its words beside those of an n-gram model"))
    return [(command_line("evaluate", run, flag), purpose) for flag, purpose in steps]


def lines_of_steps(steps: Sequence[tuple[str, str]]) -> list[str]:
    """Return a line for each step under the word Next; nothing where there are no steps."""
    widest = max((len(command) for command, _ in steps), default=0)
    lines = [f"  {command:<{widest}}  {purpose}" for command, purpose in steps]
    return ["Next:", *lines] if lines else []

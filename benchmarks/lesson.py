"""The lesson, executed end to end: how long each notebook takes, and whether all of it holds.

    python benchmarks/lesson.py                  # all of it, as the documentation has it
    python benchmarks/lesson.py --short          # its slow cells short, as the tests build it
    python benchmarks/lesson.py 4 --cells        # one of them, and what each of its cells takes

A notebook checks what its text says, so a claim that is no longer true is an error here. Beside the
time on the clock stands that of the processor, which is what a quiet machine would take with one
thread. --out FOLDER keeps the executed notebooks as .ipynb. One thread. Needs the extra `docs`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import nbformat
from myst_nb.core.read import read_myst_markdown_notebook
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).parents[1] / "docs/lesson"
MOST_SECONDS = 600
PROCESSOR = (
    "import os; _times = os.times(); print(_times.user + _times.system + _times.children_user)"
)
SLOW = 1.0
"""Seconds from which on `--cells` shows a cell."""


@dataclass(frozen=True)
class Run:
    """One notebook, executed: seconds on the clock and of the processor, start of Python included.

    Attributes:
        name: the file without its ending.
        seconds: on the clock.
        processor: seconds of the processor.
        cells: the first line of each code cell with its seconds on the clock.
        error: what went wrong, if anything did.
    """

    name: str
    seconds: float
    processor: float
    cells: list[tuple[str, float]]
    error: str


def main() -> int:
    """Execute the notebooks that are asked for, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("numbers", nargs="*", help="numbers of notebooks, such as 1 2; else all")
    parser.add_argument("--short", action="store_true", help="with LEXBITS_LESSON=short")
    parser.add_argument("--cells", action="store_true", help="show the cells that take a second")
    parser.add_argument("--out", type=Path, help="a folder for the executed notebooks")
    chosen = parser.parse_args()
    os.environ["LEXBITS_LESSON"] = "short" if chosen.short else ""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    paths = [
        path
        for path in sorted(FOLDER.glob("[0-9]-*.md"))
        if not chosen.numbers or path.name[0] in chosen.numbers
    ]
    if not paths:
        parser.error(f"no notebook of these numbers in {FOLDER}")
    runs = []
    for path in paths:
        runs.append(execute(path, chosen.out))
        print(f"{runs[-1].name}: {runs[-1].seconds:.0f} s", file=sys.stderr, flush=True)
        if chosen.cells:
            for line, seconds in runs[-1].cells:
                if seconds >= SLOW:
                    print(f"  {seconds:6.1f}  {line}", file=sys.stderr)
    print("| notebook | seconds | of the processor |\n|---|---|---|")
    for run in runs:
        print(f"| {run.name} | {run.seconds:.0f} | {run.processor:.0f} |{run.error and ' failed'}")
    whole, processor = sum(run.seconds for run in runs), sum(run.processor for run in runs)
    print(f"| all | {whole:.0f} | {processor:.0f} |")
    for run in runs:
        if run.error:
            print(f"\n{run.name}:\n{run.error}", file=sys.stderr)
    return any(run.error for run in runs)


def execute(path: Path, out: Path | None) -> Run:
    """Execute a notebook in its own process, in its own folder."""
    notebook = read_myst_markdown_notebook(path.read_text(encoding="utf-8"))
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    asking = nbformat.v4.new_code_cell(PROCESSOR)  # type: ignore[no-untyped-call]
    notebook.cells.append(asking)
    client = NotebookClient(
        notebook,
        timeout=MOST_SECONDS,
        kernel_name="python3",
        record_timing=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    error, began = "", time.perf_counter()
    try:
        client.execute()
    except CellExecutionError as found:
        error = str(found)
    seconds = time.perf_counter() - began
    notebook.cells.pop()
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, out / f"{path.stem}.ipynb")  # type: ignore[no-untyped-call]
    return Run(
        path.stem,
        seconds,
        float(asking.outputs[0].text) if asking.outputs else float("nan"),
        [(cell.source.partition("\n")[0], _seconds(cell)) for cell in code],
        error,
    )


def _seconds(cell: nbformat.NotebookNode) -> float:
    times = cell.metadata.get("execution", {})
    ends = [times.get(name) for name in ("iopub.execute_input", "shell.execute_reply")]
    if None in ends:
        return 0.0
    first, last = (datetime.fromisoformat(end) for end in ends)
    return (last - first).total_seconds()


if __name__ == "__main__":
    sys.exit(main())

"""Time and memory of packing ever more words, and of training on them.

    python benchmarks/packing.py --forms 1000000 10000000 100000000 --json packing.json

Distinct made-up words of up to five syllables, in scattered order, stream into what `lexbits data
pack` does; a training on what comes out takes some steps. Each is a process of its own, and nothing
else should run. A hundred million words take 3 GB in --folder while they are packed and half of it
afterwards; it is removed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from scale import measure, peak_megabytes

SYLLABLES = np.array([[ord(c), ord(v)] for c in "bcdfglmnprstvxz" for v in "aeiou"], np.uint8)
LENGTH = 5
SPACE = len(SYLLABLES) ** LENGTH
SCATTER = 1_234_567_891
"""Without a divisor in common with `SPACE`: multiplied by it, numbers stay distinct."""
AT_ONCE = 100_000


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forms", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--folder", type=Path, help="for temporary files")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", choices=("words", "pack", "train"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one == "words":
        write_words(options.forms[0], sys.stdout.buffer)
    elif options.one == "pack":
        print(json.dumps(pack(options.folder)))
    elif options.one == "train":
        print(json.dumps(measure(str(options.folder), "words", options.forms[0], options.steps)))
    else:
        rows = [measured(options, forms) for forms in options.forms]
        print(table(rows))
        if options.json:
            options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def write_words(forms: int, out: BinaryIO) -> None:
    """Write distinct words, one in a line."""
    for begin in range(0, forms, AT_ONCE):
        numbers = np.arange(begin, min(begin + AT_ONCE, forms)) * SCATTER % SPACE
        digits = numbers[:, None] // len(SYLLABLES) ** np.arange(LENGTH)[::-1] % len(SYLLABLES)
        written = np.maximum.accumulate(digits > 0, axis=1)  # as numbers are: no leading zeros
        written[:, -1] = True
        lines = np.full((len(numbers), 2 * LENGTH + 1), ord("\n"), np.uint8)
        lines[:, :-1] = SYLLABLES[digits].reshape(len(numbers), -1)
        kept = np.ones(lines.shape, bool)
        kept[:, :-1] = written.repeat(2, axis=1)
        out.write(lines[kept].tobytes())


def pack(folder: Path) -> dict[str, Any]:
    """Pack the words on standard input."""
    from lexbits.config import resolve
    from lexbits.data.packing import pack_words

    began = time.perf_counter()
    words = pack_words(["/dev/stdin"], folder, resolve(), lambda message: None)
    return {
        "words": len(words),
        "pack_seconds": time.perf_counter() - began,
        "pack_megabytes": peak_megabytes(),
    }


def measured(options: argparse.Namespace, forms: int) -> dict[str, Any]:
    """Pack so many words and train on them."""
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        folder = Path(temporary) / "words"
        arguments = ("--forms", str(forms), "--folder", str(folder), "--steps", str(options.steps))
        command = [sys.executable, __file__, *arguments, "--one"]
        writer = subprocess.Popen([*command, "words"], stdout=subprocess.PIPE)
        packed = subprocess.run(
            [*command, "pack"], check=True, stdin=writer.stdout, stdout=subprocess.PIPE
        )
        trained = subprocess.run([*command, "train"], check=True, stdout=subprocess.PIPE)
        bytes_on_disk = sum(file.stat().st_size for file in folder.iterdir())
    row = {
        "forms": forms,
        "disk_megabytes": bytes_on_disk / 2**20,
        **json.loads(packed.stdout),
        **json.loads(trained.stdout),
    }
    print(row, file=sys.stderr)
    return row


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows as a table in Markdown."""
    lines = [
        "| words | packing, s | µs a word | peak memory, MB | on disk, MB "
        "| training: start, s | µs a word | peak memory, MB |",
        "|" + "---|" * 8,
    ]
    lines += [
        f"| {row['forms']:,} | {row['pack_seconds']:.0f} "
        f"| {1e6 * row['pack_seconds'] / row['forms']:.1f} | {row['pack_megabytes']:.0f} "
        f"| {row['disk_megabytes']:.0f} | {row['start_seconds']:.1f} "
        f"| {row['microseconds_per_word']:.0f} | {row['peak_megabytes']:.0f} |"
        for row in rows
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()

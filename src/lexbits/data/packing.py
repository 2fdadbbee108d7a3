"""Files of words -> packed words, in one stream and constant memory.

Forms are dealt out to temporary files by a hash, so that equal ones meet; each of these files fits
in memory, where doubles are removed, dev and test words are taken out by the stable hash of the
ordinary split, and the others, in order, become rows of symbols in a file for each length. These,
one after another, are the packed words. The folder is whole or stays
empty.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from lexbits.alphabet import END, Alphabet
from lexbits.config import Settings
from lexbits.data.embedded import load_embedded
from lexbits.data.entry import Entry
from lexbits.data.packed import FORMAT, HEADER, PARTS, WORDS, PackedWords, part_of
from lexbits.data.reading import Stream, notes_on, stream_entries
from lexbits.data.remote import Say
from lexbits.data.source import parse_source
from lexbits.data.splits import stable_hash
from lexbits.data.table import to_text
from lexbits.errors import DataError, UsageError
from lexbits.files import Contents, cannot_write, filling, is_empty, locked

MOST_HELD_OUT = 20_000
"""Most words of dev and of test, about: a tenth of a hundred million would only be read in vain."""

REPORT = 1_000_000

PACKED = Contents(HEADER, re.compile(r"header\.json|words\.bin|(dev|test)\.tsv"))


@dataclass
class _Packing:
    """What is known after the first pass, and what the second adds."""

    forms: int = 0
    characters: set[str] = field(default_factory=set)
    dev: list[str] = field(default_factory=list)
    test: list[str] = field(default_factory=list)
    counts: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * PARTS))


def pack_words(sources: list[str], out: Path, settings: Settings, say: Say) -> PackedWords:
    """Write the distinct forms of `sources` to the folder `out`, and return them.

    Args:
        sources: paths, `-`, or `simplemma:LANG`, which is taken whole.
        out: the folder to make.
        settings: how files are read, seed and shares of the split; all else is not read.
        say: called with what there is, and how it goes.

    Raises:
        UsageError: a source that cannot be packed, or `out` is taken.
        DataError: a source cannot be read, or too few words remain.
        RunError: `out` is in use, or cannot be written.
    """
    _refuse_taken(out)
    with locked(out, PACKED):
        _refuse_taken(out)
        try:
            with filling(out, PACKED) as draft:
                _pack(sources, draft, settings, say)
        except OSError as error:
            raise cannot_write(out, error) from None
    return PackedWords(out)


def _refuse_taken(out: Path) -> None:
    if not is_empty(out):
        raise UsageError(f"{out}: exists already; choose another --out")


def _pack(sources: list[str], draft: Path, settings: Settings, say: Say) -> None:
    packing = _Packing()
    _deal_out(sources, draft, settings, packing, say)
    distinct = sum(len(_distinct(_part(draft, part))) for part in range(PARTS))
    alphabet = Alphabet(sorted(packing.characters))
    dtype: np.dtype[np.integer] = np.dtype(np.uint8 if alphabet.inputs <= 2**8 else np.uint16)
    shares = [
        min(share, MOST_HELD_OUT / distinct) for share in (settings.dev_share, settings.test_share)
    ]
    with ExitStack() as stack:
        files: dict[int, BinaryIO] = {}
        for part in range(PARTS):
            for length, forms in _training_forms(draft, part, settings.seed, shares, packing):
                if length not in files:
                    files[length] = stack.enter_context((draft / f"rows-{length}").open("wb"))
                rows = np.full((len(forms), length + 1), END, dtype)
                rows[:, :-1] = alphabet.encode_characters("".join(forms)).reshape(-1, length)
                files[length].write(rows.tobytes())
                packing.counts[length][part] = len(forms)
    if not (packing.counts and packing.dev and packing.test):
        raise DataError(f"expected words for train, dev and test, found {packing.forms:,} in all")
    longest = max(packing.counts)
    digest = _join([draft / f"rows-{n}" for n in range(1, longest + 1)], draft / WORDS)
    for name, forms in (("dev", packing.dev), ("test", packing.test)):
        (draft / f"{name}.tsv").write_text(to_text([Entry(form) for form in forms]), "utf-8")
    by_symbols = [[0] * PARTS, *(packing.counts[length] for length in range(longest + 1))]
    header = {
        "format": FORMAT,
        "sources": sources,
        "forms_read": packing.forms,
        "words": sum(map(sum, packing.counts.values())),
        "dev": len(packing.dev),
        "test": len(packing.test),
        "dtype": dtype.name,
        "sha256": digest,
        "alphabet": json.loads(alphabet.to_json()),
        "words_by_symbols_and_part": by_symbols,
    }
    (draft / HEADER).write_text(json.dumps(header, ensure_ascii=False) + "\n", "utf-8")


def _deal_out(
    sources: list[str], draft: Path, settings: Settings, packing: _Packing, say: Say
) -> None:
    """Write every form of `sources` to the temporary file that its hash says."""
    with ExitStack() as stack:
        parts = [
            stack.enter_context(_part(draft, n).open("w", encoding="utf-8")) for n in range(PARTS)
        ]
        for source in sources:
            for entry in _entries(source, settings, say):
                parts[part_of(entry.form)].write(f"{entry.form}\n")
                packing.characters.update(entry.form)
                packing.forms += 1
                if packing.forms % REPORT == 0:
                    say(f"  {packing.forms:,} forms read")


def _entries(source: str, settings: Settings, say: Say) -> Iterable[Entry]:
    scheme, rest = parse_source(source)
    say(f"Reading {source}")
    if scheme == "simplemma":
        entries, notes = load_embedded(rest, "all", settings.max_length)
        yield from entries
    elif scheme is None:
        seen = Stream()
        yield from stream_entries(source, settings, seen)
        notes = notes_on(seen, settings.max_length)
    else:
        raise UsageError(f"{source}: expected a file, - or simplemma:LANG to pack")
    for note in notes:
        say(f"  {note}")


def _training_forms(
    draft: Path, part: int, seed: int, shares: list[float], packing: _Packing
) -> Iterator[tuple[int, list[str]]]:
    """Yield the distinct training forms of a temporary file by length, in order.

    Dev and test forms are kept.
    """
    path = _part(draft, part)
    by_length: dict[int, list[str]] = defaultdict(list)
    for form in _distinct(path):
        place = stable_hash(form, seed)
        if place < shares[0]:
            packing.dev.append(form)
        elif place >= 1 - shares[1]:
            packing.test.append(form)
        else:
            by_length[len(form)].append(form)
    path.unlink()
    for length in sorted(by_length):
        yield length, sorted(by_length[length])


def _distinct(path: Path) -> dict[str, None]:
    """Return the different forms in a temporary file, in their order."""
    return dict.fromkeys(path.read_text("utf-8").split("\n")[:-1])


def _part(draft: Path, number: int) -> Path:
    return draft / f"part-{number}"


def _join(paths: list[Path], out: Path) -> str:
    """Join files, those that there are, into one and remove them; return its digest."""
    digest = hashlib.sha256()
    with out.open("wb") as whole:
        for path in paths:
            if not path.exists():
                continue
            with path.open("rb") as rows:
                while piece := rows.read(2**24):
                    digest.update(piece)
                    whole.write(piece)
            path.unlink()
    return digest.hexdigest()

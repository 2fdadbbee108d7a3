"""A data set as the user names it -> train, dev and test words.

A name is `simplemma:LANG`, `sigmorphon2016:LANG`, the path of a file or of a folder of packed
words, or `-` for standard input.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from lexbits.config import Settings
from lexbits.data import embedded, remote, splits
from lexbits.data.entry import Entry
from lexbits.data.folders import refuse_folder
from lexbits.data.layouts import Layout
from lexbits.data.lines import STANDARD_INPUT, display_name
from lexbits.data.reading import Reading, read_entries
from lexbits.data.remote import Say
from lexbits.data.weights import merged, weights_note, without_weights
from lexbits.errors import DataError, UsageError

SplitName = Literal["train", "dev", "test"]

SCHEMES = ("simplemma", "sigmorphon2016")
# One letter before the colon is a drive of Windows.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(.*)", re.DOTALL)


@dataclass(frozen=True)
class Splits:
    """The words of a run.

    Attributes:
        name: the data set as the user named it.
        layout: the layout its file was read in, or `embedded`; of several files, their layouts.
        train: the words to learn from.
        dev: the words to choose by.
        test: the words to report on.
        notes: in plain words, for the user: the layout, what was left out, what is odd.
        reading: the list of which train is a part, where it was read from files.

    Examples:
        >>> from lexbits.config import resolve
        >>> words = load_splits(resolve({"data": "simplemma:ms", "limit": 500}))
        >>> words.layout, len(words.train) + len(words.dev) + len(words.test)
        ('embedded', 500)
    """

    name: str
    layout: str
    train: Sequence[Entry]
    dev: list[Entry]
    test: list[Entry]
    notes: list[str] = field(default_factory=list)
    reading: Reading | None = None


def load_splits(settings: Settings, say: Say | None = None) -> Splits:
    """Load the data set that `settings` describe, split into train, dev and test.

    A split comes from its own file if one is given (`dev`, `test`) or if the data set has official
    splits; else a seeded share of the data becomes it. `limit` applies to the data before that, so
    never to a split that has a file of its own.

    Args:
        settings: where the words come from and how they are split.
        say: called with what should be known at once: a download, a folder that lacks a file.

    Raises:
        UsageError: an unknown data set or language, or settings that do not fit it.
        DataError: words cannot be read, or are too few to split.
        DownloadError: official files cannot be fetched or are not what they should be.

    Examples:
        >>> from lexbits.config import resolve
        >>> words = load_splits(resolve({"data": "simplemma:ms", "limit": 500}))
        >>> words.train[0].form
        'abdomenmu'
    """
    say = say or _silent
    scheme, rest = parse_source(settings.data)
    if scheme is None and not settings.more_data and Path(rest).is_dir():
        return _load_packed(settings)
    files = _files(settings, scheme, rest, say)
    readings = {name: read_entries(*files[name]) for name in files if name == "train"}
    columns = readings["train"].columns if readings else None
    for name, (path, how, more) in files.items():
        if name != "train":
            readings[name] = read_entries(path, of_others(how, columns), more)
    parts = {name: reading.entries for name, reading in readings.items()}
    notes = [
        note if list(files) == ["train"] else f"{name}: {note}"
        for name, reading in readings.items()
        for note in reading.notes
    ]
    if scheme == "simplemma":
        layout = "embedded"
        parts["train"], more = embedded.load_embedded(rest, settings.limit, settings.max_length)
        notes = more + notes
    else:
        layout = readings["train"].layout
        if settings.weights:
            parts["train"] = merged(parts["train"])
            _note_merged(notes, readings["train"].entries, parts["train"])
        parts["train"] = splits.limited(parts["train"], settings.limit, notes)
    parts = _split_off_missing(parts, settings)
    parts |= {name: without_weights(parts[name]) for name in ("dev", "test")}
    for name in ("dev", "test"):
        kept, seen = splits.without_seen(parts[name], parts["train"])
        if seen:
            total = len(kept) + seen
            notes.append(f"{name}: the forms of {seen:,} of {total:,} rows are in train too")
    if note := weights_note(parts["train"], settings):
        notes.append(note)
    name, reading = name_of(settings.sources), readings.get("train")
    return Splits(name, layout, parts["train"], parts["dev"], parts["test"], notes, reading)


def name_of(sources: Sequence[str]) -> str:
    """Return what words from these sources are called: their paths, a plus sign between them."""
    return " + ".join(sources)


def _note_merged(notes: list[str], rows: Sequence[Entry], distinct: Sequence[Entry]) -> None:
    if len(distinct) < len(rows):
        again = len(rows) - len(distinct)
        notes.append(
            "the weight of 1 row is added to that of an equal form"
            if again == 1
            else f"the weights of {again:,} rows are added to those of equal forms"
        )


def load_entries(
    source: str,
    settings: Settings,
    split: SplitName = "test",
    say: Say | None = None,
    more: Sequence[str] = (),
) -> tuple[list[Entry], list[str]]:
    """Load words to evaluate on, and notes about them.

    A path or `-` gives all its entries, `sigmorphon2016:LANG` the official file of `split`, and
    `simplemma:LANG` that part of the seeded split of its sample.

    Args:
        source: a data set, a path, or `-`.
        settings: where words are in a file, limits, seed and shares; its `data`, `dev` and `test`
            are not read.
        split: the split wanted; a path has none.
        say: as in `load_splits`.
        more: other paths, read after the first as one list with it.

    Raises:
        UsageError, DataError, DownloadError: as `load_splits`.

    Examples:
        >>> from lexbits.config import resolve
        >>> entries, notes = load_entries("simplemma:ms", resolve({"limit": 500}), "dev")
        >>> 30 < len(entries) < 70
        True
    """
    refuse_mixed([source, *more])
    scheme, rest = parse_source(source)
    if scheme == "simplemma":
        alone = settings.model_copy(update={**_ALONE, "data": source})
        loaded = load_splits(alone, say)
        parts = {"train": [*loaded.train], "dev": loaded.dev, "test": loaded.test}
        return parts[split], loaded.notes
    path, how = source, settings
    if scheme == "sigmorphon2016":
        found = remote.find(rest, settings.data_folder, say or _silent, [split])
        path, how = str(found[split]), official(settings)
    reading = read_entries(path, how.model_copy(update={"weights": None}), more)
    return reading.entries, reading.notes


def refuse_mixed(sources: Sequence[str]) -> None:
    """Check that several sources are files, with standard input at most once.

    Raises:
        UsageError: they are not.
    """
    if len(sources) == 1:
        return
    for source in sources:
        if parse_source(source)[0] is not None:
            raise UsageError(
                f"{source}: expected files where there are several, found a data set; give it alone"
            )
    if sum(source in STANDARD_INPUT for source in sources) > 1:
        raise UsageError("standard input can be read once only: give - once")


def fetch_source(source: str, say: Say) -> list[Path]:
    """Download the files of a data set into the cache, unless they are there; return their paths.

    Raises:
        UsageError: a data set that is not downloaded, or an unknown one.
        DownloadError: a file cannot be fetched or is not what it should be.
    """
    scheme, language = parse_source(source)
    if scheme != "sigmorphon2016":
        kind = "embedded" if scheme else "a file"
        raise UsageError(
            f"{source}: expected a data set to download, sigmorphon2016:LANG; this one is {kind}"
        )
    return remote.fetch(language, say)


def parse_source(source: str) -> tuple[str | None, str]:
    """Return scheme and language of a data set; None and the source itself if it is a path or `-`.

    Raises:
        UsageError: it looks like `scheme:...`, but there is neither such a scheme nor such a file.
    """
    match = _SCHEME.fullmatch(source)
    if match is None:
        return None, source
    scheme, rest = match.groups()
    if scheme in SCHEMES:
        return scheme, rest
    if os.path.lexists(source):
        return None, source
    near = difflib.get_close_matches(scheme, SCHEMES, n=1)
    guess = f"; did you mean {near[0]}:{rest}?" if near else ""
    raise UsageError(
        f"unknown data set {source!r}{guess} (known are: simplemma:LANG, sigmorphon2016:LANG, "
        "the path of a file, - for standard input)"
    )


def can_be_read_again(settings: Settings) -> bool:
    """Whether the words of `settings` are still to be had: not if they were piped or are gone."""
    return all(
        source not in STANDARD_INPUT
        and (parse_source(source)[0] is not None or os.path.lexists(source))
        for source in settings.sources
    )


def _load_packed(settings: Settings) -> Splits:
    """Return the words of a folder that `lexbits data pack` has made: mapped, not read."""
    from lexbits.data.packed import PackedWords

    folder = Path(settings.data)
    if not PackedWords.is_at(folder):
        refuse_folder(folder)
    if settings.weights:
        raise UsageError("packed words have no weights: leave out --weights, or give their files")
    packed = PackedWords(folder, settings.max_length)
    train: Sequence[Entry] = packed
    notes = [f"{len(packed):,} packed words"]
    if packed.too_long:
        notes.append(
            f"{packed.too_long:,} of {packed.too_long + len(packed):,} words longer than "
            f"{settings.max_length} characters left out"
        )
    if isinstance(settings.limit, int) and settings.limit < len(packed):
        train = packed.sample(settings.limit)
        notes.append(f"a sample of {settings.limit:,} of them")
    own = plain_files(settings)
    held_out = {}
    for name, given in (("dev", settings.dev), ("test", settings.test)):
        path, how = (given, of_others(settings)) if given else (str(folder / f"{name}.tsv"), own)
        reading = read_entries(path, how)
        held_out[name] = reading.entries
        if given:
            notes += [f"{name}: {note}" for note in reading.notes]
    return Splits(settings.data, "packed", train, held_out["dev"], held_out["test"], notes)


def _files(
    settings: Settings, scheme: str | None, language: str, say: Say
) -> dict[str, tuple[str, Settings, Sequence[str]]]:
    """Return the path of each split that has a file of its own, how to read it, and more paths."""
    given = {"dev": settings.dev, "test": settings.test}
    refuse_mixed(settings.sources)
    if sum(source in STANDARD_INPUT for source in [*settings.sources, *given.values()]) > 1:
        raise UsageError("standard input can be read once only: give - for one of data, dev, test")
    files: dict[str, tuple[str, Settings, Sequence[str]]] = {}
    if scheme is None:
        files["train"] = (settings.data, settings, settings.more_data or ())
    elif settings.weights:
        raise UsageError(f"{settings.data} has no weights: leave out --weights, or give a file")
    files |= {name: (path, settings, ()) for name, path in given.items() if path}
    if scheme == "sigmorphon2016":
        wanted = [name for name in remote.SPLITS if name not in files]
        found = remote.find(language, settings.data_folder, say, wanted)
        how = official(settings)
        files = {name: (str(path), how, ()) for name, path in found.items()} | files
    return files


_ALONE: dict[str, None] = dict.fromkeys(("more_data", "dev", "test"))
_OF_THE_FILE = {
    "column": None,
    "weights": None,
    "delimiter": None,
    "encoding": "utf-8",
    "comment": None,
}


def of_others(settings: Settings, columns: Layout | None = None) -> Settings:
    """Return how dev and test words are read: as the training words, but without weights.

    Where weights alone showed which column of `columns` has the words, it is that one.
    """
    found: dict[str, Any] = {"weights": None}
    if settings.weights and not settings.column and settings.layout == "auto" and columns:
        found["column"] = columns.columns.index("form") + 1
        names = {"\t": "tab", " ": "space"}
        found["delimiter"] = names.get(columns.delimiter, columns.delimiter)
    return settings.model_copy(update=found)


def plain_files(settings: Settings) -> Settings:
    """Return how files are read that lexbits has written itself."""
    return settings.model_copy(update={**_OF_THE_FILE, "layout": "auto"})


def official(settings: Settings) -> Settings:
    """Return `settings` with the columns of the files of SIGMORPHON 2016."""
    return settings.model_copy(update={**_OF_THE_FILE, "layout": "sigmorphon"})


def _split_off_missing(parts: dict[str, list[Entry]], settings: Settings) -> dict[str, list[Entry]]:
    if "dev" in parts and "test" in parts:
        return parts
    try:
        train, dev, test = splits.split(
            parts["train"],
            settings.seed,
            dev_share=0 if "dev" in parts else settings.dev_share,
            test_share=0 if "test" in parts else settings.test_share,
            by=settings.split_by,
        )
    except DataError as error:
        names = name_of([*map(display_name, settings.sources)])
        raise DataError(f"{names}: {error}") from None
    return {"dev": dev, "test": test} | parts | {"train": train}


def _silent(_: str) -> None:
    pass

"""The data set that a model's words are a sample of, where it is still available.

A word that is in none of the splits need not be new: the splits may be a sample of a dictionary or
of a file that has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lexbits.config import Settings
from lexbits.data import embedded, remote
from lexbits.data.entry import Entry
from lexbits.data.lines import STANDARD_INPUT
from lexbits.data.packed import PackedWords
from lexbits.data.reading import read_entries
from lexbits.data.remote import Say
from lexbits.data.source import of_others, official, parse_source, plain_files
from lexbits.errors import LexbitsError, command

Membership = Callable[[str], bool]
"""Says whether a form is one of some words."""


@dataclass(frozen=True)
class Origin:
    """The words that splits were sampled from.

    Attributes:
        name: the data set; "" where the splits hold all of it.
        has: says whether a form is in it.
        missing: why that is no longer known; "" where it can.
    """

    name: str = ""
    has: Membership = frozenset[str]().__contains__
    missing: str = ""


WHOLE = Origin()
"""Nothing was left out of the splits."""


def find_origin(
    name: str | None, settings: Settings, sizes: Mapping[str, int], train: Sequence[Entry]
) -> Origin:
    """Return what the words of a run were sampled from; nothing is downloaded for it.

    A file counts as the same if all training words are in it.

    Args:
        name: the data set; None where it is not known.
        settings: those of the run.
        sizes: how many entries each split has, where that is known.
        train: the training words.
    """
    if name is None:
        return Origin(missing="where they come from is not known")
    # Several files have a name that is none of a file.
    sources = settings.sources if settings.more_data else (name,)
    try:
        if not _is_sample(sources[0], settings, sizes):
            return WHOLE
        gone = [source for source in sources if not _is_available(source, settings)]
        missing = _gone(gone[0]) if gone else ""
        if not missing:
            has = forms_in(sources[0], settings, more=sources[1:])
            others = sum(not has(entry.form) for entry in train)
            if not others:
                return Origin(name, has)
            missing = f"{name} has changed, it lacks {others:,} of the training words"
    except LexbitsError as error:
        missing = f"{name} cannot be read any more ({error})"
    return Origin(missing=missing)


def origin_of_given(forms: frozenset[str], _: Sequence[Entry]) -> Origin:
    """Return the words given from Python, of which a limit took a sample; of no words, `WHOLE`."""
    return Origin("the words given", forms.__contains__) if forms else WHOLE


def forms_in(
    source: str, settings: Settings, say: Say | None = None, more: Sequence[str] = ()
) -> Membership:
    """Return a function that says whether a form is in a data set, whatever its limit and splits.

    Args:
        source: a data set, a path, or `-`.
        settings: how words are read from a file.
        say: called with what is downloaded.
        more: other paths, whose forms belong to it too.

    Raises:
        UsageError, DataError, DownloadError: as `load_splits`.
    """
    scheme, language = parse_source(source)
    if scheme == "simplemma":
        return embedded.membership(language)
    paths, how = [source, *more], of_others(settings)
    if scheme == "sigmorphon2016":
        found = remote.find(language, settings.data_folder, say or (lambda _: None))
        paths, how = [str(path) for path in found.values()], official(settings)
    elif PackedWords.is_at(Path(source)):
        packed = PackedWords(Path(source))
        paths = [str(Path(source) / f"{name}.tsv") for name in ("dev", "test")]
        own = plain_files(settings)
        held_out = {e.form for path in paths for e in read_entries(path, own).entries}
        return lambda form: form in held_out or packed.has(form)
    forms = {entry.form for path in paths for entry in read_entries(path, how).entries}
    return forms.__contains__


def _gone(name: str) -> str:
    """Say of a data set that is not there how to have it, if there is a way."""
    if parse_source(name)[0] is None:
        return f"{name} is no longer available"
    fetch = command("data", "fetch", name)
    return f"{name} is not at hand (LEXBITS_DATA may name its folder; {fetch} downloads it)"


def _is_available(name: str, settings: Settings) -> bool:
    scheme, language = parse_source(name)
    if scheme is None:
        return name not in STANDARD_INPUT and Path(name).exists()
    return scheme != "sigmorphon2016" or remote.at_hand(language, settings.data_folder)


def _is_sample(name: str, settings: Settings, sizes: Mapping[str, int]) -> bool:
    """Whether `limit` may have left words out of the splits."""
    limit, (scheme, _) = settings.limit, parse_source(name)
    if limit == "auto" and scheme == "simplemma":
        limit = embedded.AUTO_LIMIT
    if isinstance(limit, str):
        return False
    own = {"dev": settings.dev, "test": settings.test}  # files that no limit applies to
    taken = [size for split, size in sizes.items() if not own.get(split)]
    if scheme == "sigmorphon2016" or PackedWords.is_at(Path(name)):
        taken = [size for split, size in sizes.items() if split == "train"]
    return not taken or sum(taken) >= limit

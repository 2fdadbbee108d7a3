"""Folders given where words are expected: what is inside, and what would take it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import NoReturn

from lexbits.errors import DataError, command

PACKED = "header.json"
"""The file that marks a folder as packed words."""
RUN = ("config.toml", "alphabet.json")
"""The files of every run folder."""
STUDIES = {"sweep.json": "sweep", "tune.json": "search"}

_LISTS = re.compile(r"\.(txt|tsv|csv|tab|dic|lst|list|words?|wordlist|freq|dat)(\.gz)?\Z", re.I)
_OFFICIAL = re.compile(r"(?P<language>[a-z]+)-task1-(train|dev|test)")
_SHOWN = 6


def refuse_folder(path: Path) -> NoReturn:
    """Refuse a folder of words by saying what it holds, and which command takes that.

    Raises:
        DataError: always.
    """
    try:
        found = _what(path)
    except OSError as error:
        found = f"a folder that cannot be read ({error.strerror}); give a file"
    raise DataError(f"{path}: expected a file, found {found}")


def _what(path: Path) -> str:
    return _of_lexbits(path) or _of_others(path)


def _of_lexbits(path: Path) -> str:
    """Return what a folder is that lexbits has made, with what to do; "" if it is none."""
    if all((path / name).is_file() for name in RUN):
        words = path / "splits" / "train.tsv"
        taken = f"; {command('data', 'show', words)} takes its training words"
        return (
            f"a run folder{taken if words.is_file() else ''}; "
            f"{command('train', '--resume', path)} resumes the run"
        )
    for name, study in STUDIES.items():
        if (path / name).is_file():
            return f"the folder of a {study}; give the words that it was made with"
    if (path / PACKED).is_file():
        return "a folder of packed words; give it alone, as DATA of a training"
    return ""


def _of_others(path: Path) -> str:
    names = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))
    languages = sorted({m["language"] for n in names if (m := _OFFICIAL.fullmatch(n))})
    if languages:
        show = command("data", "show", f"sigmorphon2016:{languages[0]}", "--data-folder", path)
        return (
            f"a folder with the SIGMORPHON 2016 files of {', '.join(languages)}; {show} takes them"
        )
    lists = [name for name in names if _LISTS.search(name) and (path / name).is_file()]
    if lists:
        return f"a folder of {_listed(lists, len(names) - len(lists))}; {_command(path, lists)}"
    if not names:
        return "an empty folder; give a file of words"
    return f"a folder of {_listed(names, 0)}, none of them named as a list of words; give a file"


def _listed(names: list[str], others: int) -> str:
    if len(names) == 1:
        shown = names[0]
    else:
        more = f", and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        shown = f"{len(names):,} files ({', '.join(names[:_SHOWN])}{more})"
    return shown + (f" and {others:,} other things" if others else "")


def _command(path: Path, lists: list[str]) -> str:
    """Return the command that takes all lists, by a pattern where they are many."""
    if len(lists) <= _SHOWN:
        return f"{command('data', 'show', *(path / name for name in lists))} takes them"
    usual = Counter(name[name.index(".") :] for name in lists).most_common(1)[0][0]
    quoted = command("data", "show", path).removesuffix("`")
    return f"{quoted}/*{usual}` takes those that end in {usual}, as one list"

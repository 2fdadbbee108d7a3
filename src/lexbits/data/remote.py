"""`sigmorphon2016:LANG`: the files of the SIGMORPHON 2016 shared task, task 1.

They are looked for in the folder the user names (the setting `data_folder`, else the environment
variable LEXBITS_DATA), then in the cache; what is not there is downloaded to the cache, after
saying what, how large, and from where. The files carry no licence, so none are shipped.

Spanish, German and Turkish are checked by known hashes wherever they lie. For the other languages
the hash of the first download is written down beside it and later checked against.
"""

from __future__ import annotations

import difflib
import json
import logging
import os
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from lexbits.errors import DownloadError, UsageError
from lexbits.files import write_whole

SPLITS = ("train", "dev", "test")
# English name -> ISO code.
LANGUAGES = {
    "arabic": "ar",
    "finnish": "fi",
    "georgian": "ka",
    "german": "de",
    "hungarian": "hu",
    "maltese": "mt",
    "navajo": "nv",
    "russian": "ru",
    "spanish": "es",
    "turkish": "tr",
}
COMMIT = "f397ed13b2aac85c08712f984a28a9d9671b2a97"
UPSTREAM = f"https://raw.githubusercontent.com/ryancotterell/sigmorphon2016/{COMMIT}/data/"
FOLDER = "sigmorphon2016"
RECORDED = "hashes.json"
# Name -> (bytes, SHA-256).
KNOWN = {
    "german-task1-dev": (
        96_636,
        "cefece1e9ab3569d4f93ca898db7465d739ec94229cfdb397b6791de8a9f4ac8",
    ),
    "german-task1-test": (
        926_790,
        "b5821d1c9fcb4a3e70d55f5fbd6081212a88b7279d10a0556f4b12a689103739",
    ),
    "german-task1-train": (
        755_352,
        "b580556123734844ead2c78799089abc290e6de7b2f9e1aeb6fcbc3c7f167026",
    ),
    "spanish-task1-dev": (
        100_735,
        "d492f5634a5ca39e47aa590031ca5c4261cf775df7ea43455880e1b3549935ab",
    ),
    "spanish-task1-test": (
        1_495_531,
        "a5bcb345c732168a9adf5f8ebe513b4e9c427e4de20276196128ee7ee1a56d2e",
    ),
    "spanish-task1-train": (
        805_946,
        "d66985d60e6ebf0881b2a2a5f1c263db24ab0e6bce0b53434d989d6ba4730353",
    ),
    "turkish-task1-dev": (
        95_199,
        "8319472a82a76464a62b17e560dd0166e7c6d8500c0166d0fcfc5d6ff4a44130",
    ),
    "turkish-task1-test": (
        95_184,
        "295d012dfcc1c360f71b6b95253e133abae8097c1e987500be8c2be631053dce",
    ),
    "turkish-task1-train": (
        732_273,
        "b8c741553d35b90733c210edf38e2e6dee9e9ca0fd00de1e9b4a77d9cf01b196",
    ),
}

Say = Callable[[str], None]
"""Tells the user something in a line."""


def language_name(language: str) -> str:
    """Return the English name of a language given by that name or its ISO code.

    Raises:
        UsageError: the task has no such language.
    """
    names = {code: name for name, code in LANGUAGES.items()} | {name: name for name in LANGUAGES}
    found = names.get(language.lower())
    if found is None:
        near = difflib.get_close_matches(language.lower(), names, n=1)
        guess = f"; did you mean {FOLDER}:{near[0]}?" if near else ""
        raise UsageError(
            f"sigmorphon2016 has no language {language!r}{guess} (it has {', '.join(LANGUAGES)})"
        )
    return found


def cache_folder() -> Path:
    """Return the user's folder for downloaded files; it need not exist."""
    import pooch

    return Path(pooch.os_cache("lexbits")) / FOLDER


def find(
    language: str, data_folder: str | None, say: Say, splits: Sequence[str] = SPLITS
) -> dict[str, Path]:
    """Return the files of a language by split; downloads those that are nowhere.

    Args:
        language: an English name or an ISO code.
        data_folder: where to look first; None stands for LEXBITS_DATA.
        say: called with what is about to be downloaded, and with what a named folder lacks.
        splits: the splits wanted.

    Raises:
        UsageError: an unknown language.
        DownloadError: a file is not what it should be, or cannot be fetched.
    """
    name = language_name(language)
    named = data_folder or os.environ.get("LEXBITS_DATA")
    return {split: _locate(f"{name}-task1-{split}", named, say) for split in splits}


def at_hand(language: str, data_folder: str | None) -> bool:
    """Whether all files of a language are on this machine, so that `find` downloads none."""
    name = language_name(language)
    named = data_folder or os.environ.get("LEXBITS_DATA")
    places = [cache_folder(), *([Path(named), Path(named) / FOLDER] if named else [])]
    return all(any((p / f"{name}-task1-{split}").is_file() for p in places) for split in SPLITS)


def fetch(language: str, say: Say) -> list[Path]:
    """Return the cached files of a language (train, dev, test); downloads those not yet there.

    Raises:
        UsageError: an unknown language.
        DownloadError: a cached file is not what it should be, or a file cannot be fetched.
    """
    name = language_name(language)
    return [_cached(f"{name}-task1-{split}", say) for split in SPLITS]


def _locate(name: str, named: str | None, say: Say) -> Path:
    if named:
        for path in (Path(named) / name, Path(named) / FOLDER / name):
            if path.is_file():
                if name in KNOWN:
                    _check(path, KNOWN[name][1])
                return path
        say(f"{named} has no {name}: looking in the cache, {cache_folder()}")
    return _cached(name, say)


def _cached(name: str, say: Say) -> Path:
    path = cache_folder() / name
    expected = KNOWN[name][1] if name in KNOWN else _recorded(path.parent).get(name)
    if not path.exists():
        _download(name, path, expected, say)
    elif expected:
        _check(path, expected)
    if not expected:
        found = _record(path)
        say(f"{name}: no hash is known; {found} was written to {path.with_name(RECORDED)}")
    return path


def _download(name: str, path: Path, expected: str | None, say: Say) -> None:
    import pooch

    # What pooch would log is said here, and before it happens.
    pooch.get_logger().setLevel(logging.WARNING)
    size = f"{KNOWN[name][0]:,} bytes" if name in KNOWN else "size not known, at most a few MB"
    hashed = f"SHA-256 {expected}" if expected else "SHA-256 not known"
    url = UPSTREAM + name
    say(f"downloading {name} ({size}, {hashed}) from {url} to {path.parent}")
    by_hand = f"put {name} into {path.parent}, or into a folder named with --data-folder"
    try:
        # pooch writes to a temporary file beside the final name and renames it once it is checked.
        pooch.retrieve(url, known_hash=expected, fname=name, path=path.parent)
    except OSError as error:
        response = getattr(error, "response", None)
        status = f"HTTP {response.status_code}" if response is not None else None
        reason = status or error.strerror or type(error).__name__
        raise DownloadError(f"{url} could not be fetched ({reason}); {by_hand}") from None
    except ValueError as error:
        # The first sentence gives both hashes.
        found = str(error).split(". ", maxsplit=1)[0]
        raise DownloadError(f"{url}: {found}; try again, or {by_hand}") from None


def _check(path: Path, expected: str) -> None:
    found = _hash(path)
    if found != expected:
        raise DownloadError(
            f"{path}: expected SHA-256 {expected}, found {found}; delete it to have it downloaded, "
            "or give it as a path to use it as it is"
        )


def _hash(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DownloadError(f"{path}: cannot be read ({error.strerror}); delete it") from None


def _recorded(folder: Path) -> dict[str, str]:
    path = folder / RECORDED
    try:
        recorded = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise DownloadError(f"{path}: not a record of hashes ({error}); delete it") from None
    if not isinstance(recorded, dict):
        raise DownloadError(f"{path}: not a record of hashes; delete it")
    return recorded


def _record(path: Path) -> str:
    """Write the hash of a file beside it and return it."""
    found = _hash(path)
    hashes = _recorded(path.parent) | {path.name: found}
    write_whole(path.with_name(RECORDED), json.dumps(hashes, indent=1, sort_keys=True))
    return found

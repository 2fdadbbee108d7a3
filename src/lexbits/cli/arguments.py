"""Arguments that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter
from pydantic import create_model

from lexbits.cli.output import say
from lexbits.config import FIRST_SETTINGS, Settings
from lexbits.errors import UsageError

Data = Annotated[
    str | None,
    Parameter(help="simplemma:LANG, sigmorphon2016:LANG, a file, or - [default: simplemma:es]"),
]
Preset = Annotated[
    str | None, Parameter(help="Named settings: default, quick, plain, best or notebook.")
]
Config = Annotated[Path | None, Parameter(help="TOML file of settings.")]

FIRST = Group("Settings", sort_key=1)
ADVANCED = Group("Advanced settings", sort_key=2)
_ADVANCED: dict[str, Any] = {
    name: (Annotated[field.rebuild_annotation(), Parameter(group=ADVANCED)], field)
    for name, field in Settings.model_fields.items()
    if name not in FIRST_SETTINGS
}
if TYPE_CHECKING:
    GroupedSettings = Settings
else:
    GroupedSettings = create_model("GroupedSettings", __base__=Settings, **_ADVANCED)
SettingFlags = Annotated[GroupedSettings, Parameter(name="*", group=FIRST)]
NO_SETTINGS = GroupedSettings()
Run = Annotated[Path, Parameter(help="Folder of a run, or of a saved model.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON document.")]
Seed = Annotated[int | None, Parameter(help="Makes the output repeatable.")]
Device = Annotated[str, Parameter(help="Where the model works: cpu, cuda, mps, or auto.")]
Search = Annotated[
    bool,
    Parameter(negative="", help="Flip bits of the mode, best first, while P(x|z) grows."),
]
Word = Annotated[str, Parameter(help="Words; without any, lines of standard input.")]
SkipBad = Annotated[
    bool, Parameter(negative="", help="Leave out what is no word, in place of refusing all.")
]


def flags_given(data: str | None, settings: Settings) -> dict[str, Any]:
    """Return the settings that were given as flags, DATA among them.

    Raises:
        UsageError: DATA and --data.
    """
    flags = {name: getattr(settings, name) for name in settings.model_fields_set}
    if data is not None:
        if "data" in flags:
            raise UsageError(f"two data sets given: {data} and --data {settings.data}")
        flags["data"] = data
    return flags


def words_or_stdin(words: tuple[str, ...], at_once: int, skip_bad: bool) -> Iterator[list[str]]:
    """Yield the words given, or those of standard input line by line, in lists of a bounded size.

    Args:
        words: those given as arguments.
        at_once: words in a list.
        skip_bad: leave out what is no word, and say so at the end.

    Raises:
        UsageError: no words, and nobody is piping any; or what is no word.
        DataError: standard input is no text of words, or a word has a character that none can have.
    """
    from lexbits.data.bad import BadWords
    from lexbits.data.given import clean_word

    bad = BadWords(skip_bad, "--skip-bad leaves such words out")
    cleaned = (bad.take(clean_word, word, where) for where, word in _given(words, "word"))
    good = (word for word in cleaned if word is not None)
    found = False
    while piece := list(islice(good, at_once)):
        found = True
        yield piece
    if bad.count:
        say(bad.note())
    if not found:
        raise UsageError("expected words as arguments or on standard input, found none")


def codes_or_stdin(codes: tuple[str, ...]) -> list[str]:
    """Return the codes given, or the lines of standard input.

    Raises:
        UsageError: no codes, and nobody is piping any.
        DataError: standard input is no text.
    """
    found = [code for _, code in _given(codes, "code")]
    if not found:
        raise UsageError("expected codes as arguments or on standard input, found none")
    return found


def _given(arguments: tuple[str, ...], what: str) -> Iterator[tuple[str, str]]:
    """Yield the arguments, or the lines of standard input that are not blank, each with its place.

    Raises:
        UsageError: no arguments, and nobody is piping any.
    """
    if arguments:
        yield from ((f"{what} {i}", text) for i, text in enumerate(arguments, 1))
        return
    if sys.stdin is not None and sys.stdin.isatty():
        raise UsageError(f"expected {what}s as arguments or on standard input, found none")
    from lexbits.data.lines import numbered_lines

    for number, line in numbered_lines("-"):
        if line.strip():
            yield f"standard input, line {number}", line.strip()

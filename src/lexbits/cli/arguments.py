"""Arguments that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from cyclopts import Group, Parameter, Token
from pydantic import create_model

from lexbits.cli.output import say
from lexbits.cli.usage import Switch
from lexbits.config import FIRST_SETTINGS, Settings, read_toml, resolve
from lexbits.errors import UsageError

Data = Annotated[
    str,
    Parameter(
        help="simplemma:LANG, sigmorphon2016:LANG, files as one list, or - [default: simplemma:es]"
    ),
]
"""What words are read from: one source, or several files."""
Preset = Annotated[
    str | None, Parameter(help="Named settings: quick, plain, best or notebook [default: default]")
]
Config = Annotated[Path | None, Parameter(help="TOML file of settings; else those of the preset.")]

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
_LINES = ("layout", "column", "delimiter", "encoding", "comment", "lowercase")
_READING = (*_LINES, "data_folder", "max_length", "skip_bad")
_SPLITTING = (
    *("dev", "test", "weights", "weighting", "limit", "split_by"),
    *("dev_share", "test_share", "seed"),
)


def _some(name: str, fields: tuple[str, ...]) -> type[Settings]:
    """Return a model of some of the settings, with their bounds and meanings."""
    chosen: dict[str, Any] = {
        field: (Settings.model_fields[field].annotation, Settings.model_fields[field])
        for field in fields
    }
    model: Any = create_model(name, __config__=Settings.model_config, **chosen)
    return cast("type[Settings]", model)


if TYPE_CHECKING:
    DataSettings = Settings
    ReadingSettings = Settings
    InputSettings = Settings
else:
    DataSettings = _some("DataSettings", _SPLITTING[:2] + _READING + _SPLITTING[2:])
    ReadingSettings = _some("ReadingSettings", _READING)
    InputSettings = _some("InputSettings", _LINES)
DataFlags = Annotated[DataSettings, Parameter(name="*", group="Settings")]
"""The settings that decide which words a training sees."""
NO_DATA_SETTINGS = DataSettings()
ReadingFlags = Annotated[ReadingSettings, Parameter(name="*", group="How DATA is read")]
"""The settings that decide how words are read from a file."""
NO_READING_SETTINGS = ReadingSettings()
InputFlags = Annotated[
    InputSettings, Parameter(name="*", group=Group("How standard input is read", sort_key=1))
]
"""The settings that decide how words are read from standard input."""
NO_INPUT_SETTINGS = InputSettings()
SettingFlags = Annotated[GroupedSettings, Parameter(name="*", group=FIRST)]
NO_SETTINGS = GroupedSettings()


def _place(_: type, tokens: Sequence[Token]) -> Path:
    """Return the folder of a run as it is given: by its path, or by the name of a model."""
    from lexbits.pretrained.places import folder_of

    return folder_of(tokens[0].value)


RunPath = Annotated[Path, Parameter(converter=_place)]
"""A run, or the name of a model that comes with lexbits, which stands for its folder."""
Run = Annotated[
    RunPath, Parameter(help="Folder of a run, or of a saved model; or pretrained:LANG.")
]
Seed = Annotated[
    int | None, Parameter(help="Makes the output repeatable; else each time is another.")
]
Device = Annotated[str, Parameter(help="Where the model works: cpu, cuda, mps, or auto.")]
Precision = Annotated[
    Literal["fp32", "bf16"],
    Parameter(help="Arithmetic of the decoder; bf16 is faster, and off by thousandths of a nat."),
]
Search = Annotated[
    bool,
    Switch(help="Flip bits of the mode, best first, while P(x|z) grows."),
]
Word = Annotated[str, Parameter(help="Words; without any, or for -, lines of standard input.")]
SkipBad = Annotated[bool, Switch(help="Leave out what is no word, in place of refusing all.")]


def flags_given(data: Sequence[str], settings: Settings) -> dict[str, Any]:
    """Return the settings that were given as flags, DATA among them.

    Raises:
        UsageError: DATA and --data.
    """
    flags = {name: getattr(settings, name) for name in settings.model_fields_set}
    if data:
        if "data" in flags:
            raise UsageError(f"two data sets given: {data[0]} and --data {settings.data}")
        first, *more = data
        flags["data"] = first
        if more:
            flags["more_data"] = [*more, *flags.get("more_data", ())]
    return flags


def settings_in(config: Path | None) -> dict[str, Any]:
    """Return what the file of --config says, if there is one; it may be a pipe, so read it once."""
    return read_toml(config) if config else {}


def reading_of_other(settings: Settings, given: Settings) -> Settings:
    """Return how words are read that are not those of a run: as `given`, else as in `settings`."""
    from lexbits.data.source import plain_files

    # Lower case is a property of the model's words, all else one of the file that they came from.
    columns = plain_files(settings).model_copy(update={"skip_bad": False})
    return columns.model_copy(update=_checked(given))


def _checked(given: Settings) -> dict[str, Any]:
    """Return the settings that were given as flags, with the checks and forms of all settings.

    Raises:
        UsageError: one of them is out of bounds.
    """
    flags = {name: getattr(given, name) for name in given.model_fields_set}
    settings = resolve(flags)
    return {name: getattr(settings, name) for name in flags}


def words_or_stdin(
    words: tuple[str, ...], at_once: int, skip_bad: bool, reading: Settings = NO_INPUT_SETTINGS
) -> Iterator[list[str]]:
    """Yield the words given, or those of standard input, in lists of a bounded size.

    Standard input has a word on each line, unless `reading` says where in a table they are; a split
    of a run, as lexbits wrote it, is read too.

    Args:
        words: those given as arguments; a lone `-`, or none, stands for standard input.
        at_once: words in a list.
        skip_bad: leave out what is no word, and say so at the end.
        reading: how standard input is read.

    Raises:
        UsageError: no words, and nobody is piping any; or what is no word; or words as arguments
            and how standard input is read.
        DataError: standard input is no text of words, or a word has a character that none can have.
    """
    from lexbits.data.bad import BadWords
    from lexbits.data.given import clean_word
    from lexbits.data.lines import MAX_LINE
    from lexbits.data.reading import Stream, stream_entries

    _say_of_files(words)
    seen = Stream(bad=BadWords(skip_bad, "--skip-bad leaves such words out"))
    given = _checked(reading)
    if _on_stdin(words, "words"):
        table = {"column", "delimiter"} & given.keys()
        how = Settings(layout="auto" if table else "words", max_length=MAX_LINE, skip_bad=skip_bad)
        how = how.model_copy(update=given)
        forms = (entry.form for entry in stream_entries("-", how, seen))
    elif given:
        raise UsageError(
            f"--{next(iter(given))} says how standard input is read, but there are words as "
            "arguments; give the file: - < FILE"
        )
    else:
        cleaned = (seen.bad.take(clean_word, w, f"word {i}") for i, w in enumerate(words, 1))
        forms = (form for form in cleaned if form is not None)
    found = False
    while piece := list(islice(forms, at_once)):
        found = True
        yield piece
    if seen.heading:
        say(f"Note: the first line names the columns ({seen.heading!r}) and is no word")
    if seen.bad.count:
        say(f"Note: {seen.bad.note()}")
    if not found:
        raise UsageError("expected words as arguments or on standard input, found none")


def _say_of_files(words: tuple[str, ...]) -> None:
    """Say of a word that is the name of a file how the words inside are given."""
    for word in words:
        # Path.is_file raises for names that are too long, as words may be.
        if (os.sep in word or "." in word) and os.path.isfile(word):  # noqa: PTH113
            say(f"Note: {word!r} is taken for a word; for those in the file, give - < {word}")


def codes_or_stdin(codes: tuple[str, ...]) -> list[str]:
    """Return the codes given, or the lines of standard input.

    Raises:
        UsageError: no codes, and nobody is piping any.
        DataError: standard input is no text.
    """
    from lexbits.data.lines import numbered_lines

    if not _on_stdin(codes, "codes"):
        return list(codes)
    found = [line.strip() for _, line in numbered_lines("-") if line.strip()]
    if not found:
        raise UsageError("expected codes as arguments or on standard input, found none")
    return found


def _on_stdin(arguments: tuple[str, ...], what: str) -> bool:
    """Whether standard input is to be read: for no arguments, or a lone hyphen.

    Raises:
        UsageError: no arguments, and nobody is piping any.
    """
    if not arguments and sys.stdin is not None and sys.stdin.isatty():
        raise UsageError(f"expected {what} as arguments or on standard input, found none")
    return arguments in ((), ("-",))

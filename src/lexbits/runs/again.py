"""The words of a run that keeps none, read again from simplemma.

That is a run folder without `splits/`, as that of a model that comes with lexbits. Settings say
which words they are, and identity.json has their digests, so that they are the same or refused.
Reading millions of forms takes long, so the words are kept in the user's cache, by their digests.
"""

from __future__ import annotations

import json
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from lexbits.config import Settings, resolve
from lexbits.data import Entry, load_splits, parse_text, to_text
from lexbits.data.source import parse_source
from lexbits.errors import DataError, LexbitsError, RunError
from lexbits.files import write_whole
from lexbits.runs.identity import Identity, sha256, split_files


class WordsGoneError(DataError):
    """The words of a run that keeps none cannot be had again: nothing of the run is damaged."""


def can_be_read(settings: Settings) -> bool:
    """Whether the words of a run are all in a package that is installed with lexbits."""
    return {parse_source(source)[0] for source in settings.sources} == {"simplemma"}


def read_again(
    split: str, settings: Settings, identity: Identity, made_with: object, where: str
) -> list[Entry]:
    """Return the entries of a split of a run.

    Args:
        split: "train", "dev" or "test".
        settings: those of the run.
        identity: what it was made with.
        made_with: the version of simplemma, where known.
        where: the run, in messages.

    Raises:
        WordsGoneError: this version of simplemma has other words, or none.
    """
    file, _ = split_files(split)
    return parse_text(_text(split, settings, identity.sha256.get(file, ""), made_with, where), file)


def _text(split: str, settings: Settings, expected: str, made_with: object, where: str) -> str:
    """Return the text of a split, whose SHA-256 is `expected`."""
    kept = kept_words(expected)
    with suppress(OSError):
        content = kept.read_bytes()
        if sha256(content) == expected:
            return content.decode()
    try:
        text = _texts(settings.model_dump_json(exclude_none=True))[split]
    except LexbitsError as error:
        raise WordsGoneError(f"{where}: its words cannot be read again ({error})") from None
    if sha256(text.encode()) != expected:
        raise WordsGoneError(
            f"{where}: its {split} words are those of simplemma {made_with}, but simplemma "
            f"{version('simplemma')} has others: install simplemma=={made_with} for what needs them"
        )
    with suppress(RunError):  # without a cache it takes as long the next time
        write_whole(kept, text)
    return text


def kept_words(digest: str) -> Path:
    """Return the place of words in the user's cache."""
    import pooch

    return Path(pooch.os_cache("lexbits")) / "words" / f"{digest}.tsv"


@lru_cache(maxsize=1)
def _texts(settings: str) -> dict[str, str]:
    """Return the text of each split; read once for all three."""
    words = load_splits(resolve(json.loads(settings)))
    return {name: to_text(getattr(words, name)) for name in ("train", "dev", "test")}

"""Words with characters that a trained model does not know: refused, or left out."""

from __future__ import annotations

from collections.abc import Sequence

from lexbits.alphabet import Alphabet
from lexbits.data.entry import Entry
from lexbits.data.training_words import ListedWords, to_learn_from
from lexbits.errors import DataError

SHOWN = 20
"""Characters named in a message."""


def in_alphabet(
    entries: Sequence[Entry], alphabet: Alphabet, skip: bool, what: str, offer: str
) -> tuple[Sequence[Entry], str]:
    """Return the words whose characters are all in `alphabet`, and a note about the others.

    Such a word would teach a model to spell the unknown symbol.

    Args:
        entries: the words.
        alphabet: the characters of the model.
        skip: leave the others out, rather than refuse all.
        what: the name of the words in messages.
        offer: how to have the others left out.

    Raises:
        DataError: there are others, and they are not to be left out, or cannot be: packed words.
    """
    learned = to_learn_from(entries)
    characters = alphabet.unseen("".join(learned.alphabet.characters))
    if not characters:
        return entries, ""
    shown = repr(characters[:SHOWN]) + (" ..." if len(characters) > SHOWN else "")
    if not isinstance(learned, ListedWords):
        raise DataError(
            f"{what}: expected the characters of the model, found others ({shown}); pack words "
            "without them, or train a model anew"
        )
    kept = [entry for entry in entries if not alphabet.unseen(entry.form)]
    first = next(entry.form for entry in entries if alphabet.unseen(entry.form))
    found = (
        f"{what}: {len(entries) - len(kept):,} of {len(entries):,} words have characters that the "
        f"model does not know ({shown}), such as {first!r}"
    )
    if not skip:
        raise DataError(f"{found}; {offer}, or train a model anew")
    return kept, f"{found}, and are left out"

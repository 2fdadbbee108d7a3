"""What is odd about words, in plain words: what a list holds that its owner may not know of.

Nothing is taken out: a capital, a digit or a hyphen belongs to some words. But a model learns them
all, and a list with counts, headings or invisible characters in it looks like any other.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

_KINDS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("with digits; are they counts, or another column?", re.compile(r"\d").search),
    (
        "with a comma, a semicolon, a bar or a slash; are there columns? --delimiter separates "
        "them, --column chooses one",
        re.compile(r"[,;|/]").search,
    ),
    ("with spaces", re.compile(r"\s").search),
    ("with marks of markup", re.compile(r"[<>{}\\]|&\w+;|\[\[|\]\]|@@").search),
    ("that begin as comments do", re.compile(r"#|//|%|;").match),
    ("in quotes; --delimiter , takes them off", re.compile(r'".*"').fullmatch),
    ("that begin with a combining mark", lambda form: unicodedata.category(form[0])[0] == "M"),
)
_UNUSUAL = re.compile(r"[^\w'’.·-]|\d")
_CAPITALS = 1 / 50
RAREST = 8


def oddities(forms: Sequence[str], listed: bool) -> list[str]:
    """Return what is odd about `forms`.

    Args:
        forms: the words; at least one.
        listed: whether they are a plain list, in which repeated words are worth a note.
    """
    distinct = dict.fromkeys(forms)
    suspects = [form for form in distinct if _UNUSUAL.search(form)]
    notes = []
    for what, is_so in _KINDS:
        found = [form for form in suspects if is_so(form)]
        if found:
            notes.append(f"{_count(found, distinct)} {what} ({_examples(found)})")
    notes += _invisible(suspects)
    capitals = [form for form in distinct if form != form.lower()]
    if len(capitals) > len(distinct) * _CAPITALS:
        notes.append(
            f"{_count(capitals, distinct)} with capitals, which are letters of their own "
            f"({_examples(capitals)})"
        )
    if listed and len(distinct) < len(forms):
        repeats = len(forms) - len(distinct)
        notes.append(f"{repeats:,} of {len(forms):,} words repeat earlier ones; each counts")
    return notes


def rarest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the characters that occur least often, with how often they do; the rarest first."""
    return sorted(counts.items(), key=lambda item: (item[1], item[0]))[:RAREST]


def named_character(character: str) -> str:
    """Return a character as it is shown: an invisible or combining one by its number and name."""
    if character.isprintable() and not character.isspace() and not unicodedata.combining(character):
        return character
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name').lower()}"


def _invisible(suspects: Sequence[str]) -> list[str]:
    """Return the characters that nobody sees, with how many words hold them."""
    found = Counter(
        character
        for form in suspects
        if not form.isprintable()
        for character in set(form)
        if not character.isprintable()
    )
    return [
        f"{count:,} forms with the invisible {named_character(character)}"
        for character, count in sorted(found.items())
    ]


def _count(found: Sequence[str], of: Collection[str]) -> str:
    return f"{len(found):,} of {len(of):,} different forms"


def _examples(found: Sequence[str]) -> str:
    return ", ".join(repr(form) for form in found[:3])

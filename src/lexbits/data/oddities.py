"""What is odd about words, in plain words: what a list holds that its owner may not know of.

Nothing is taken out: a capital, a digit or a hyphen belongs to some words. But a model learns them
all, and a list with counts, headings or invisible characters in it looks like any other. What shows
in a word alone is here; what shows among words is in `likenesses` and `scripts`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from lexbits.data.encodings import guesses, is_latin


@dataclass(frozen=True)
class Finding:
    """Something odd about a list.

    Attributes:
        kind: its name for programs.
        what: what is odd, said of forms: "with digits".
        count: how many forms, rows or characters it is true of.
        of: what is counted.
        forms: the forms, as they come in the list, or the first of them.
        advice: what can be done about it; "" where nothing need be.
        details: more on some of the forms, to stand beside them.
    """

    kind: str
    what: str
    count: int
    forms: Sequence[str]
    advice: str = ""
    of: str = "forms"
    details: Mapping[str, str] = field(default_factory=dict)


_NOTED: tuple[tuple[str, str, str, Callable[[str], object]], ...] = (
    ("digits", "with digits", "are they counts, or another column?", re.compile(r"\d").search),
    (
        "separators",
        "with a comma, a semicolon, a bar or a slash",
        "are there columns? --delimiter separates them, --column chooses one",
        re.compile(r"[,;|/]").search,
    ),
    ("spaces", "with spaces", "", re.compile(r"\s").search),
    ("markup", "with marks of markup", "", re.compile(r"[<>{}\\]|&\w+;|\[\[|\]\]|@@").search),
    (
        "comments",
        "that begin as comments do",
        "--comment leaves such lines out",
        re.compile(r"#|//|%|;").match,
    ),
    ("quotes", "in quotes", "--delimiter , takes them off", re.compile(r'".*"').fullmatch),
    (
        "combining",
        "that begin with a combining mark",
        "",
        lambda form: unicodedata.category(form[0])[0] == "M",
    ),
)
"""What a training says too, of words with unusual characters: kind, what, advice, test."""

_OTHER_SIGNS = re.compile(r"[^\w\s'’ʼ.·,;|/<>{}\\\[\]\"#%@-]")

_LISTED_ONLY: tuple[tuple[str, str, str, Callable[[str], object]], ...] = (
    (
        "punctuation",
        "with other punctuation or signs",
        "",
        # Vowel signs of Arabic, Hindi and the like are marks that belong to letters.
        lambda form: any(
            unicodedata.category(c)[0] not in "MC" for c in _OTHER_SIGNS.findall(form)
        ),
    ),
    ("apostrophes", "with apostrophes", "", re.compile("['’ʼ]").search),
    (
        "hyphens",
        "that begin or end with a hyphen",
        "are they affixes? take them out if words are meant",
        re.compile(r"[-‐‑–—].|.*[-‐‑–—]\Z").match,
    ),
    (
        "counts",
        "that end or begin with a number after a space",
        "is it a frequency list? --delimiter space --weights 2 (or 1) reads it as one",
        re.compile(r"\d[\d.,]*\s|.*\s\d[\d.,]*\Z").match,
    ),
)

_UNUSUAL = re.compile(r"[^\w'’.·-]|\d")
_NOT_LETTERS = re.compile(r"[^\w]|\d")
_CAPITALS = 1 / 50
_ACCENTED = re.compile("[\u00c0-\u00ff]{2,}")
_LOST = "\N{REPLACEMENT CHARACTER}"
_MOJIBAKE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u2122]|â€")
RAREST = 8


def oddities(forms: Sequence[str], listed: bool) -> list[str]:
    """Return what is odd about `forms`, for a note before a training.

    Args:
        forms: the words; at least one.
        listed: whether they are a plain list, in which repeated words are worth a note.
    """
    distinct = dict.fromkeys(forms)
    suspects = [form for form in distinct if _UNUSUAL.search(form)]
    notes = [_note(found, distinct) for found in _of_kinds(_NOTED, suspects)]
    notes += [f"{f.count:,} forms {f.what}" for f in _invisible(suspects)]
    capitals = [form for form in distinct if form != form.lower()]
    if len(capitals) > len(distinct) * _CAPITALS:
        what = (
            "with capitals, which are letters of their own; --lowercase puts them into lower case"
        )
        notes.append(_note(Finding("capitals", what, len(capitals), capitals), distinct))
    if listed and len(distinct) < len(forms):
        repeats = len(forms) - len(distinct)
        notes.append(f"{repeats:,} of {len(forms):,} words repeat earlier ones; each counts")
    return notes


def in_words(distinct: Collection[str]) -> list[Finding]:
    """Return all that is odd in a word alone, for the page of a list."""
    suspects = [form for form in distinct if _NOT_LETTERS.search(form)]
    found = _of_kinds(_NOTED + _LISTED_ONLY, suspects) + _invisible(suspects)
    return [*_wrongly_decoded(distinct), *_misread(distinct), *found, *_capitals(distinct)]


def rarest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the characters that occur least often, with how often they do; the rarest first."""
    return sorted(counts.items(), key=lambda item: (item[1], item[0]))[:RAREST]


def named_character(character: str) -> str:
    """Return a character as it is shown: an invisible or combining one by its number and name."""
    if character.isprintable() and not character.isspace() and not unicodedata.combining(character):
        return character
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name').lower()}"


def _of_kinds(
    kinds: Sequence[tuple[str, str, str, Callable[[str], object]]], suspects: Sequence[str]
) -> list[Finding]:
    findings = []
    for kind, what, advice, is_so in kinds:
        found = [form for form in suspects if is_so(form)]
        if found:
            findings.append(Finding(kind, what, len(found), found, advice))
    return findings


def _capitals(distinct: Collection[str]) -> list[Finding]:
    capitals = [form for form in distinct if form != form.lower()]
    whole = [form for form in capitals if len(form) > 1 and form == form.upper()]
    others = [form for form in capitals if len(form) == 1 or form != form.upper()]
    lower = "a capital is a letter of its own; --lowercase puts all into lower case"
    found = [
        Finding("capitals", "with capitals", len(others), others, lower),
        Finding("all_capitals", "all in capitals", len(whole), whole, "are they abbreviations?"),
    ]
    return [finding for finding in found if finding.count]


def _wrongly_decoded(distinct: Collection[str]) -> list[Finding]:
    """Return words that were read in a wrong encoding before they came here."""
    right = {form: _read_again(form) for form in distinct if _MOJIBAKE.search(form)}
    wrong = {form: meant for form, meant in right.items() if meant}
    lost = [form for form in distinct if _LOST in form]
    found = []
    if wrong:
        advice = (
            "UTF-8 was once read as cp1252: iconv -f UTF-8 -t CP1252 FILE undoes it, or read the "
            "original with --encoding utf-8"
        )
        details = {form: f"meant is {meant!r}" for form, meant in wrong.items()}
        what = "in a wrong encoding"
        found.append(Finding("mojibake", what, len(wrong), [*wrong], advice, details=details))
    if lost:
        advice = "letters were lost when the file was made: get it again, in its first encoding"
        found.append(
            Finding("lost_letters", "with the mark of a lost letter", len(lost), lost, advice)
        )
    return found


def _misread(distinct: Collection[str]) -> list[Finding]:
    """Return words of accented Latin letters alone, where they are another alphabet misread."""
    found = [form for form in distinct if _ACCENTED.fullmatch(form)]
    if len(found) * 2 <= len(distinct):
        return []
    encodings = [
        name for name in guesses("\n".join(found).encode("cp1252", "ignore")) if not is_latin(name)
    ]
    if not encodings:
        return []
    advice = f"another alphabet was read as Latin: probably --encoding {' or '.join(encodings)}"
    what = "of accented Latin letters only"
    return [Finding("misread", what, len(found), found, advice)]


def _read_again(form: str) -> str:
    """Return what a word was before UTF-8 was read as cp1252 or latin-1; "" if it was not."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return form.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return ""


def _invisible(suspects: Sequence[str]) -> list[Finding]:
    """Return the characters that nobody sees, with the words that hold them."""
    found: dict[str, list[str]] = {}
    for form in suspects:
        if not form.isprintable():
            for character in sorted({c for c in form if not c.isprintable()}):
                found.setdefault(character, []).append(form)
    return [
        Finding(
            f"invisible_{ord(character):04x}",
            f"with the invisible {named_character(character)}",
            len(forms),
            forms,
        )
        for character, forms in sorted(found.items())
    ]


def _note(finding: Finding, distinct: Collection[str]) -> str:
    examples = ", ".join(repr(form) for form in finding.forms[:3])
    advice = f"; {finding.advice}" if finding.advice else ""
    return (
        f"{finding.count:,} of {len(distinct):,} different forms {finding.what}{advice} "
        f"({examples})"
    )

"""What shows only among the words of a list: repeats, words nearly the same, rare characters."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence

from lexbits.data.oddities import Finding, named_character

_APOSTROPHES = str.maketrans(
    dict.fromkeys("’ʼ‘`´", "'") | dict.fromkeys("‐‑–—", "-") | {"\xad": None}
)
_RARE = 2
_REPEATED = 3  # times in one word, at most
_FEW = 500
"""Below so many forms every character is rare."""

_LONG = 4  # standard deviations above the mean
_NOT_LONG = 15


def among_words(forms: Sequence[str], distinct: Collection[str], repetition: str) -> list[Finding]:
    """Return what is odd of words beside one another.

    Args:
        forms: those of all rows.
        distinct: the different ones, in their order.
        repetition: what forms that occur in several rows come to.
    """
    found = [_repeated(forms, distinct, repetition), *_nearly_the_same(distinct)]
    found += [_short(distinct), _long(distinct), _rare_characters(distinct)]
    return [finding for finding in found if finding is not None]


def lengths(distinct: Collection[str]) -> dict[int, int]:
    """Return how many different forms have each number of characters, from 1 to the longest."""
    counts = Counter(map(len, distinct))
    return {length: counts[length] for length in range(1, max(counts, default=0) + 1)}


def _repeated(forms: Sequence[str], distinct: Collection[str], repetition: str) -> Finding | None:
    again = len(forms) - len(distinct)
    if not again:
        return None
    counts = Counter(forms)
    often = [form for form, _ in counts.most_common(min(len(distinct), 20)) if counts[form] > 1]
    return Finding(
        "duplicates",
        "that repeat earlier ones",
        again,
        often,
        repetition,
        "rows",
        {form: f"{counts[form]:,} times" for form in often},
    )


def _nearly_the_same(distinct: Collection[str]) -> list[Finding]:
    by_case = _groups(distinct, str.lower)
    alike = {
        key: group
        for key, group in _groups(distinct, _spelled).items()
        if len({form.lower() for form in group}) > 1
    }
    return [
        finding
        for kind, groups, what, advice in (
            (
                "case",
                by_case,
                "that differ from others in capitals only",
                "--lowercase makes them one",
            ),
            (
                "spelling",
                alike,
                "that differ from others in the kind of apostrophe, hyphen or letter form only",
                "write them alike: each kind is a letter of its own",
            ),
        )
        if (finding := _of_groups(kind, groups, what, advice))
    ]


def _spelled(form: str) -> str:
    """Return a form with one kind of apostrophe and hyphen, without ligatures, wide letters etc."""
    return (
        form.lower()
        if form.isascii()
        else unicodedata.normalize("NFKC", form.translate(_APOSTROPHES)).lower()
    )


def _groups(distinct: Collection[str], key: Callable[[str], str]) -> dict[str, list[str]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for form in distinct:
        groups[key(form)].append(form)
    return {found: group for found, group in groups.items() if len(group) > 1}


def _of_groups(
    kind: str, groups: Mapping[str, list[str]], what: str, advice: str
) -> Finding | None:
    if not groups:
        return None
    fewer = sum(len(group) - 1 for group in groups.values())
    details = {group[-1]: f"beside {group[0]!r}" for group in groups.values()}
    return Finding(kind, what, fewer, [*details], advice, details=details)


def _short(distinct: Collection[str]) -> Finding | None:
    short = [form for form in distinct if len(form) == 1]
    return Finding("short", "of one character", len(short), short) if short else None


def _long(distinct: Collection[str]) -> Finding | None:
    counts = Counter(map(len, distinct))
    n = len(distinct)
    mean = sum(length * count for length, count in counts.items()) / n
    variance = sum((length - mean) ** 2 * count for length, count in counts.items()) / n
    most = max(_NOT_LONG, mean + _LONG * variance**0.5)
    found = sorted((form for form in distinct if len(form) > most), key=len, reverse=True)
    if not found:
        return None
    advice = f"--max-length {int(most)} leaves them out"
    return Finding("long", f"of more than {int(most)} characters", len(found), found, advice)


def _rare_characters(distinct: Collection[str]) -> Finding | None:
    if len(distinct) < _FEW:
        return None
    # Counting all characters at once is quick; of the few that are rare the words are looked at.
    in_all = Counter("".join(distinct))
    rare = {character for character, count in in_all.items() if count <= _RARE * _REPEATED}
    holders: defaultdict[str, list[str]] = defaultdict(list)
    if rare:
        having = re.compile(f"[{re.escape(''.join(rare))}]")
        for form in filter(having.search, distinct):
            for character in rare.intersection(form):
                holders[character].append(form)
    rare = {character for character in rare if len(holders[character]) <= _RARE}
    if not rare:
        return None
    details: dict[str, list[str]] = defaultdict(list)
    for character in sorted(rare):
        details[holders[character][0]].append(named_character(character))
    return Finding(
        "rare_characters",
        f"that at most {_RARE} forms have",
        len(rare),
        [*details],
        "none can be learned from so few: are these words of the language, or slips?",
        "characters",
        {form: " ".join(found) for form, found in details.items()},
    )

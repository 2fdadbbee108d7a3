"""Scripts in a list of words: letters of two scripts in one word, and words of another script.

A Cyrillic letter in a Latin word looks right to every reader, and is another letter to a model.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection
from functools import cache

from lexbits.data.oddities import Finding, named_character

_TOGETHER = {"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "CJK", "BOPOMOFO"}
_OF_NO_SCRIPT = {"MODIFIER", "FEMININE", "MASCULINE", "MICRO", "SUPERSCRIPT", "SUBSCRIPT"}
_MAIN = 0.9  # of the words are in the script of a list
_NAMED = 3


@cache
def script_of(character: str) -> str:
    """Return the script of a letter, such as "Latin"; "" of what belongs to none or to all."""
    if not character.isalpha():
        return ""
    name, *more = unicodedata.name(character, "").replace("FULLWIDTH ", "").split(" ")
    if name in _OF_NO_SCRIPT or not more:
        return ""
    return "Chinese or Japanese" if name in _TOGETHER else name.capitalize()


def of_scripts(distinct: Collection[str]) -> list[Finding]:
    """Return the words of two scripts, and those of another script than nearly all."""
    scripts = {script_of(character) for character in set().union(*distinct)} - {""}
    if len(scripts) < 2:
        return []
    each = {form: Counter(filter(None, map(script_of, form))) for form in distinct}
    mixed = {form: found for form, found in each.items() if len(found) > 1}
    findings = []
    if mixed:
        details = {form: _strangers(form, found) for form, found in mixed.items()}
        advice = "a letter of the other script looks alike and is another: correct it"
        what = "with letters of two scripts"
        findings.append(
            Finding("mixed_scripts", what, len(mixed), [*mixed], advice, details=details)
        )
    pure = Counter(next(iter(found)) for found in each.values() if len(found) == 1)
    main, count = pure.most_common(1)[0] if pure else ("", 0)
    if count > _MAIN * pure.total() > 0:
        foreign = [f for f, found in each.items() if len(found) == 1 and main not in found]
        others = ", ".join(name for name in pure if name != main)
        if foreign:
            what = f"in {others}, where nearly all are in {main}"
            advice = "take them out, unless they are words of the language"
            findings.append(Finding("foreign_script", what, len(foreign), foreign, advice))
    return findings


def _strangers(form: str, found: Counter[str]) -> str:
    """Name the letters of a word that are not of its most frequent script."""
    main = found.most_common(1)[0][0]
    strangers = dict.fromkeys(c for c in form if script_of(c) not in ("", main))
    return ", ".join(
        f"{named_character(c)} is {unicodedata.name(c, 'without a name').lower()}"
        for c in list(strangers)[:_NAMED]
    )

"""`simplemma:LANG`: the words that come with lexbits, from the dictionaries of simplemma.

simplemma maps the forms of 54 languages to lemmas; it was made for looking words up, so forms that
are no clean words do no harm there, but do here. Left out are

- forms with capitals, or with anything but letters and combining marks (for German this loses the
  nouns);
- forms with a character that is not of the language's alphabet. For Spanish the alphabet is written
  down. For the others a character counts as foreign when it occurs less than once in 2,000 forms:
  in the default sample of 30,000 it would be met fifteen times at most, too rarely to be learnt.
  All 54 dictionaries were looked at to choose this bound. It takes è é à å ù î from German (38
  forms), Persian, Maghrebi and Latin letters from Arabic (101), the rare ॅ ङ ऑ from Hindi (72),
  q x ž and foreign vowels from Finnish (2,566), the stress marks from Russian (769); š stays in
  Finnish, ъ in Russian, é in English. It costs 0.42 % of the forms in Ancient Greek, less than
  0.3 % elsewhere, and less than 0.1 % in most languages;
- in Spanish, forms under lemmas in -rse, which are garbled.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Literal

from lexbits.data.entry import Entry
from lexbits.data.splits import sample
from lexbits.errors import UsageError
from lexbits.languages import code_of

AUTO_LIMIT = 30_000
RARE = 1 / 2000
ALPHABETS = {"es": frozenset("abcdefghijklmnopqrstuvwxyzáéíóúüñ")}
GARBLED_LEMMAS = {"es": "rse"}
# Language -> (version of simplemma, digest of the cleaned list) of the documented metrics.
DOCUMENTED = {"es": ("2.0.0", "225326b43bfac7ab")}


def languages() -> list[str]:
    """Return the codes of the embedded languages; loads none of the dictionaries."""
    from simplemma.strategies.dictionaries.dictionary_factory import (
        SUPPORTED_LANGUAGES,
    )

    return sorted(SUPPORTED_LANGUAGES)


def load_embedded(
    language: str, limit: int | Literal["auto", "all"], max_length: int
) -> tuple[list[Entry], list[str]]:
    """Return the clean forms of a language with their lemmas, sorted by form, and notes.

    Args:
        language: a code in `languages()`.
        limit: the size of a sample that depends on nothing but the clean forms themselves;
            `auto` stands for `AUTO_LIMIT`, `all` takes them all.
        max_length: forms of more characters than this are left out.

    Raises:
        UsageError: an unknown language.
    """
    _refuse_unknown(language)
    version, dictionary = _dictionary(language)
    # Several spellings of one form can become equal in NFC; any of them leads to a lemma.
    keys = {unicodedata.normalize("NFC", key): key for key in dictionary}
    forms, dropped = _clean(sorted(keys), language)
    ending = GARBLED_LEMMAS.get(language)
    if ending:
        sound = [form for form in forms if not dictionary[keys[form]].endswith(ending)]
        dropped[f"under lemmas in -{ending}"] = len(forms) - len(sound)
        forms = sound
    notes = [f"simplemma {version}, {language}: {len(dictionary):,} forms"]
    documented, expected = DOCUMENTED.get(language, (version, None))
    if expected and digest(forms) != expected:
        notes.append(
            f"this dictionary is not that of simplemma {documented}, with which the documented "
            "figures were made: expect other figures"
        )
    short = [form for form in forms if len(form) <= max_length]
    dropped[f"longer than {max_length} characters"] = len(forms) - len(short)
    notes += [f"{count:,} forms {reason} left out" for reason, count in dropped.items() if count]
    size = AUTO_LIMIT if limit == "auto" else limit
    chosen = short
    if size != "all" and size < len(short):
        chosen = sample(short, size, str)
        notes.append(f"a sample of {size:,} of the remaining {len(short):,} forms")
    normal = unicodedata.normalize
    return [Entry(form, normal("NFC", dictionary[keys[form]])) for form in chosen], notes


def membership(language: str) -> Callable[[str], bool]:
    """Return a function that says whether a form is in the dictionary of a language, clean or not.

    Raises:
        UsageError: an unknown language.
    """
    _refuse_unknown(language)
    _, dictionary = _dictionary(language)
    normal, is_normal = unicodedata.normalize, unicodedata.is_normalized
    others = {normal("NFC", key) for key in dictionary if not is_normal("NFC", key)}
    return lambda form: form in dictionary or form in others


def digest(forms: Iterable[str]) -> str:
    """Return a digest of a sorted list of forms, by which two dictionaries can be distinguished."""
    return sha256("\n".join(forms).encode()).hexdigest()[:16]


def _refuse_unknown(language: str) -> None:
    if language not in languages():
        near = difflib.get_close_matches(code_of(language), languages(), n=1)
        guess = f"; did you mean simplemma:{near[0]}?" if near else ";"
        raise UsageError(
            f"simplemma has no language {language!r}{guess} `lexbits data list` shows them all"
        )


def _dictionary(language: str) -> tuple[str, Mapping[str, str]]:
    import simplemma
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    return simplemma.__version__, DefaultDictionaryFactory().get_dictionary(language)


def _clean(forms: list[str], language: str) -> tuple[list[str], dict[str, int]]:
    """Drop the forms that are no clean words; return the others, and how many went for what."""
    unclean = {character for character in set().union(*forms) if not _is_small_letter(character)}
    words = [form for form in forms if form and unclean.isdisjoint(form)]
    text = "\n".join(words)
    characters = set(text) - {"\n"}
    if language in ALPHABETS:
        foreign = characters - ALPHABETS[language]
    else:
        foreign = {c for c in characters if text.count(c) < RARE * len(words)}
    kept = [word for word in words if foreign.isdisjoint(word)]
    return kept, {
        "with capitals or with other signs than letters": len(forms) - len(words),
        "with characters outside the alphabet": len(words) - len(kept),
    }


def _is_small_letter(character: str) -> bool:
    # Neither str.islower (false in scripts without case) nor str.isalpha (false for the vowel signs
    # of Devanagari) says this.
    return unicodedata.category(character)[0] in "LM" and character == character.lower()

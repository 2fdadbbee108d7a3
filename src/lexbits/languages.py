"""The English names of languages, by the codes that data sets and models are called by."""

from __future__ import annotations

import re

NAMES = {
    "ar": "Arabic",
    "ast": "Asturian",
    "bg": "Bulgarian",
    "ca": "Catalan",
    "cs": "Czech",
    "cy": "Welsh",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "enm": "Middle English",
    "eo": "Esperanto",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "ga": "Irish",
    "gd": "Scottish Gaelic",
    "gl": "Galician",
    "grc": "Ancient Greek",
    "gv": "Manx",
    "hbs": "Serbo-Croatian",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "hy": "Armenian",
    "id": "Indonesian",
    "is": "Icelandic",
    "it": "Italian",
    "ka": "Georgian",
    "la": "Latin",
    "lb": "Luxembourgish",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "mk": "Macedonian",
    "ml": "Malayalam",
    "ms": "Malay",
    "mt": "Maltese",
    "nb": "Norwegian Bokmål",
    "nl": "Dutch",
    "nn": "Norwegian Nynorsk",
    "nv": "Navajo",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "se": "Northern Sami",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sq": "Albanian",
    "sv": "Swedish",
    "sw": "Swahili",
    "tl": "Tagalog",
    "tr": "Turkish",
    "uk": "Ukrainian",
}
"""Code (ISO 639, the shortest there is) -> English name."""

_CODES = {name.lower(): code for code, name in NAMES.items()}


def name_of(code: str) -> str:
    """Return the English name of a language; the code where nobody has written it down."""
    return NAMES.get(code, code)


def code_of(language: str) -> str:
    """Return the code that somebody means who writes a locale, or the English name.

    Examples:
        >>> code_of("Spanish"), code_of("ES"), code_of("es_MX"), code_of("es")
        ('es', 'es', 'es', 'es')
    """
    asked = language.lower()
    return _CODES.get(asked, re.split("[_-]", asked)[0])

"""Bytes that do not decode: where they are in a text, and which encoding would read them.

A guess is only ever said, never followed: words read in the wrong encoding look like words.
"""

from __future__ import annotations

import codecs
import re

MARKS = "lexbits-marks"
"""A way to handle errors: each byte that does not decode becomes a character that no text has."""

_FIRST_MARK = 0xDC00
FLAW = re.compile("[\0\r\udc00-\udcff]")
"""What no line of text has: a NUL, a CR, a byte that does not decode."""

_CONTROL = re.compile("[\0-\x08\x0e-\x1f\x7f-\x9f]")

_BYTE_ORDER = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8",
}
_CENTRAL = "áäąčćçďđéęěëíĺľłńňóôöőŕřśšşťţúůüűýžźżßâăî"
_WESTERN = "àáâãäåæçèéêëìíîïñòóôõöøùúûüÿßœšž’"
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўђѓјљњћќџѕ"
_GREEK = "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ"
_KANA = "".join(map(chr, range(0x3041, 0x30FF)))
_HAN = "".join(map(chr, range(0x4E00, 0xA000)))

_LATIN = {
    "cp1252": _WESTERN,
    "cp1254": "çğıöşüâîû",
    "cp1250": _CENTRAL,
    "iso8859-2": _CENTRAL,
    "cp1257": "āčēģīķļņšūžõäöüąęėįųō",
    "mac-roman": _WESTERN,
    "cp850": _WESTERN,
}
_OTHERS = {
    "euc-jp": _KANA + _HAN,
    "shift_jis": _KANA + _HAN,
    "euc-kr": "".join(map(chr, range(0xAC00, 0xD7A4))),
    "cp1251": _CYRILLIC,
    "koi8-r": _CYRILLIC,
    "cp1253": _GREEK,
    "cp1255": "".join(map(chr, range(0x5D0, 0x5EB))),
    "cp1256": "".join(map(chr, range(0x621, 0x653))) + "پچژگکی",
    "cp874": "".join(map(chr, range(0xE01, 0xE4F))),
    "iso8859-5": _CYRILLIC,
    "cp866": _CYRILLIC,
    "gb18030": _HAN,
    "big5": _HAN,
}
_JAPANESE = ("euc-jp", "shift_jis")
_LETTERS = {name: frozenset(letters) for name, letters in (_LATIN | _OTHERS).items()}
"""The letters that languages written in an encoding have; the more usual encoding first."""

_UNUSUAL = 0.6  # of a letter: a capital inside a word; and of Japanese without kana
_MIXED = 0.5  # of words that mix scripts as no language does
_LATIN_MIX = 0.8  # of the letters of words beyond ASCII are not ASCII at most: "çığ" is rare
_SURE = 0.6
_AS_GOOD = 0.01
_OFFERED = 3


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(chr(_FIRST_MARK + byte) for byte in wrong), error.end


codecs.register_error(MARKS, _mark)


def is_latin(encoding: str) -> bool:
    """Whether an encoding is one for languages in Latin letters."""
    return encoding in _LATIN


def marked_byte(character: str) -> int:
    """Return the byte that a mark stands for."""
    return ord(character) - _FIRST_MARK


def bytes_of(line: str) -> bytes:
    """Return the bytes that a line of UTF-8 was made from, marks taken back."""
    return b"".join(
        bytes([marked_byte(c)]) if "\udc00" <= c <= "\udcff" else c.encode("utf-8", "ignore")
        for c in line
    )


def guesses(raw: bytes) -> list[str]:
    """Return the encodings that read `raw` as words, equally well; none where none does so.

    Args:
        raw: a piece of a text, with bytes that its supposed encoding does not have.
    """
    for mark, encoding in _BYTE_ORDER.items():
        if raw.startswith(mark):
            return [encoding]
    if raw.count(0) * 4 > len(raw):
        return ["utf-16-le" if raw[1::2].count(0) >= raw[::2].count(0) else "utf-16-be"]
    whole = raw.split(b"\n")[:-1] or [raw]  # the last line of a piece may be cut inside a character
    lines = b"\n".join(line for line in whole if not line.isascii()) or raw
    if _decoded(lines, "utf-8"):  # whatever is no UTF-8 does not decode so
        return ["utf-8"]
    scores = {encoding: _score(lines, encoding) for encoding in _LETTERS}
    least = max(_SURE, max(scores.values()) - _AS_GOOD)
    return [encoding for encoding, score in scores.items() if score >= least]


def _decoded(raw: bytes, encoding: str) -> str:
    """Return text without control characters; "" where it does not decode or has some."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return ""
    return "" if _CONTROL.search(text) else text


def _score(raw: bytes, encoding: str) -> float:
    """Return how well the characters beyond ASCII are letters that `encoding` is used for."""
    words = [word for word in _decoded(raw, encoding).split() if not word.isascii()]
    if not words:
        return 0.0
    usual = _LETTERS[encoding]
    beyond = [(i, c) for word in words for i, c in enumerate(word) if not c.isascii()]
    score = sum(_worth(c, i == 0, usual) for i, c in beyond) / len(beyond)
    letters = sum(c.isalpha() for word in words for c in word)
    mixed = len(beyond) / max(letters, 1) > _LATIN_MIX
    if mixed == (encoding in _LATIN):
        score *= _MIXED
    if encoding in _JAPANESE and not any(c in _KANA for _, c in beyond):
        score *= _UNUSUAL
    return score


def _worth(character: str, first: bool, usual: frozenset[str]) -> float:
    if character in usual:
        return 1.0
    if character.lower() in usual:
        return 1.0 if first else _UNUSUAL
    return 0.0


def advice(raw: bytes, line: bytes = b"") -> str:
    """Return what to do about bytes that do not decode.

    Args:
        raw: a piece of the text.
        line: the bytes of the line in question, to show how they would read.
    """
    found = guesses(raw)
    if not found and b"\0" in raw:
        return "give a text file, or take the NUL out"
    if not found:
        return "say which encoding it is, such as --encoding latin-1 or --encoding cp1252"
    read: dict[str, str] = {}
    for encoding in found:
        words = re.split(r"[\s,;|\"]+", _decoded(line, encoding))
        read.setdefault(next((word for word in words if not word.isascii()), ""), encoding)
    offered = [f"{name} ({word[:40]!r})" if word else name for word, name in read.items()]
    return f"probably --encoding {' or '.join(offered[:_OFFERED])}"

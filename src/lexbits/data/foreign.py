"""What a file is that is no text of words, by its first bytes, and what to do about it."""

from __future__ import annotations

import codecs

from lexbits.errors import DataError

HEAD = 48
"""This many bytes suffice."""

_KINDS: dict[bytes, tuple[str, str]] = {
    b"\xfd7zXZ\x00": ("an xz file", "unpack it: xz -d FILE"),
    b"BZh": ("a bzip2 file", "unpack it: bzip2 -d FILE"),
    b"\x28\xb5\x2f\xfd": ("a zstd file", "unpack it: zstd -d FILE"),
    b"PK\x03\x04": (
        "a zip file, or a document of an office program",
        "unpack it, or save the document as text in UTF-8 (a sheet: as CSV UTF-8)",
    ),
    b"7z\xbc\xaf\x27\x1c": ("a 7-Zip file", "unpack it: 7z x FILE"),
    b"Rar!": ("a RAR file", "unpack it"),
    b"%PDF": ("a PDF document", "save its words as text in UTF-8"),
    b"\xd0\xcf\x11\xe0": (
        "a document of an office program",
        "save it as text in UTF-8 (a sheet: as CSV UTF-8)",
    ),
    b"SQLite format 3": ("a SQLite database", "write its words to a text file"),
    b"PAR1": ("a Parquet file", "write its words to a text file"),
    b"version https://git-lfs.github.com/": (
        "a pointer of Git LFS, not the file itself",
        "fetch it: git lfs pull",
    ),
}


_WIDE = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte-order marks; the longer ones first, as a shorter one begins one of them."""


def refuse_foreign(head: bytes, name: str, encoding: str = "utf-8") -> None:
    """Check that a file that begins with `head` may be text in `encoding`, or gzipped text.

    Raises:
        DataError: it is something else, with what to do.
    """
    for magic, (kind, remedy) in _KINDS.items():
        if head.startswith(magic):
            raise DataError(f"{name}, line 1: expected text, found {kind}; {remedy}")
    wide = next((wide for mark, wide in _WIDE.items() if head.startswith(mark)), "")
    if wide and not codecs.lookup(encoding).name.startswith(wide):
        raise DataError(
            f"{name}, line 1: expected text in {encoding}, found the byte-order mark of {wide}; "
            f"read it with --encoding {wide}"
        )

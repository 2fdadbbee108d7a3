"""What a file is that is no text of words, by its first bytes, and what to do about it."""

from __future__ import annotations

from lexbits.errors import DataError

HEAD = 48
"""This many bytes suffice."""

_KINDS: dict[bytes, tuple[str, str]] = {
    b"\xfd7zXZ\x00": ("an xz file", "unpack it: xz -d FILE"),
    b"BZh": ("a bzip2 file", "unpack it: bzip2 -d FILE"),
    b"\x28\xb5\x2f\xfd": ("a zstd file", "unpack it: zstd -d FILE"),
    b"PK\x03\x04": (
        "a zip file, or a document of an office program",
        "unpack it, or save the document as text in UTF-8",
    ),
    b"7z\xbc\xaf\x27\x1c": ("a 7-Zip file", "unpack it: 7z x FILE"),
    b"Rar!": ("a RAR file", "unpack it"),
    b"%PDF": ("a PDF document", "save its words as text in UTF-8"),
    b"\xd0\xcf\x11\xe0": ("a document of an office program", "save it as text in UTF-8"),
    b"SQLite format 3": ("a SQLite database", "write its words to a text file"),
    b"PAR1": ("a Parquet file", "write its words to a text file"),
    b"\xff\xfe": ("text in UTF-16", "convert it: iconv -f UTF-16 -t UTF-8 FILE"),
    b"\xfe\xff": ("text in UTF-16", "convert it: iconv -f UTF-16 -t UTF-8 FILE"),
    b"version https://git-lfs.github.com/": (
        "a pointer of Git LFS, not the file itself",
        "fetch it: git lfs pull",
    ),
}


def refuse_foreign(head: bytes, name: str) -> None:
    """Check that a file that begins with `head` may be text, or gzipped text.

    Raises:
        DataError: it is something else, with what to do.
    """
    for magic, (kind, remedy) in _KINDS.items():
        if head.startswith(magic):
            raise DataError(f"{name}, line 1: expected text in UTF-8, found {kind}; {remedy}")

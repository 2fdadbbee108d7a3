"""The text files of a run: bytes -> text -> JSON objects, one for a file or one for a line.

Lines end at each newline alone: a word may hold characters at which `str.splitlines` would end one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lexbits.errors import RunError


def decoded(content: bytes, where: str) -> str:
    """Return the text of a file; `where` names it in messages.

    Raises:
        RunError: it is not in UTF-8.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise RunError(f"{where}: expected UTF-8: damaged") from None


def json_text(document: Mapping[str, Any]) -> str:
    """Return `document` as readable JSON."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def json_object(text: str, where: str) -> dict[str, Any]:
    """Return the JSON object that is written in `text`; `where` names its place in messages.

    Raises:
        RunError: it is something else.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise RunError(f"{where}: not valid JSON: damaged or edited") from None
    if not isinstance(document, dict):
        raise RunError(f"{where}: expected a JSON object, found something else")
    return document


def records_text(records: Sequence[Mapping[str, Any]]) -> str:
    """Return a line for each record of an epoch."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def parse_records(text: str, where: str) -> list[dict[str, Any]]:
    """Read what `records_text` wrote.

    Raises:
        RunError: a line is no record of its epoch.
    """
    text, records = text.removesuffix("\n"), []
    for number, line in enumerate(text.split("\n") if text else (), 1):
        record = json_object(line, f"{where}, line {number}")
        if record.get("epoch") != number:
            raise RunError(
                f"{where}, line {number}: expected the metrics of epoch {number}, found "
                f"{record.get('epoch')!r}: damaged or edited; restore it from a copy"
            )
        records.append(record)
    return records

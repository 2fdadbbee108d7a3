"""Text files of a run are read as they were written, or refused by name and line."""

import pytest

from lexbits.errors import RunError
from lexbits.runs.text import decoded, json_object, parse_records, records_text

SEPARATORS = ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\r"]


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_word_with_a_separator_of_lines_does_not_end_its_line(separator):
    records = [{"epoch": n, "samples": [{"word": f"un{separator}o"}]} for n in (1, 2)]
    assert parse_records(records_text(records), "file") == records


def test_no_epoch_is_an_empty_file():
    assert parse_records(records_text([]), "file") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"epoch": 1}\n{"epoch": \n', "line 2: not valid JSON"),
        ('{"epoch": 1}\n[2]\n', "line 2: expected a JSON object"),
        ('{"epoch": 1}\n{"epoch": 3}\n', "line 2: expected the metrics of epoch 2, found 3"),
        ('{"step": 1}\n', "line 1: expected the metrics of epoch 1, found None"),
        ('{"epoch": 1}\n\n', "line 2: not valid JSON"),
        ("[" * 100_000, "line 1: not valid JSON"),
    ],
)
def test_a_line_that_is_no_record_of_its_epoch_is_named(text, expected):
    with pytest.raises(RunError, match=f"^metrics.jsonl, {expected}"):
        parse_records(text, "metrics.jsonl")


def test_what_is_no_text_or_no_object_is_refused_by_its_name():
    with pytest.raises(RunError, match=r"^file: expected UTF-8"):
        decoded(b"\xff", "file")
    with pytest.raises(RunError, match=r"^file: expected a JSON object"):
        json_object("3", "file")

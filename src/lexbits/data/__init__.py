"""Words come in: from files, from the embedded dictionaries, from SIGMORPHON 2016.

`load_splits` turns settings into train, dev and test words; the other names are its parts that are
of use alone. These names load no numerical library; `corpus`, which makes symbols of words, does.
"""

from lexbits.data.entry import Entry, forms_of
from lexbits.data.remote import Say
from lexbits.data.source import Splits, load_entries, load_splits
from lexbits.data.splits import without_seen
from lexbits.data.table import parse_text, to_text

__all__ = [
    "Entry",
    "Say",
    "Splits",
    "forms_of",
    "load_entries",
    "load_splits",
    "parse_text",
    "to_text",
    "without_seen",
]

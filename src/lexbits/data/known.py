"""Which split a word belongs to, of any number of words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from lexbits.data.entry import Entry, FormLookup, forms_of


class KnownWords(Mapping[str, str]):
    """Maps the forms of a model's data to the name of their split.

    A form in several splits belongs to the first of them; only the first may be packed. Packed
    words are asked, not copied; to go through them takes as long as they are many.

    Args:
        read: returns the entries of each split. It is called when they are first needed: millions
            of words take seconds to read, and most that a model is asked needs none of them.
    """

    def __init__(self, read: Callable[[], Mapping[str, Sequence[Entry]]]) -> None:
        self._read = read

    @cached_property
    def splits(self) -> dict[str, Sequence[Entry]]:
        """The entries of each split."""
        return dict(self._read())

    @cached_property
    def _packed(self) -> dict[str, FormLookup]:
        return {name: e for name, e in self.splits.items() if isinstance(e, FormLookup)}

    @cached_property
    def _listed(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in reversed(self.splits):
            if name not in self._packed:
                found |= dict.fromkeys(forms_of(self.splits[name]), name)
        return found

    def __getitem__(self, form: str) -> str:
        for name, entries in self._packed.items():
            if entries.has(form):
                return name
        return self._listed[form]

    def __iter__(self) -> Iterator[str]:
        for name in self._packed:
            yield from (entry.form for entry in self.splits[name])
        yield from self._listed

    def __len__(self) -> int:
        return len(self._listed) + sum(len(self.splits[name]) for name in self._packed)

"""Which split a word belongs to, of any number of words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lexbits.data.entry import Entry, FormLookup, forms_of


class KnownWords(Mapping[str, str]):
    """Maps the forms of a model's data to the name of their split.

    A form in several splits belongs to the first of them; only the first may be packed. Packed
    words are asked, not copied; to go through them takes as long as they are many.

    Attributes:
        splits: the entries of each split.
    """

    def __init__(self, splits: Mapping[str, Sequence[Entry]]) -> None:
        self.splits = dict(splits)
        self._packed = {name: e for name, e in splits.items() if isinstance(e, FormLookup)}
        self._listed: dict[str, str] = {}
        for name in reversed(self.splits):
            if name not in self._packed:
                self._listed |= dict.fromkeys(forms_of(splits[name]), name)

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

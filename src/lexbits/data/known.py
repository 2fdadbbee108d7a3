"""Which split a word belongs to, of any number of words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from lexbits.data.entry import Entry, FormLookup, forms_of
from lexbits.data.lookup import WordLookup
from lexbits.data.origin import WHOLE, Origin
from lexbits.data.splits import without_seen
from lexbits.errors import DataError, warn


class KnownWords(Mapping[str, str]):
    """Maps the forms of a model's data to the name of their split.

    A form in several splits belongs to the first of them; only the first may be packed. Packed
    words are asked, not copied; to go through them takes as long as they are many.

    Args:
        read: returns the entries of each split. It is called when they are first needed: millions
            of words take seconds to read, and most that a model is asked needs none of them.
        sizes: how many entries each split has, where that is known before.
        find: returns what the splits were sampled from, given the training words. It is called when
            a status is first asked for: a dictionary takes a second to read.
        lookup: tells the status of a word where the words are not read.
    """

    def __init__(
        self,
        read: Callable[[], Mapping[str, Sequence[Entry]]],
        sizes: Mapping[str, int] | None = None,
        find: Callable[[Sequence[Entry]], Origin] | None = None,
        lookup: WordLookup | None = None,
    ) -> None:
        self._read = read
        self._sizes = sizes
        self._find = find
        self._lookup = lookup

    def status(self, form: str) -> str:
        """Return the split of a form, else "source" for one that the data set has, else "new"."""
        split = self._lookup.split_of(form) if self._lookup else self.get(form)
        return split or ("source" if self.origin.has(form) else "new")

    def meaning(self) -> str:
        """Say what a status other than the name of a split means."""
        if not self.origin.name:
            return "new: in none of the model's own words"
        return (
            f"source: a word of {self.origin.name} that is not in the model's own splits, which "
            "are a sample of it; new: in neither"
        )

    @cached_property
    def origin(self) -> Origin:
        """What the splits were sampled from; if that is no longer available, a warning says so."""
        found = (self._lookup and self._lookup.origin()) or self._found()
        if found.missing:
            warn(f"words count as new if they are none of the model's own: {found.missing}")
        return found

    def _found(self) -> Origin:
        try:
            return self._find(self.splits.get("train", ())) if self._find else WHOLE
        except DataError as error:  # words of another version than those of the model
            if not self._lookup:
                raise
            return Origin(missing=str(error))

    def __getstate__(self) -> dict[str, Any]:
        # A function that looks forms up cannot always be pickled: it is made anew.
        return {name: value for name, value in vars(self).items() if name != "origin"}

    @cached_property
    def splits(self) -> dict[str, Sequence[Entry]]:
        """The entries of each split."""
        return dict(self._read())

    @cached_property
    def unseen_dev(self) -> tuple[list[Entry], int]:
        """The dev entries whose form is not in train, and how many others there are."""
        return without_seen(self.splits.get("dev", ()), self.splits.get("train", ()))

    @property
    def sizes(self) -> dict[str, int]:
        """How many entries each split has; nothing where that is not known before they are read."""
        if self._sizes is not None:
            return dict(self._sizes)
        read: Mapping[str, Sequence[Entry]] = vars(self).get("splits", {})
        return {name: len(entries) for name, entries in read.items()}

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

    def __repr__(self) -> str:
        sizes = ", ".join(f"{count:,} {name}" for name, count in self.sizes.items())
        return f"{type(self).__name__}({sizes or 'not read yet'})"

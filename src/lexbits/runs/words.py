"""Before a training: what cannot work is refused, and words are read, split and counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.data import Entry, Say, forms_of, load_splits, without_seen
from lexbits.data.source import name_of
from lexbits.data.splits import refuse_few
from lexbits.data.training_words import TrainingWords, to_learn_from
from lexbits.errors import UsageError
from lexbits.objective import make_estimator
from lexbits.runs.estimator import source_to_keep
from lexbits.runs.folder import RunFolder
from lexbits.training.devices import refuse_missing, settled
from lexbits.training.length import synthetic_in_all, synthetic_note
from lexbits.training.needs import refuse_too_large


@dataclass(frozen=True)
class Words:
    """The words of one or several trainings.

    Attributes:
        splits: the entries of train, dev and test.
        unseen_dev: the dev entries whose form is not in train.
        alphabet: the characters of train.
        facts: where the words come from and what was said about them, for data.json.
    """

    splits: dict[str, Sequence[Entry]]
    unseen_dev: list[Entry]
    alphabet: Alphabet
    facts: dict[str, Any]

    def forms(self) -> tuple[TrainingWords, list[str]]:
        """Return the words to learn from and those to select by."""
        return to_learn_from(self.splits["train"]), forms_of(self.unseen_dev)


def refuse_impossible(settings: Settings) -> None:
    """Check what needs no words: that there is such a device, and that all fits, the memory too.

    Raises:
        UsageError: it does not, with what would.
    """
    refuse_missing(settings.device, settings.precision)
    make_estimator(settings, features=1)
    refuse_too_large(settings)


def refuse_synthetic(settings: Settings, words: TrainingWords) -> None:
    """Check that synthetic words, if there are to be any, can be generated.

    Raises:
        UsageError: they cannot.
    """
    if synthetic_in_all(settings, len(words)) and not words.can_fit_ngram:
        raise UsageError(
            "synthetic_words: an n-gram model is not fitted to packed words; give "
            "--synthetic-words 0 (synthetic_words=0)"
        )


def read_words(settings: Settings, say: Say) -> Words:
    """Load and split the words of `settings`; `say` is called with what there is.

    Raises:
        UsageError, DataError, DownloadError: as `load_splits`; or too few words in train or dev.
    """
    say(f"Reading {name_of(settings.sources)}")
    words = load_splits(settings, say)
    for note in words.notes:
        say(f"  {note}")
    dev, removed = without_seen(words.dev, words.train)
    train = words.train
    for note in refuse_few(train, dev):
        say(f"  {note}")
    if note := synthetic_note(settings, len(train)):
        say(f"  {note}")
    learned = to_learn_from(train)
    alphabet = learned.alphabet
    refuse_synthetic(settings, learned)
    splits = {"train": words.train, "dev": words.dev, "test": words.test}
    counts = {name: len(entries) for name, entries in splits.items()}
    say(
        f"  {counts['train']:,} training, {counts['dev']:,} dev, {counts['test']:,} test words; "
        f"{len(alphabet.characters)} characters"
    )
    facts = {
        "name": words.name,
        "layout": words.layout,
        "rows": counts,
        "dev_overlap_removed": removed,
        "notes": words.notes,
    }
    return Words(splits, dev, alphabet, facts)


def create_run(
    path: Path,
    settings: Settings,
    words: Words,
    overwrite: bool = False,
    fill: Callable[[RunFolder], None] | None = None,
) -> AbstractContextManager[RunFolder]:
    """Make the run folder of a training on `words`, and hold its lock; `fill` adds files to it.

    Its settings say which precision `auto` comes to here, so that the training can be repeated.

    Raises:
        RunError: `path` is taken, in use, or cannot be written.
    """
    return RunFolder.creating(
        path,
        settled(settings),
        words.alphabet,
        words.splits,
        words.facts,
        overwrite,
        fill,
        estimator_source=source_to_keep(settings),
    )

"""The same jobs from Python: one object that is trained, loaded, saved and asked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Self

from lexbits import arguments
from lexbits.config import Settings, resolve
from lexbits.data import forms_of
from lexbits.data.given import refuse_two_weights, words_to_learn
from lexbits.data.known import KnownWords
from lexbits.data.origin import find_origin, origin_of_given
from lexbits.data.training_words import to_learn_from
from lexbits.errors import UsageError, warn
from lexbits.estimators.own import is_own, take, taken
from lexbits.runs.checkpoints import MODEL, pack_model, read_model
from lexbits.runs.estimator import take_estimator, warn_of_no_source
from lexbits.runs.folder import SPLITS, RunFolder
from lexbits.runs.words import refuse_impossible
from lexbits.training.devices import torch_device
from lexbits.training.display import showing
from lexbits.training.length import synthetic_note
from lexbits.training.memory import OnEpoch, train_in_memory
from lexbits.word_model.coding import Encodes
from lexbits.word_model.description import describe
from lexbits.word_model.measurement import Measures
from lexbits.word_model.sampling import Samples
from lexbits.word_model.trained import own_modes

FROM_PYTHON = "words given from Python"
"""The name of the data of a model that `fit` has trained."""

GIVEN = "given"
"""The column of weights of a model whose words had some when `fit` was given them."""

NOT_FOR_FIT = {
    "data": "the words are its first argument",
    "layout": "words from Python have no columns",
    "column": "words from Python have no columns",
    "delimiter": "words from Python have no columns",
    "more_data": "the words are its first argument",
    "encoding": "words from Python are decoded already",
    "comment": "words from Python have no comments between them",
    "split_by": "words from Python have no lemmas, and are split by form",
    "data_folder": "it reads no files",
    "test": "keep test words back yourself, and give them to evaluate",
    "test_share": "keep test words back yourself, and give them to evaluate",
    "save_seconds": "it saves nothing before its end; lexbits train does",
}
"""Settings of the command `train` that have no use in `fit`, and what there is in their place."""


class WordModel(Samples, Encodes, Measures):
    """A trained model of words, with its alphabet and the words it knows.

    Make one with `fit` or `load`. Whatever torch's default type and gradient mode are, it computes
    in float32 and keeps no gradients.

    It can be pickled and copied. The words of a model that was loaded stay in its folder, also for
    its pickle, unless they were asked for before. It is no estimator of scikit-learn: its `fit`
    makes a model, and what it is asked takes words and returns records. For pipelines and searches
    there is `lexbits.sklearn.BitEncoder`.

    Attributes:
        settings: the settings it was trained with.
        alphabet: its characters.
        network: the torch module with prior, posterior and decoder.
        words: the split ("train", "dev" or "test") of each word of its data, where known.
        history: one record for each epoch of training, where known.
        source: the folder it was loaded from, if it was.
        facts: where its words come from and what was said about them, where known.
        estimator_source: the source of an estimator of your own, where it is kept.
    """

    @classmethod
    @own_modes(gradients=True)
    def fit(
        cls,
        words: Iterable[str] | Mapping[str, float],
        dev: Iterable[str] | None = None,
        *,
        weights: Iterable[float] | None = None,
        preset: str = "default",
        progress: bool | OnEpoch = True,
        **settings: Any,  # noqa: ANN401 - checked by Settings
    ) -> Self:
        """Train on `words` in memory and return the model of the best epoch.

        What is left out or odd is said by a warning: over-long words, words of `dev` that are in
        `words`, few words. Ctrl-C ends the training and returns the model of the best epoch so far.
        So does a function given as `progress` that raises `KeyboardInterrupt`.

        Args:
            words: the words; normalised to NFC, blank and over-long ones are left out. Or a
                dictionary, a Counter say, of words with their weights.
            dev: words to select the best epoch by; else a seeded share of `words`.
            weights: how much each word counts, such as its frequency: training words are drawn in
                proportion to it, or to log(1 + weight) with `weighting="log"`. Weights of equal
                words are added up; words of `dev` count once each.
            preset: "default", "quick" (a sample of 12,000 words), "plain", "best" or "notebook".
            progress: True shows a bar on a terminal and in a notebook, and nothing elsewhere; False
                shows none; a function is called after each epoch with its metrics, a dict such as
                an item of `history`, and what it raises ends the training.
            **settings: any setting by its name, such as `bits=8, epochs=5`, but for those that say
                how files are read. `skip_bad=True` leaves out what is no word. `estimator` is a
                name, FILE.py:NAME, or a class, a subclass of `lexbits.estimators.Estimator`.

        Raises:
            UsageError: an unknown or impossible setting; or what is no word, or no weight, with its
                index.
            DataError: fewer than 10 different words to learn from or to select by; or a word with a
                character that no word can have, with its index.
            DivergenceError: the loss stopped being finite, or an epoch is absurdly bad.
            KeyboardInterrupt: Ctrl-C before the first epoch was done.

        Example:
            >>> words = [a + b for a in ("ba", "de", "ki", "mo", "su") for b in "lmnrstvz"]
            >>> model = WordModel.fit(words, bits=4, hidden_size=16, epochs=1)
            >>> counts = {word: 1 + i for i, word in enumerate(words)}
            >>> model = WordModel.fit(counts, weighting="log", bits=4, hidden_size=16, epochs=1)
        """
        bar, on_epoch = arguments.flag_or_function(progress, "progress")
        weighted = refuse_two_weights(words, weights)
        resolved = _settings_of_fit(preset, settings, weighted)
        given = words_to_learn(words, dev, resolved, weights)
        train, chosen = to_learn_from(given.train), forms_of(given.dev)
        notes = [*given.notes, synthetic_note(resolved, len(train))]
        for note in filter(None, notes):
            warn(note)
        alphabet = train.alphabet
        with showing(bar) as display:
            network, records = train_in_memory(resolved, alphabet, train, chosen, display, on_epoch)
        splits = {"train": given.train, "dev": given.dev}
        sizes = {name: len(entries) for name, entries in splits.items()}
        known = KnownWords(partial(dict, splits), sizes, partial(origin_of_given, given.source))
        facts, own = {"name": FROM_PYTHON}, taken(resolved.estimator)
        source = partial(str, own.source) if own and own.source is not None else None
        return cls(resolved, alphabet, network, known, records, facts=facts, read_estimator=source)

    @classmethod
    @own_modes()
    def load(cls, path: str | os.PathLike[str], device: str = "cpu") -> Self:
        """Load the best model of a run folder, or what `save` wrote.

        The words of its data are read when they are first asked for, as sampling does.

        Args:
            path: the folder.
            device: where the model works: "cpu", "cuda", "mps", or "auto".

        Raises:
            UsageError: this machine has no such device; or no path.
            RunError: there is no such folder, or it is damaged, foreign or of a newer format.

        Example:
            >>> model.save(folder)
            >>> WordModel.load(folder)
        """
        place = torch_device(arguments.text(device, "the device"))
        run = RunFolder.open(arguments.path(path))
        network, history = read_model(run)
        settings, alphabet, facts = run.settings(), run.alphabet(), run.facts()
        sizes = run.sizes()
        known = KnownWords(
            run.splits, sizes, partial(find_origin, facts.get("name"), settings, sizes or {})
        )
        network = network.to(place)
        return cls(
            settings, alphabet, network, known, history, str(run.path), facts, run.estimator_source
        )

    def save(self, path: str | os.PathLike[str], overwrite: bool = False) -> None:
        """Write the model to a folder that `load` and every command can read.

        It holds no state of a training, so there is nothing to resume.

        Args:
            path: the folder, new or empty; a link is followed.
            overwrite: put the model in the place of an earlier run or model, once it is written.

        Raises:
            UsageError: no path.
            RunError: the folder is taken, in use, or cannot be written.

        Example:
            >>> model.save(folder, overwrite=True)
        """
        place = arguments.path(path)
        overwrite = arguments.flag(overwrite, "overwrite")
        splits = {name: self.words.splits.get(name, ()) for name in SPLITS}
        origin = {"rows": self.words.sizes, **self.facts}

        def fill(draft: RunFolder) -> None:
            facts = {"epochs": len(self.history)}
            draft.write_metrics(self.history)
            draft.write(MODEL, pack_model(self.network, facts, draft.digest(), self.history))

        own = self.settings.bits and is_own(self.settings.estimator)
        if own and self.estimator_source is None:
            warn_of_no_source(self.settings)
        RunFolder.create(
            place,
            self.settings,
            self.alphabet,
            splits,
            origin,
            overwrite,
            fill,
            self.estimator_source,
        )

    def __repr__(self) -> str:
        return "\n".join(describe(self))


def _settings_of_fit(preset: object, given: dict[str, Any], weighted: bool) -> Settings:
    """Return the settings of a training in memory, of words with weights or without.

    Raises:
        UsageError: an unknown or impossible one, or one that is not for `fit`.
    """
    for name in given:
        if name in NOT_FOR_FIT:
            raise UsageError(f"{name} is not for fit: {NOT_FOR_FIT[name]}")
    if not isinstance(given.get("estimator", ""), str):
        given = {**given, "estimator": take(given["estimator"])}
    if weighted:
        given = given | {"weights": GIVEN}
    resolved = resolve(given, arguments.text(preset, "preset"))
    take_estimator(resolved)
    refuse_impossible(resolved)
    return resolved.model_copy(update={"data": FROM_PYTHON})

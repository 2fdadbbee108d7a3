"""The same jobs from Python: one object that is trained, loaded, saved and asked."""

from __future__ import annotations

import os
from functools import partial
from typing import Self

from lexbits import arguments
from lexbits.config import Precision
from lexbits.data.known import KnownWords
from lexbits.data.origin import find_origin
from lexbits.estimators.own import is_own
from lexbits.pretrained.places import PREFIX, folder_of, shown
from lexbits.runs.checkpoints import MODEL, pack_model, read_model
from lexbits.runs.estimator import warn_of_no_source
from lexbits.runs.folder import SPLITS, RunFolder
from lexbits.runs.lookup import read_lookup
from lexbits.training.devices import torch_device
from lexbits.word_model.carding import Describes
from lexbits.word_model.coding import Encodes
from lexbits.word_model.comparing import Compares
from lexbits.word_model.description import describe
from lexbits.word_model.learning import Learns
from lexbits.word_model.sampling import Samples
from lexbits.word_model.showing import Shows
from lexbits.word_model.trained import own_modes, precision_named


class WordModel(Learns, Shows, Samples, Encodes, Compares, Describes):
    """A trained model of words, with its alphabet and the words it knows.

    Make one with `fit`, `load` or `pretrained`. It computes in float32 and keeps no gradients,
    whatever torch's default type and gradient mode are.

    It can be pickled and copied. The words of a loaded model stay in its folder, for its pickle
    too, unless they were asked for before. It is not an estimator of scikit-learn: its `fit` makes
    a model, and its other methods take words and return records. For pipelines and searches, use
    `lexbits.sklearn.BitEncoder`.

    Attributes:
        settings: the settings it was trained with.
        alphabet: its characters.
        network: the torch module with prior, posterior and decoder.
        words: the split ("train", "dev" or "test") of each word of its data, where known.
        history: the metrics of each epoch of training, where known: dictionaries in a list that
            prints as a table.
        source: the folder it was loaded from, or its name, if it was.
        facts: where its words come from and what was said about them, where known.
        estimator_source: the source of an estimator of your own, where it is kept.
    """

    @classmethod
    @own_modes()
    def load(
        cls, path: str | os.PathLike[str], device: str = "cpu", precision: Precision = "fp32"
    ) -> Self:
        """Load the best model of a run folder, or what `save` wrote.

        The words of its data are read when they are first asked for, as sampling does.

        Args:
            path: the folder, or the name of a model that comes with lexbits: "pretrained:es".
            device: where the model works: "cpu", "cuda", "mps", or "auto".
            precision: in which it computes: see `precision`.

        Raises:
            UsageError: this machine has no such device, or not such arithmetic; or no path.
            RunError: there is no such folder, or it is damaged, foreign or of a newer format.

        Example:
            >>> model.save(folder)
            >>> WordModel.load(folder)
        """
        wanted = precision_named(precision)
        place = torch_device(arguments.text(device, "the device"), wanted)
        arguments.path(path)
        run = RunFolder.open(folder_of(path))
        network, history = read_model(run)
        network.decoder.precision = wanted
        settings, alphabet, facts = run.settings(), run.alphabet(), run.facts()
        sizes = run.sizes()
        find = partial(find_origin, facts.get("name"), settings, sizes or {})
        lookup = read_lookup(run)
        return cls(
            settings,
            alphabet,
            network.to(place),
            KnownWords(run.splits, sizes, find, lookup.words if lookup else None),
            history,
            shown(run.path),
            facts,
            run.estimator_source,
            lookup.held_out_scores if lookup else None,
        )

    @classmethod
    def pretrained(cls, language: str, device: str = "cpu", precision: Precision = "fp32") -> Self:
        """Load a model that comes with lexbits, as `load("pretrained:LANG")` does.

        Args:
            language: its code, or the name of the model, "pretrained:es";
                `lexbits.pretrained.available()` has the cards of all there are.
            device: where the model works: "cpu", "cuda", "mps", or "auto".
            precision: in which it computes: see `precision`.

        Raises:
            UsageError: no model of that language comes with lexbits; or this machine has no such
                device, or not such arithmetic.

        Example:
            >>> WordModel.pretrained("es").settings.data
            'simplemma:es'
        """
        name = arguments.text(language, "the language").removeprefix(PREFIX)
        return cls.load(PREFIX + name, device, precision)

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

"""The same jobs from Python: one object that is trained, loaded, saved and asked."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, Self

from lexbits.alphabet import Alphabet
from lexbits.config import resolve
from lexbits.data.given import clean_words, split_words
from lexbits.data.known import KnownWords
from lexbits.runs.checkpoints import MODEL, pack_model, read_model
from lexbits.runs.folder import SPLITS, RunFolder
from lexbits.training.devices import torch_device
from lexbits.training.memory import train_in_memory
from lexbits.word_model.generation import Generates
from lexbits.word_model.measurement import Measures


class WordModel(Generates, Measures):
    """A trained model of words, with its alphabet and the words it knows.

    Make one with `fit` or `load`.

    Attributes:
        settings: the settings it was trained with.
        alphabet: its characters.
        network: the torch module with prior, posterior and decoder.
        words: the split ("train", "dev" or "test") of each word of its data, where known.
        history: one record for each epoch of training, where known.
    """

    @classmethod
    def fit(
        cls,
        words: Iterable[str],
        dev: Iterable[str] | None = None,
        *,
        preset: str = "default",
        **settings: Any,  # noqa: ANN401 - checked by Settings
    ) -> Self:
        """Train on `words` in memory and return the model of the best epoch.

        Args:
            words: the words; normalised to NFC, blank and over-long ones are left out.
            dev: words to select the best epoch by; else a seeded share of `words`.
            preset: "default", "quick", "plain", "best" or "notebook".
            **settings: any setting by its name, such as `bits=8, epochs=5`.

        Raises:
            UsageError: an unknown or impossible setting.
            DataError: too few words.
            DivergenceError: the loss stopped being finite.
        """
        resolved = resolve(settings, preset)
        entries = clean_words(words, resolved.max_length)
        if dev is None:
            entries, dev_entries = split_words(entries, resolved)
        else:
            dev_entries = clean_words(dev, resolved.max_length)
        forms, dev_forms = [e.form for e in entries], [e.form for e in dev_entries]
        alphabet = Alphabet.from_words(forms)
        network, records = train_in_memory(resolved, alphabet, forms, dev_forms)
        known = KnownWords(partial(dict, train=entries, dev=dev_entries))
        return cls(resolved, alphabet, network, known, records)

    @classmethod
    def load(cls, path: str | Path, device: str = "cpu") -> Self:
        """Load the best model of a run folder, or what `save` wrote.

        The words of its data are read when they are first asked for, as sampling does.

        Args:
            path: the folder.
            device: where the model works: "cpu", "cuda", "mps", or "auto".

        Raises:
            UsageError: this machine has no such device.
            RunError: there is no such folder, or it is damaged, foreign or of a newer format.
        """
        place = torch_device(device)
        run = RunFolder.open(Path(path))
        network, history = read_model(run)
        known = KnownWords(run.splits)
        return cls(run.settings(), run.alphabet(), network.to(place), known, history)

    def save(self, path: str | Path, overwrite: bool = False) -> None:
        """Write the model to a folder that `load` and every command can read.

        Raises:
            RunError: the folder exists (and `overwrite` is false) or cannot be written.
        """
        splits = {name: self.words.splits.get(name, ()) for name in SPLITS}
        run = RunFolder.create(
            Path(path), self.settings, self.alphabet, splits, overwrite=overwrite
        )
        run.write_metrics(self.history)
        facts = {"epochs": len(self.history)}
        run.write(MODEL, pack_model(self.network, facts, run.digest(), self.history))

"""What there is to know of a model, on a card."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lexbits.data import forms_of
from lexbits.measures import Evaluation
from lexbits.pretrained.card import Card
from lexbits.pretrained.cards import card_of
from lexbits.pretrained.places import PREFIX, folder_of
from lexbits.runs.checkpoints import MODEL
from lexbits.runs.floors import TEACHER
from lexbits.runs.folder import RunFolder
from lexbits.runs.identity import sha256
from lexbits.training.records import best_record
from lexbits.word_model.drawing import Draws
from lexbits.word_model.provenance import provenance, trained_with
from lexbits.word_model.trained import own_modes

SAMPLES = 100
SEED = 0


class Describes(Draws):
    """The model card of a trained model."""

    @own_modes()
    def card(self) -> Card:
        """Return the model card: what the model is, and what it knows of held-out words.

        It is measured on all dev and test words, beside an n-gram of the same words and a plain
        teacher where there was one, which takes from seconds to minutes. That of a model that comes
        with lexbits is read.

        Raises:
            RunError: the card of a model that comes with lexbits is damaged.
            DataError: the words are gone, or not those that the run was made with.

        Example:
            >>> card = model.card()
            >>> print(card.data, card.dev_nll, card.ngram_dev_nll)
        """
        if self.source.startswith(PREFIX):
            return card_of(self.source.removeprefix(PREFIX))
        dev = forms_of(self.words.unseen_dev[0])
        test = forms_of(self.words.splits.get("test", ()))
        on_dev, on_test = self._measured(dev), self._measured(test)
        found = on_test or on_dev
        plain_dev, ngram_dev, order = self._floors_of(dev)
        plain_test, ngram_test, _ = self._floors_of(test)
        _, date = trained_with(self)
        again = provenance(self)
        content = self._weights_file()
        best = best_record(self.history)["epoch"] if self.history else None
        return Card(
            name=folder_of(self.source).resolve().name if self.source else "model",
            data=str(self.facts.get("name") or self.settings.data),
            words=self.words.sizes,
            notes=tuple(str(note) for note in self.facts.get("notes") or ()),
            characters="".join(self.alphabet.characters),
            settings=self.settings.model_dump(exclude_none=True),
            parameters=sum(weights.numel() for weights in self.network.parameters()),
            epochs=len(self.history),
            best_epoch=best,
            steps=self.history[-1]["step"] if self.history else None,
            samples=SAMPLES,
            dev_nll=on_dev.nll if on_dev else None,
            test_nll=on_test.nll if on_test else None,
            test_nll_se=on_test.nll_se if on_test else None,
            perplexity_per_symbol=on_test.perplexity_per_symbol if on_test else None,
            rate=found.rate if found else None,
            mutual_information=found.mutual_information if found else None,
            active_bits=found.active_bits if found else None,
            plain_dev_nll=plain_dev,
            plain_test_nll=plain_test,
            ngram_order=order,
            ngram_dev_nll=ngram_dev,
            ngram_test_nll=ngram_test,
            precision="float32",
            bytes=len(content),
            sha256=sha256(content) if content else "",
            date=date,
            versions=dict(again.versions),
            command=again.command,
        )

    def _measured(self, words: Sequence[str]) -> Evaluation | None:
        return self.evaluate(words, samples=SAMPLES, seed=SEED) if words else None

    def _floors_of(self, words: Sequence[str]) -> tuple[float | None, float | None, int | None]:
        """Return the NLL of plain teacher and n-gram on words, and the n-gram's order."""
        plain, ngram, order = None, None, None
        for floor in self._floors_on(words) if words else ():
            if floor.name == TEACHER:
                plain = floor.nll
            elif found := re.fullmatch(r"(\d+)-gram", floor.name):
                ngram, order = floor.nll, int(found[1])
        return plain, ngram, order

    def _weights_file(self) -> bytes:
        """Return the file of the weights, or what it would be."""
        run = RunFolder(folder_of(self.source)) if self._has_folder() else None
        return run.read(MODEL) if run and run.has(MODEL) else b""

"""What there is to see of a model, as figures: how its training went, and what it knows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from lexbits import arguments
from lexbits.data import forms_of
from lexbits.data.training_words import to_learn_from
from lexbits.errors import UsageError
from lexbits.figures.kinds import KINDS, Kind
from lexbits.pretrained.places import folder_of
from lexbits.runs.floors import floors_of, teacher_on
from lexbits.runs.folder import RunFolder
from lexbits.training.floors import Floor, ngram_floor
from lexbits.word_model.measurement import Measures
from lexbits.word_model.trained import own_modes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Draws(Measures):
    """What is drawn of a trained model."""

    def figure(self, *others: Draws, kind: Kind = "training") -> Figure:
        """Return a matplotlib figure of the model, which a notebook shows.

        Keep it with its `savefig`. What has to be measured is measured on at most 1,000 of the
        model's own test words, or of its dev words where it has no others; it takes seconds.

        Args:
            *others: models to draw beside this one; for all kinds but "bits".
            kind: what of it.

                "training": how the training went. Alone: ELBO, NLL, perplexity, rate and mutual
                information, distortion and active bits by epoch, of training and dev words, with
                lines for an n-gram model of the same words, for what is held free or on target, and
                for what the bits can hold. With others: the dev words of all, by training step.

                "accounting": what a word costs in nats: distortion and rate, which are −ELBO; of
                the rate, mutual information and marginal KL; the NLL; beside it, what an n-gram
                model of the same words and a plain teacher reach. With others: a bar for each.

                "gain": the nats that the bits save at each symbol, counted from the start and from
                the end of the word. With others: a curve for each.

                "bits": of each bit, how often it is on, and what it knows of the words.

        Raises:
            UsageError: what is no model; another kind; a model without bits, for "gain" and "bits",
                or one of whose training or of whose words nothing is known; others beside "bits".

        Example:
            >>> figure = model.figure()
            >>> figure = model.figure(kind="accounting")
        """
        models = [self, *others]
        for model in models:
            if not isinstance(model, Draws):
                raise UsageError(
                    f"figure: expected models to draw beside, found {arguments.show(model)}"
                )
        chosen = arguments.choice(kind, "the kind of figure", KINDS)
        if chosen in ("gain", "bits"):
            for name, model in zip(_names(models), models, strict=True):
                if not model.settings.bits:
                    raise UsageError(f"figure: {name} has no bits (bits = 0), so no {chosen!r}")
        if chosen == "accounting":
            return _accounting(models)
        if chosen == "gain":
            return _gain(models)
        if chosen == "bits":
            return _bits(models)
        return _training(models)

    @cached_property
    def _floors(self) -> list[Floor]:
        """What simpler models reach on the dev words that the training is scored on."""
        if self._has_folder():
            return floors_of(RunFolder(folder_of(self.source)))
        floor = self._ngram_floor(None)
        return [floor] if floor else []

    @own_modes()
    def _floors_on(self, words: Sequence[str]) -> list[Floor]:
        """Return what simpler models reach on other words, the n-gram first where there is one."""
        ngram = self._ngram_floor(words)
        teacher = teacher_on(RunFolder(folder_of(self.source)), words) if self._has_folder() else []
        return [*([ngram] if ngram else []), *teacher]

    def _has_folder(self) -> bool:
        return bool(self.source) and RunFolder.is_at(folder_of(self.source))

    def _ngram_floor(self, words: Sequence[str] | None) -> Floor | None:
        train = to_learn_from(self.words.splits.get("train", ()))
        dev = forms_of(self.words.unseen_dev[0])
        return ngram_floor(self.settings, self.alphabet, train, dev, words)


def _training(models: Sequence[Draws]) -> Figure:
    from lexbits.figures.course import Course
    from lexbits.figures.training import training_figure

    if not all(model.history for model in models):
        raise UsageError("figure: no metrics of epochs are known of this model")
    return training_figure(
        [
            Course(
                name,
                model.settings,
                model.history,
                model._floors,
                tuple(forms_of(model.words.unseen_dev[0])),
            )
            for name, model in zip(_names(models), models, strict=True)
        ]
    )


def _accounting(models: Sequence[Draws]) -> Figure:
    from lexbits.figures.accounting import Account, accounting_figure

    accounts = []
    for name, model in zip(_names(models), models, strict=True):
        words = model._held_out()
        found, floors = model.evaluate(words), model._floors_on(words)
        accounts.append(Account(name, model.settings.bits, found, floors, frozenset(words)))
    return accounting_figure(accounts)


def _gain(models: Sequence[Draws]) -> Figure:
    from lexbits.figures.gain import Gains, gain_figure

    gains = []
    for name, model in zip(_names(models), models, strict=True):
        words = model._held_out()
        gains.append(Gains(name, model.position_gain(words), frozenset(words)))
    return gain_figure(gains)


def _bits(models: Sequence[Draws]) -> Figure:
    from lexbits.figures.bits import bits_figure

    if len(models) > 1:
        raise UsageError(f"figure: bits are drawn of one model, found {len(models)}")
    words = models[0]._held_out()
    found = models[0].information(words)
    return bits_figure(found.ones, found.per_bit, len(words))


def _names(models: Sequence[Draws]) -> list[str]:
    """Return names that tell models apart."""
    from lexbits.figures.course import short_names

    folders = [folder_of(model.source or "model").resolve().name for model in models]
    return short_names(folders, [model.settings for model in models])

"""How a model's training went, as a figure."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lexbits import arguments
from lexbits.data import forms_of
from lexbits.data.training_words import to_learn_from
from lexbits.errors import UsageError
from lexbits.runs.floors import floors_of
from lexbits.runs.folder import RunFolder
from lexbits.training.floors import Floor, ngram_floor
from lexbits.word_model.trained import Trained

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Draws(Trained):
    """What is drawn of a trained model."""

    def figure(self, *others: Draws) -> Figure:
        """Return the course of the training as a matplotlib figure, which a notebook shows.

        Alone: ELBO, NLL, perplexity, rate and mutual information, distortion and active bits by
        epoch, of training and dev words, with lines for an n-gram model of the same words, for what
        is held free or on target, and for what the bits can hold. With others: the dev words of
        all, by training step, on the same axes. Keep it with its `savefig`.

        Args:
            *others: models to draw beside this one.

        Raises:
            UsageError: what is no model, or a model of whose training nothing is known.

        Example:
            >>> figure = model.figure()
        """
        from lexbits.figures.course import Course, short_names
        from lexbits.figures.training import training_figure

        models = [self, *others]
        for model in models:
            if not isinstance(model, Draws):
                raise UsageError(
                    f"figure: expected models to draw beside, found {arguments.show(model)}"
                )
            if not model.history:
                raise UsageError("figure: no metrics of epochs are known of this model")
        names = short_names(
            [Path(model.source).name or "model" for model in models],
            [model.settings for model in models],
        )
        courses = [
            Course(
                name,
                model.settings,
                model.history,
                model._floors,
                tuple(forms_of(model.words.unseen_dev[0])),
            )
            for name, model in zip(names, models, strict=True)
        ]
        return training_figure(courses)

    @cached_property
    def _floors(self) -> list[Floor]:
        if self.source and RunFolder.is_at(Path(self.source)):
            return floors_of(RunFolder(Path(self.source)))
        train = to_learn_from(self.words.splits.get("train", ()))
        dev = forms_of(self.words.unseen_dev[0])
        floor = ngram_floor(self.settings, self.alphabet, train, dev)
        return [floor] if floor else []

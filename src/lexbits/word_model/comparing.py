"""Estimators of gradients side by side, on a trained model and words."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch

from lexbits import arguments
from lexbits.data import Say, forms_of
from lexbits.data.corpus import Corpus
from lexbits.errors import UsageError, warn
from lexbits.estimators import Estimator
from lexbits.estimators.own import take
from lexbits.estimators.registry import available, estimator_class
from lexbits.measures.estimator_comparison import Comparison, compare, plan
from lexbits.randomness import derive_seed, seeded_torch
from lexbits.word_model.records import Records
from lexbits.word_model.trained import Trained, own_modes

Named = str | type[Estimator]


class Compares(Trained):
    """What is measured of estimators on a trained model."""

    @own_modes(gradients=True)
    def compare_estimators(
        self,
        words: Iterable[str] | None = None,
        *,
        estimators: Iterable[Named] | None = None,
        budget: int = 4,
        batch: int = 64,
        repeats: int = 100,
        exact_limit: int = 10,
        seed: int = 0,
        skip_bad: bool = False,
    ) -> Records[Comparison]:
        """Compare gradient estimators on this model: variance, direction, bias and time.

        All get the same budget; the gradient is that of the inference network for one batch. A
        warning says which of those named cannot be compared, and why.

        Args:
            words: the words to draw the batch from; else the model's dev words.
            estimators: names, FILE.py:NAME, or classes, of your own too; else all that lexbits has.
            budget: evaluations of the decoder for each word.
            batch: words in the batch, drawn at random.
            repeats: estimates of each.
            exact_limit: most bits for which the true gradient is summed over all codes.
            seed: of words and noise.
            skip_bad: leave out what is not a word, with a warning, instead of refusing all.

        Raises:
            UsageError: a model without bits; no estimator that the budget allows; or another
                argument of the wrong kind or out of bounds.
            UsageError, DataError: as `score`.

        Example:
            >>> words = ["casa", "perro"]
            >>> for row in model.compare_estimators(words, estimators=["rloo", "disarm"]):
            ...     print(row.estimator, row.variance)
        """
        if words is None:
            words = forms_of(self.words.unseen_dev[0])
        forms, _ = self._corpus(words, skip_bad)
        named = list(available()) if estimators is None else arguments.listed(estimators, "names")
        kinds = {n if isinstance(n, str) else take(n): estimator_class(n) for n in named}
        found, left_out = compared(
            self,
            forms,
            kinds,
            arguments.whole(budget, "the budget", 1),
            arguments.whole(batch, "the batch", 1),
            arguments.whole(repeats, "repeats", 2),
            arguments.whole(exact_limit, "exact_limit"),
            arguments.seed(seed),
        )
        for name, reason in left_out.items() if estimators is not None else ():
            warn(f"left out: {name}, {reason}")
        return found


def compared(
    model: Trained,
    forms: list[str],
    kinds: dict[str, type[Estimator]],
    budget: int,
    words: int,
    repeats: int,
    exact_limit: int,
    seed: int,
    say: Say | None = None,
) -> tuple[Records[Comparison], dict[str, str]]:
    """Compare estimators by name on some of the words; return also why others are left out.

    Raises:
        UsageError: a model without bits, or no estimator that the budget allows.
    """
    if model.settings.bits == 0:
        raise UsageError("this model has no bits (bits = 0): there is nothing to estimate")
    chosen, left_out = plan(kinds, model.settings, budget)
    if not chosen:
        reasons = "; ".join(f"{name} {reason}" for name, reason in left_out.items())
        raise UsageError(f"no estimator can be compared with a budget of {budget}: {reasons}")
    random = np.random.Generator(np.random.Philox(key=derive_seed(seed, "comparison")))
    picked = random.permutation(len(forms))[:words]
    corpus = Corpus.from_words([forms[i] for i in picked], model.alphabet)
    batch = torch.from_numpy(corpus.symbols).long().to(model.network.device)
    with seeded_torch(seed, "comparison"):
        found = compare(
            model.network,
            model.settings,
            batch,
            kinds,
            chosen,
            repeats,
            exact_limit,
            (lambda name: say(f"Comparing estimators: {name}")) if say else None,
        )
    return Records(found), left_out

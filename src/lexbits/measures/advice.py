"""What a person can do about the most striking thing in a finished training, in plain words.

Each kind of finding is a function of figures and settings that returns a short paragraph, or ""
where there is nothing to say. Nothing is advised that is set already.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from lexbits.config import Settings
from lexbits.measures.diagnosis import COLLAPSED_BELOW, ENOUGH, collapse_advice, possible
from lexbits.measures.evaluation import Evaluation

FEW = 1000
"""Words to learn from under which there are too few for most that a network could learn."""

APART = 1.0
"""Nats by which the train ELBO is better than that of dev where words are learned by heart."""

EARLY = 0.7
"""Share of the epochs before which the best one is early."""

WORSE = 0.1
"""Nats that dev words cost more at the end than at the best epoch, if it matters."""

AHEAD = 0.2
"""Nats by which an n-gram is ahead if it matters: with few importance samples a model looks as much
as a tenth worse than it is."""

FAR_AHEAD = 0.5
"""Nats by which an n-gram is ahead where this is the most striking thing."""

MUCH = 3.0
"""Nats by which an n-gram is ahead of a model that has hardly begun to learn."""

USED = 0.7
"""Share of what bits can hold that a training comes to use."""


@dataclass(frozen=True)
class Outcome:
    """What a training has come to, nats per word.

    Attributes:
        train_words: how many real words there were to learn from.
        epochs: how many were trained.
        steps: how many these were.
        best_epoch: the one whose model is kept.
        best_dev_nll: NLL of the dev words there.
        last_dev_nll: the same after the last epoch.
        train_elbo: mean ELBO of what was learned from in the last epoch.
        dev_elbo: ELBO of the dev words after it.
        test: the evaluation of the test words.
        exact: share of test words that come back from their most probable code; None without bits.
        ngram_nll: NLL of the test words without unseen characters under an n-gram model of the
            training words, if one was fitted.
        fine_tuned: whether it began with trained networks, whose sizes stay what they are.
    """

    train_words: int
    epochs: int
    steps: int
    best_epoch: int
    best_dev_nll: float
    last_dev_nll: float
    train_elbo: float
    dev_elbo: float
    test: Evaluation
    exact: float | None = None
    ngram_nll: float | None = None
    fine_tuned: bool = False

    @property
    def ngram_ahead(self) -> float:
        """Nats by which the n-gram is better; 0 where that is not known."""
        if self.ngram_nll is None or self.test.seen_nll is None:
            return 0.0
        return self.test.seen_nll - self.ngram_nll


def advice(outcome: Outcome, settings: Settings) -> str:
    """Say the most striking thing of a training, and what to do about it; "" if there is none."""
    return next(iter(findings(outcome, settings)), "")


def findings(outcome: Outcome, settings: Settings) -> list[str]:
    """Return a paragraph for each thing to do something about, the most striking one first."""
    found = [find(outcome, settings) for find in RANKED]
    return list(dict.fromkeys(paragraph for paragraph in found if paragraph))


def hardly_trained(outcome: Outcome, settings: Settings) -> str:
    """Say that a training was too short where a longer one would help: bits are used late."""
    short = outcome.ngram_ahead >= MUCH and _is_learning(outcome)
    return behind_ngram(outcome, settings) if short else ""


def collapsed(outcome: Outcome, settings: Settings) -> str:
    """Say what to try where the bits are ignored."""
    tried = collapse_advice(outcome.test, settings, outcome.fine_tuned)
    return f"The bits are ignored. {tried}" if tried else ""


def few_words(outcome: Outcome, settings: Settings) -> str:
    """Say what helps where there are few words to learn from."""
    if outcome.train_words >= FEW:
        return ""
    beside = (
        f" An n-gram model, which needs fewer, is ahead by {outcome.ngram_ahead:.2f} nats per word."
        if outcome.ngram_ahead >= AHEAD
        else ""
    )
    more = "more words" + (" (--limit all)" if isinstance(settings.limit, int) else "")
    remedies = _against_overfitting(outcome, settings)
    then = f"; then {_joined(remedies)}" if remedies else ""
    return (
        f"There are few words to learn from, {outcome.train_words:,}.{beside} Try {more} "
        f"first{then}."
    )


def overfitted(outcome: Outcome, settings: Settings) -> str:
    """Say what helps where the words are learned by heart."""
    if (
        _bits_are_free(settings)
        or _apart(outcome) < APART
        or outcome.best_epoch > EARLY * outcome.epochs
        or outcome.last_dev_nll - outcome.best_dev_nll < WORSE
    ):
        return ""
    remedies = [f"--epochs {outcome.best_epoch}", *_against_overfitting(outcome, settings)]
    remedies.append("more words")
    return (
        f"The model learns its words by heart: it was best on dev after epoch "
        f"{outcome.best_epoch} of {outcome.epochs}, which is kept, and at the end the ELBO is "
        f"{outcome.train_elbo:.1f} on what it learns from and {outcome.dev_elbo:.1f} on dev. Try "
        f"{_joined(remedies)}."
    )


def far_behind_ngram(outcome: Outcome, settings: Settings) -> str:
    """Say what helps where an n-gram model is far ahead."""
    return behind_ngram(outcome, settings) if outcome.ngram_ahead >= FAR_AHEAD else ""


def behind_ngram(outcome: Outcome, settings: Settings) -> str:
    """Say what helps where an n-gram model of the same words is ahead."""
    if outcome.ngram_ahead < AHEAD or _bits_are_free(settings):
        return ""
    remedies = []
    if _is_learning(outcome):
        remedies.append(f"a longer training ({_longer(outcome, settings)})")
        if outcome.fine_tuned:
            remedies.append(f"a higher --learning-rate (this one was {settings.learning_rate:g})")
    if outcome.fine_tuned:
        remedies.append("a model of these words alone, without --start-from")
    elif settings.bits and not settings.teachers:
        remedies.append("--preset best, which learns from plain models too")
    elif not settings.bits and settings.hidden_size < 512:
        remedies.append("--preset plain, a larger network with more dropout")
    remedies += _against_overfitting(outcome, settings) if _apart(outcome) >= APART else []
    tried = f"Try {_joined(remedies)}; " if remedies else ""
    shown = "`lexbits baseline ngram --with RUN` shows what both know together."
    return (
        "A Kneser-Ney n-gram model of the same words is ahead by "
        f"{outcome.ngram_ahead:.2f} nats per word ({outcome.ngram_nll:.2f}, this model "
        f"{outcome.test.seen_nll:.2f}). {tried + shown if tried else shown}"
    )


def not_whole(outcome: Outcome, settings: Settings) -> str:
    """Say what makes words come back from their bits where most do not."""
    if outcome.exact is None or outcome.exact >= ENOUGH:
        return ""
    known, nll = outcome.test.mutual_information, outcome.test.nll
    if known < COLLAPSED_BELOW:
        return ""
    if _bits_are_free(settings):
        carried = f"{outcome.test.rate:.1f} nats of bits"
        remedies = [f"a longer training ({_longer(outcome, settings)})"]
        remedies += ["--bits 64"] if settings.bits < 64 else []
        remedies = possible(remedies, outcome.fine_tuned)
    else:
        carried = f"bits that carry {known:.1f} of the {nll:.1f} nats that telling a word takes"
        remedies = _more_nats(outcome, settings)
    return (
        f"{outcome.exact:.1%} of the test words come back from {carried}. "
        "`lexbits reconstruct --search` finds better codes. "
        f"For more to come back train with {_joined(remedies, 'or')}."
    )


RANKED: tuple[Callable[[Outcome, Settings], str], ...] = (
    hardly_trained,
    collapsed,
    few_words,
    overfitted,
    far_behind_ngram,
    not_whole,
    behind_ngram,
)
"""What may be said, the most striking first."""


def _more_nats(outcome: Outcome, settings: Settings) -> list[str]:
    """Return flags with which bits carry about as many nats as telling a word takes."""
    remedies = []
    target = math.ceil(outcome.test.nll)
    if settings.rate_target < target:
        needed = math.ceil(target / (USED * math.log(2)))
        flags = [f"--rate-target {target}"]
        flags += [f"--bits {needed}"] if settings.bits < needed else []
        flags += ["--free-nats 0"] if settings.free_nats else []
        flags += ["--kl-annealing-epochs 0"] if settings.kl_annealing_epochs else []
        remedies.append(f"{' '.join(flags)}, which costs likelihood")
    if settings.posterior == "factorised":
        flags = ["--bits 64"] if settings.bits < 64 else []
        flags += ["--kl-weight 0"]
        flags += ["--free-nats 0"] if settings.free_nats else []
        flags += ["--rate-target 0"] if settings.rate_target else []
        flags += ["--estimator gumbel-st"] if settings.estimator != "gumbel-st" else []
        remedies.append(
            f"{' '.join(flags)}: bits then cost nothing, and the model is no language model"
        )
    longer = f"a longer training ({_longer(outcome, settings)})"
    return possible(remedies, outcome.fine_tuned) or [longer]


def _against_overfitting(outcome: Outcome, settings: Settings) -> list[str]:
    """Return what keeps a model from learning words by heart and is not in force."""
    many = settings.synthetic_words == "auto" or settings.synthetic_words >= 5
    remedies = [
        ("--synthetic-words auto", many or settings.teachers > 0),
        ("--dropout 0.3", settings.dropout >= 0.3),
        ("--variational-dropout", settings.variational_dropout),
        ("a smaller --hidden-size", settings.hidden_size <= 128),
    ]
    return possible([text for text, in_force in remedies if not in_force], outcome.fine_tuned)


def _longer(outcome: Outcome, settings: Settings) -> str:
    """Return the flag that makes a training twice as long."""
    if settings.epochs != "auto":
        return f"--epochs {2 * settings.epochs}"
    if outcome.steps < 0.9 * settings.steps:  # of a short list, that so many passes are not made of
        return f"--epochs {2 * outcome.epochs}"
    return f"--steps {2 * settings.steps}"


def _is_learning(outcome: Outcome) -> bool:
    """Whether dev words were still getting cheaper at the end, with what is learned from."""
    return _apart(outcome) < APART and outcome.best_epoch > EARLY * outcome.epochs


def _apart(outcome: Outcome) -> float:
    return outcome.train_elbo - outcome.dev_elbo


def _bits_are_free(settings: Settings) -> bool:
    """Whether bits cost nothing in training: the likelihood is not what is learned then."""
    return settings.bits > 0 and settings.kl_weight == 0


def _joined(remedies: list[str], last: str = "") -> str:
    if last and len(remedies) > 1:
        return f"{'; '.join(remedies[:-1])}; {last} {remedies[-1]}"
    return "; ".join(remedies)

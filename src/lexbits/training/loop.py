"""The training loop. It knows no paths, figures or arguments: what happens outside it are hooks."""

from __future__ import annotations

import dataclasses
import math
import time
from typing import Protocol

import torch

from lexbits.accelerators import full_float32
from lexbits.config import Settings
from lexbits.decoding import draw_words
from lexbits.errors import DivergenceError
from lexbits.measures import Evaluation, evaluate
from lexbits.objective import Terms
from lexbits.processes import Share
from lexbits.randomness import derive_seed, generators_restored, seed_torch
from lexbits.training.gradients import clip_gradient
from lexbits.training.records import Record
from lexbits.training.schedules import kl_weight
from lexbits.training.session import Session

SAMPLES_SHOWN = 5

RATE_TOLERANCE = 0.1
"""The part of a rate target by which the rate may differ from it."""

MISSED = 1000.0
"""Nats in the score of an epoch that misses its rate target: more than any word has."""

FAR = 10.0
"""How many times what an untrained model pays for a word no epoch pays that has not diverged."""


class Hooks(Protocol):
    """What the world outside does while a training runs."""

    def step_done(self, session: Session) -> None:
        """Look at the session after a step."""

    def save_due(self) -> bool:
        """Whether the state should be saved now."""

    def stop_requested(self) -> bool:
        """Whether the training should save its state and return."""

    def save(self, session: Session) -> None:
        """Save the complete state."""

    def epoch_done(self, session: Session, record: Record, is_best: bool) -> None:
        """Keep the metrics of an epoch, and the model if it is the best so far."""


@generators_restored()
@full_float32()
def train(session: Session, hooks: Hooks) -> bool:
    """Train until done; return False if a stop was requested before that.

    The course is a function of the session's state alone: continued from a saved state it takes
    exactly the steps that it would have taken.

    Raises:
        DivergenceError: the loss or its gradient is not finite, and the step is not taken; or an
            epoch is far worse than an untrained model, and not kept.
    """
    s, settings, progress = session, session.settings, session.progress
    epoch_began = time.perf_counter() - progress.seconds
    while not progress.finished:
        batches = s.batches()
        s.wrapped.train()
        while progress.batch < len(batches):
            seed_torch(settings.seed, "step", progress.step)
            for group in s.optimizer.param_groups:
                group["lr"] = s.learning_rate(progress.step)
            indices = batches[progress.batch]
            words = s.corpus.batch(indices)
            share = s.processes.share(len(words))
            words, indices = words[share.begin : share.end], indices[share.begin : share.end]
            mine = torch.from_numpy(words).long().to(s.fabric.device)
            targets = s.targets.of(indices, words).to(mine.device) if s.targets else None
            weight = kl_weight(settings, progress.step, len(batches))
            with share.active():
                terms = s.wrapped(mine, weight, targets)
            means = mean_terms(terms, share)
            s.fabric.backward(terms.loss * share.gradient_weight)
            norm = clip_gradient(s.objective, settings.gradient_clip)
            # Looked at only now: a GPU would stand still until it is asked for the gradient.
            _refuse_not_finite("loss", means.loss, progress.step + 1)
            _refuse_not_finite("gradient", norm, progress.step + 1)
            s.optimizer.step()
            s.optimizer.zero_grad()
            if s.average is not None:
                s.average.update(s.model, progress.step)
            progress.add(means, share.total)
            progress.seconds = time.perf_counter() - epoch_began
            hooks.step_done(s)
            if s.processes.any(hooks.stop_requested()):
                hooks.save(s)
                return False
            if hooks.save_due():
                hooks.save(s)

        metrics = evaluate_dev(s)
        for name, value in (("NLL", metrics.nll), ("ELBO", metrics.elbo)):
            _refuse_not_finite(f"dev {name}", value, progress.step)
        _refuse_absurd(s, metrics)
        score = dev_score(settings, metrics)
        record = {
            "epoch": progress.epoch + 1,
            "step": progress.step,
            "learning_rate": s.learning_rate(progress.step - 1),
            "seconds": round(time.perf_counter() - epoch_began, 2),
            **progress.training_means(),
            "kl_weight": s.objective.kl_weight(
                kl_weight(settings, progress.step - 1, len(batches))
            ),
            **{
                f"dev_{name}": value
                for name, value in dataclasses.asdict(metrics).items()
                if name != "nll_by_samples"
            },
            "dev_score": score,
            "samples": draw_samples(s),
        }
        is_best = progress.end_epoch(score)
        if s.leg_is_over():
            progress.end_leg()
        hooks.epoch_done(s, record, is_best)
        hooks.save(s)
        epoch_began = time.perf_counter()
    return True


def evaluate_dev(s: Session) -> Evaluation:
    """Return the metrics of the networks on the dev words, after the epochs that are done.

    The decoder computes in the training's precision: in bf16 the NLL is the same to a few
    thousandths of a nat.
    """
    s.evaluated.eval()
    seed = derive_seed(s.settings.seed, "dev", s.progress.epoch)
    with s.evaluated.decoder.computing_in(s.precision):
        return evaluate(s.evaluated, s.dev, s.settings.dev_samples, seed, s.processes)


def dev_score(settings: Settings, metrics: Evaluation) -> float:
    """Return what the best epoch is chosen by, lower being better: the dev NLL.

    Where bits cost nothing in training, the likelihood is not what is learned: the distortion. An
    epoch that misses the rate target is chosen only if all do: what was asked for is the best model
    at that rate, and a few importance samples flatter low rates.
    """
    if settings.bits and settings.kl_weight == 0:
        return metrics.distortion
    target = settings.rate_target if settings.bits else 0.0
    missed = abs(metrics.rate - target) > RATE_TOLERANCE * target > 0
    return metrics.nll + (MISSED if missed else 0.0)


def mean_terms(terms: Terms, share: Share) -> Terms:
    """Return the means over a batch from those over a share of it."""
    return Terms(*share.mean(torch.stack([term.detach() for term in terms])))


@torch.no_grad()
def draw_samples(s: Session) -> list[dict[str, str]]:
    """Return words decoded from the prior, each with its status: in the training words or new."""
    seed = derive_seed(s.settings.seed, "samples", s.progress.epoch)
    longest = s.settings.max_length
    _, drawn = draw_words(s.evaluated, range(SAMPLES_SHOWN), seed, longest)
    words = drawn.spell(s.alphabet, longest)
    return [{"word": w, "status": "train" if s.is_train_word(w) else "new"} for w in words]


def _refuse_not_finite(name: str, value: torch.Tensor | float, step: int) -> None:
    if not math.isfinite(value):
        raise DivergenceError(
            f"step {step}: the {name} is {float(value):g}; the training has diverged. "
            "Try a smaller learning_rate or gradient_clip"
        )


def _refuse_absurd(s: Session, metrics: Evaluation) -> None:
    """Refuse an epoch whose dev words cost much more than any model that works would pay.

    An untrained model pays about ln V for each symbol and ln 2 for each bit. `FAR` times as much is
    out of reach of slow starts; an ELBO of −10³¹ is what diverged networks come to.

    Raises:
        DivergenceError: that epoch; it is not kept.
    """
    bits = s.settings.bits
    paid = metrics.distortion if bits and s.settings.kl_weight == 0 else -metrics.elbo
    untrained = metrics.symbols / metrics.words * math.log(s.alphabet.size) + bits * math.log(2)
    if paid > FAR * untrained:
        raise DivergenceError(
            f"epoch {s.progress.epoch + 1}: a dev word costs {paid:.3g} nats, where an untrained "
            f"model pays about {untrained:.3g}; the training has diverged. "
            "Try a smaller learning_rate or gradient_clip"
        )

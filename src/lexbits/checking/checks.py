"""What a sound estimator does, checked one after another on the toys."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from lexbits.bits import FactorisedBernoulli
from lexbits.checking.marking.diagnosis import looks_like
from lexbits.checking.marking.marks import Mistake
from lexbits.checking.measure import Measurement, dependence, gradients, measure, warm_up
from lexbits.checking.toys import Toy, built_in_toys
from lexbits.errors import UsageError
from lexbits.estimators import Estimator
from lexbits.estimators.own import described
from lexbits.estimators.registry import estimator_class
from lexbits.estimators.rloo import Rloo
from lexbits.results import Result

MOST_SAMPLES = 4
BATCHES = (5, 2, 1)
SHIFT = 100.0


@dataclass(frozen=True)
class Check(Result):
    """One property of an estimator.

    Attributes:
        name: what was looked at.
        passed: whether it holds; None where it is a description, neither good nor bad.
        detail: what was found.

    Examples:
        >>> from lexbits.estimators.rloo import Rloo
        >>> [check.name for check in check_estimator(Rloo) if check.passed is False]
        []
    """

    name: str
    passed: bool | None
    detail: str


def check_estimator(kind: type[Estimator] | str, toys: list[Toy] | None = None) -> list[Check]:
    """Check contract, bias, variance, shift, partial batches, saturation and state.

    One that is biased is compared with the usual mistakes: "looks like" is the one that it makes.
    Bias and variance are those of the state that 300 batches of the toy leave it in; a biased
    estimator that says so (`unbiased = False`) passes.

    Args:
        kind: the estimator; it is built as `kind(bits, features)`.
        toys: where to measure bias and variance; else two built-in ones.

    Examples:
        >>> from lexbits.estimators.rloo import Rloo
        >>> checks = {check.name: check for check in check_estimator(Rloo)}
        >>> checks["unbiased, S = 2"].passed
        True
    """
    kind = estimator_class(kind)
    joint = kind.bound != "elbo"
    fitting = [toy for toy in [*(toys or []), *built_in_toys()] if toy.joint == joint]
    toys = [toy for toy in toys or [] if toy.joint == joint] or fitting[:1]
    guarded = partial(_guarded, kind)
    # What cannot be run at all is said once, not by every check.
    results = guarded("number of samples", partial(_samples, kind))
    if results[0].passed:
        results += guarded("runs", partial(_one, _runs, kind, toys[0]))
    if not all(check.passed for check in results):
        return results
    for samples in samples_to_try(kind):
        for toy in toys:
            results += guarded(f"S = {samples}", partial(_measured, kind, toy, samples))
    results += [
        Check("looks like", None, f"{mistake.name}. {mistake.effect}")
        for mistake in (mistakes_of(kind) if _biased(results) else [])
    ]
    toy = toys[0]
    for name, look in (
        ("contract", _contract),
        ("shift of f", _shift),
        ("last partial batch", _partial_batches),
        ("saturated bits", _saturation),
        ("state", _state),
    ):
        results += guarded(name, partial(_one, look, kind, toy))
    return results


def assert_sound(kind: type[Estimator] | str, toys: list[Toy] | None = None) -> None:
    """Raise AssertionError unless `kind` passes every check: for a test suite.

    Raises:
        AssertionError: what failed, a line each.

    Examples:
        >>> from lexbits.estimators.rloo import Rloo
        >>> assert_sound(Rloo)
    """
    kind = estimator_class(kind)
    checks = check_estimator(kind, toys)
    failed = [check for check in checks if check.passed is False]
    if failed:
        said = [*failed, *(check for check in checks if check.name == "looks like")]
        lines = "\n".join(f"  {check.name}: {check.detail}" for check in said)
        raise AssertionError(f"{kind.__name__} fails {len(failed)} checks:\n{lines}")


def mistakes_of(kind: type[Estimator]) -> list[Mistake]:
    """Return the mistakes that a biased estimator looks like; none where that cannot be said."""
    toy = built_in_toys()[0]
    legal = samples_to_try(kind)
    try:
        return looks_like(partial(make, kind, toy), [s for s in legal if s in (2, 4)] or legal)
    except Exception:  # what it raises has been said by the checks
        return []


def _biased(checks: list[Check]) -> bool:
    return any(check.passed is False and check.name.startswith("unbiased") for check in checks)


def samples_to_try(kind: type[Estimator] | str) -> list[int]:
    """Return the numbers of samples to measure with; one where it means nothing.

    Examples:
        >>> from lexbits.estimators.disarm import Disarm
        >>> samples_to_try(Disarm)
        [2, 4]
    """
    kind = estimator_class(kind)
    if kind.evaluations(1, 1) == kind.evaluations(2, 1):
        return [1]
    return [s for s in range(1, MOST_SAMPLES + 1) if kind.legal(s)]


def make(kind: type[Estimator], toy: Toy, samples: int) -> Estimator:
    """Return an estimator in double whose averages and networks have settled on the toy."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        return warm_up(kind(toy.bits, toy.bits).double(), toy, samples)


def measured(kind: type[Estimator] | str, toy: Toy, samples: int) -> Measurement:
    """Measure bias and variance after a warm-up, with a fixed seed.

    Examples:
        >>> from lexbits.checking import built_in_toys
        >>> from lexbits.estimators.rloo import Rloo
        >>> measured(Rloo, built_in_toys()[0], samples=2).unbiased
        True
    """
    estimator = make(estimator_class(kind), toy, samples)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(1)
        return measure(estimator, toy, samples)


def _samples(kind: type[Estimator]) -> list[Check]:
    found = samples_to_try(kind)
    detail = f"measured with S = {', '.join(map(str, found))}"
    if not found:
        detail = f"no S up to {MOST_SAMPLES} is legal"
    return [Check("number of samples", bool(found), detail)]


def _runs(kind: type[Estimator], toy: Toy) -> Check:
    samples = samples_to_try(kind)[0]
    q = FactorisedBernoulli(toy.logits().expand(3, -1))
    make(kind, toy, samples).estimate(q, toy.function(), samples)
    return Check("runs", True, f"estimates with S = {samples}")


def _measured(kind: type[Estimator], toy: Toy, samples: int) -> list[Check]:
    found = measured(kind, toy, samples)
    how = f"{found.method}: largest bias {found.max_abs_bias:.2g}"
    how += f" (of f's parameters {found.max_abs_bias_of_f:.2g}"
    how += f", of the value {found.abs_bias_of_value:.2g})"
    if found.z_score is not None:
        how += f", z = {found.z_score:.1f}"
    note = f"; {kind.bias}" if kind.bias else ""
    unbiased = Check(
        f"unbiased, S = {samples}", found.unbiased if kind.unbiased else None, how + note
    )
    variance = f"{found.total_variance:.4g}"
    if kind.bound == "elbo" and found.evaluations >= Rloo.least_samples:
        least = min(found.evaluations, MOST_SAMPLES)
        other = measured(Rloo, toy, least).total_variance
        variance += f"; leave-one-out with {least} evaluations has {other:.4g}"
    expected = kind.evaluations(samples, toy.bits)
    cost = Check(
        f"evaluations, S = {samples}",
        found.evaluations == expected,
        f"f is evaluated {found.evaluations} times, declared are {expected}",
    )
    return [unbiased, Check(f"variance, S = {samples}", None, variance), cost]


def _contract(kind: type[Estimator], toy: Toy) -> Check:
    samples = samples_to_try(kind)[0]
    phi, f = toy.logits(), toy.function()
    estimate = make(kind, toy, samples).estimate(FactorisedBernoulli(phi.expand(3, -1)), f, samples)
    problems = []
    if estimate.value.requires_grad:
        problems.append("value carries a gradient")
    of_phi, *of_f = dependence(estimate.surrogate, [phi, *f.parameters()])
    if of_phi is None:
        problems.append(
            "surrogate does not depend on the parameters of q, so the inference model would learn "
            "nothing: a score function has a term f(z).detach() * q.log_prob(z)"
        )
    if all(part is None for part in of_f):
        problems.append(
            "surrogate does not depend on the parameters of f, so the generative model would learn "
            "nothing: add f(z) as it is, not detached"
        )
    return Check("contract", not problems, "; ".join(problems) or "value and surrogate are [B]")


def _shift(kind: type[Estimator], toy: Toy) -> Check:
    samples = samples_to_try(kind)[-1]
    estimator = make(kind, toy, samples).eval()
    found = [_gradient(estimator, toy, samples, toy.function(shift)) for shift in (0.0, SHIFT)]
    same = torch.allclose(found[0], found[1], rtol=0, atol=1e-8)
    detail = f"f + {SHIFT:g} leaves the estimate as it is"
    if not same:
        detail = f"f + {SHIFT:g} changes the estimate: its variance depends on the offset of f"
    return Check("shift of f", None, detail)


def _partial_batches(kind: type[Estimator], toy: Toy) -> Check:
    samples = samples_to_try(kind)[0]
    estimator = kind(toy.bits, toy.bits).double().train()
    for batch in BATCHES:
        q = FactorisedBernoulli(toy.logits().expand(batch, -1))
        value = estimator.estimate(q, toy.function(), samples).value
        if value.shape != (batch,) or not value.isfinite().all():
            return Check("last partial batch", False, f"a batch of {batch} gives {value.tolist()}")
    return Check("last partial batch", True, f"batches of {', '.join(map(str, BATCHES))} work")


def _saturation(kind: type[Estimator], toy: Toy) -> Check:
    """Bits with |φ| = 50 and f about −500 nats, in single precision as in training."""
    samples = samples_to_try(kind)[0]
    signs = 1 - 2 * (torch.arange(toy.bits) % 2)
    logits = (50.0 * torch.stack([signs, -signs])).float().requires_grad_()
    scale = torch.ones((), requires_grad=True)
    estimator = kind(toy.bits, toy.bits).float().train()
    for _ in range(3):
        estimate = estimator.estimate(
            FactorisedBernoulli(logits), lambda z: scale * (z.sum(-1) - 500), samples
        )
        found = gradients(estimate.surrogate, [logits, scale])
        if not all(part.isfinite().all() for part in [*found, estimate.value]):
            return Check("saturated bits", False, "|φ| = 50, f = −500: not finite")
    return Check("saturated bits", True, "|φ| = 50, f = −500: finite")


def _state(kind: type[Estimator], toy: Toy) -> Check:
    """What is saved and loaded again gives the same estimates."""
    samples = samples_to_try(kind)[0]
    estimator = make(kind, toy, samples).train()
    for _ in range(3):
        estimator.estimate(FactorisedBernoulli(toy.logits().expand(5, -1)), toy.function(), samples)
    content = io.BytesIO()
    torch.save(estimator.state_dict(), content)
    content.seek(0)
    again = kind(toy.bits, toy.bits).double().eval()
    again.load_state_dict(torch.load(content, weights_only=True))
    found = [_gradient(e, toy, samples, toy.function()) for e in (estimator.eval(), again)]
    same = torch.equal(found[0], found[1])
    detail = "saved and loaded, it gives the same estimate"
    if not same:
        detail = "saved and loaded, it gives another: some state is no buffer or parameter"
    return Check("state", same, detail)


def _gradient(
    estimator: Estimator, toy: Toy, samples: int, f: Callable[[Tensor], Tensor]
) -> Tensor:
    rows = toy.logits().detach().expand(64, -1).clone().requires_grad_()
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(2)
        surrogate = estimator.estimate(FactorisedBernoulli(rows), f, samples).surrogate
    (found,) = gradients(surrogate, [rows])
    return found


def _one(
    look: Callable[[type[Estimator], Toy], Check], kind: type[Estimator], toy: Toy
) -> list[Check]:
    return [look(kind, toy)]


def _guarded(kind: type[Estimator], name: str, look: Callable[[], list[Check]]) -> list[Check]:
    """Turn whatever the estimator raises into a failed check, with the line of its file."""
    try:
        return look()
    except UsageError as error:
        return [Check(name, False, str(error))]
    except Exception as error:  # whatever somebody's unfinished code raises
        return [Check(name, False, described(error, kind._estimate.__code__.co_filename))]

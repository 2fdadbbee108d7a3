"""A gradient estimator to start from: copy this file, and change what is marked CHANGE.

It is complete and sound as it stands (the score function with a leave-one-out baseline), so that
you can run the check after each change:

    lexbits estimators check estimator_skeleton.py:Skeleton
"""

from torch import Tensor

from lexbits.estimators import Estimate, Estimator


class Skeleton(Estimator):
    """CHANGE: say what your estimator computes, and give its formula."""

    # What `lexbits estimators list` prints of it.
    summary = "score function minus the mean of the other samples"  # CHANGE
    reference = "Kool et al. 2019"  # CHANGE: where it comes from, or your own name

    # What it estimates: "elbo", the mean of f under q; "iwae", a bound of S importance weights; or
    # "wake", no single objective. It decides which f you are given: see the page on estimators.
    bound = "elbo"

    # Whether the mean of its estimates is exactly the gradient. The check tells whether that is
    # true. If yours is biased on purpose, say False here and give the reason in `bias`.
    unbiased = True

    # What it needs: a q of independent bits (as when it flips or couples them one by one), or an f
    # that is differentiable in z. A training that has something else is refused.
    needs_factorised_q = False
    needs_differentiable_f = False

    # How often it evaluates f for each word, as a formula of S and K. If that is not S, override
    # the class method `evaluations(samples, bits)` too.
    cost = "S"

    # What it can work with. Leave out what does not restrict it: `least_samples` is 1 else, and
    # `sample_step = 2` would say that S is even; `least_bits` and `most_bits` bound K.
    least_samples = 2  # CHANGE: a baseline of the other samples needs another one

    def __init__(self, bits: int, features: int) -> None:
        """Make what it keeps: `bits` is K, `features` the size of `q.features`."""
        super().__init__(bits, features)
        # CHANGE: networks of its own are submodules here, and averages are buffers, such as
        # `self.mean = RunningMean(decay=0.9)`; both are then saved with a run. This one has none.

    def _estimate(self, q, f, samples: int) -> Estimate:  # noqa: ANN001 - of any posterior
        """Return a value and a surrogate, [B] each; B words, S samples, K bits."""
        # Draw through q, never by torch.rand: the check can then replace random noise by all its
        # outcomes, and finds a bias that no number of samples would show.
        z = q.sample(samples)  # [S, B, K], zeros and ones

        # One call of f: it is one pass through the decoder, and the expensive part.
        values = f(z)  # [S, B] in nats, differentiable in the parameters of decoder and prior

        # CHANGE: what is subtracted from f. It must not depend on the sample that it is subtracted
        # from, or the estimate is biased. What is kept from batch to batch may change only where
        # `self.training`, and after it has been used.
        baseline = _mean_of_the_others(values.detach())  # [S, B]

        # The surrogate: its *gradient* is your estimate, its value means nothing. Through `values`
        # it reaches the decoder and the prior, through `q.log_prob` the encoder. The factor before
        # the score must be detached, or its own gradient comes on top.
        advantage = values.detach() - baseline
        surrogate = (values + advantage * q.log_prob(z)).mean(0)  # [B]

        # The value: what is estimated, in nats per word, without a gradient.
        return Estimate(values.detach().mean(0), surrogate)


def _mean_of_the_others(values: Tensor) -> Tensor:
    """Return for each sample the mean of the other samples of its word, [S, B]."""
    return (values.sum(0) - values) / (len(values) - 1)

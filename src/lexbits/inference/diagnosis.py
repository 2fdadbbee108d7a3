"""Whether the bits are used, in plain words."""

from __future__ import annotations

from lexbits.inference.accounting import Evaluation

COLLAPSED_BELOW = 0.5
"""Nats of mutual information under which the bits count as ignored."""


def describe_information(figures: Evaluation, bits: int) -> str:
    """Return a sentence on how much the bits know; "" for a model without bits."""
    if bits == 0:
        return ""
    known = figures.mutual_information
    if known < COLLAPSED_BELOW:
        return (
            f"The bits are ignored (posterior collapse): they share only {known:.2f} nats with the "
            "word, and the decoder works as a plain language model."
        )
    return (
        f"The bits carry {known:.2f} nats about the word; "
        f"{figures.active_bits} of {bits} are active."
    )


def collapse_advice(figures: Evaluation, bits: int) -> str:
    """Return what to try against posterior collapse, or "" where there is none."""
    if bits == 0 or figures.mutual_information >= COLLAPSED_BELOW:
        return ""
    return (
        "Try --free-nats 4, --kl-annealing-epochs 5, --estimator rloo with --samples 2 or more, "
        "and --z-at-every-step --z-at-logits; or a weaker decoder: --symbol-dropout 0.1."
    )

"""What a model is, in three lines: its data, its sizes and best figures, what its bits know."""

from __future__ import annotations

from lexbits.config import Settings
from lexbits.measures.diagnosis import COLLAPSED_BELOW
from lexbits.training.records import Record, best_record
from lexbits.word_model.trained import Trained

UNKNOWN_DATA = "words of unknown origin"


def describe(model: Trained) -> list[str]:
    """Return three lines about a model; nothing is read or computed for them."""
    best = best_record(model.history) if model.history else None
    return [
        f"{type(model).__name__} of {_data(model)}",
        f"  {_sizes(model)}; {_figures(best, len(model.history))}",
        f"  {_bits(model.settings, best)}",
    ]


def _data(model: Trained) -> str:
    counts = [f"{count:,} {name}" for name, count in model.words.sizes.items() if count]
    words = f": {' + '.join(counts)} words" if counts else ""
    place = f", from {model.source!r}" if model.source else ""
    characters = len(model.alphabet.characters)
    return f"{model.facts.get('name') or UNKNOWN_DATA}{words}, {characters} characters{place}"


def _sizes(model: Trained) -> str:
    settings = model.settings
    parameters = sum(weights.numel() for weights in model.network.parameters())
    return (
        f"{settings.bits} bits, {settings.cell.upper()} of {settings.hidden_size} units, "
        f"{parameters:,} parameters"
    )


def _figures(best: Record | None, epochs: int) -> str:
    if best is None:
        return "how it was trained is unknown"
    perplexity = best["dev_perplexity_per_symbol"]
    return (
        f"best epoch {best['epoch']} of {epochs}: dev NLL {best['dev_nll']:.2f} nats per word, "
        f"perplexity per symbol {perplexity:.2f}"
    )


def _bits(settings: Settings, best: Record | None) -> str:
    if settings.bits == 0:
        return "without bits: a plain language model"
    if best is None or "dev_mutual_information" not in best:
        return "what the bits know was not measured: evaluate(words) does"
    known = best["dev_mutual_information"]
    verdict = "the bits are ignored" if known < COLLAPSED_BELOW else "the bits are used"
    return (
        f"{verdict}: mutual information {max(0.0, known):.2f} nats with a dev word, rate "
        f"{best['dev_rate']:.2f}, {best['dev_active_bits']} of {settings.bits} active"
    )

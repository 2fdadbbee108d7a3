"""Tiny models, and pages of them."""

import copy

import torch

from lexbits.report.page import page
from lexbits.report.weights import describe, rounded
from tests.word_model.conftest import WORDS, fit

PRECISION = "half"
KINDS = {
    "factorised": [{"bits": 16}],
    "made": [{"bits": 6, "prior": "made", "posterior": "made", "cell": "gru"}],
    "boltzmann": [{"bits": 6, "prior": "boltzmann"}],
    "plain": [{"bits": 0}],
    "many bits": [{"bits": 256, "epochs": 4}],
    "sweep": [{"bits": 0}, {"bits": 8, "seed": 1}, {"bits": 8, "seed": 2}],
}
"""Pages, by the settings of their models."""
LABELS = ("without bits", "2 nats", "4 nats")
FIGURE = """<svg viewBox="0 0 10 10" role="img"><title>Rates</title>
<circle id="rates-point-1-1" r="1"/><circle id="rates-point-2-1" r="1"/></svg>"""


def write_kind(name, file):
    """Write a page of KINDS and return its models, with the weights that they have in it."""
    models = [tiny(**settings) for settings in KINDS[name]]
    described_ones = [
        described(
            model,
            WORDS[::4],
            name=f"model-{n}",
            label=LABELS[n],
            point=n,
            unused=[k for k in (1, 4) if k < model.settings.bits],
        )
        for n, model in enumerate(models)
    ]
    write_page(file, *described_ones, sweep=FIGURE if len(models) > 1 else "")
    return [as_in_page(model) for model in models]


def tiny(words=WORDS, dev=None, **settings):
    """Train a little and let chance do the rest, so that words differ in bits, and bits matter."""
    settings = {"epochs": 6, "learning_rate": 0.05, "batch_size": 8, "free_nats": 4.0} | settings
    model = fit(words, dev, **{"hidden_size": 12} | settings)
    dice, size = torch.Generator().manual_seed(0), 1.5 / max(model.settings.bits, 1) ** 0.5
    with torch.no_grad():
        for name, weights in model.network.named_parameters():
            if "z_to" in name or name.startswith(("encoder", "conditioner", "prior", "couplings")):
                amount = size if "z_to" in name else 0.8
                weights.add_(torch.randn(weights.shape, generator=dice), alpha=amount)
    return model


def as_in_page(model):
    """Return the model with the weights that its page has."""
    found = copy.copy(model)
    found.network = rounded(model.network, PRECISION)
    return found


def described(model, words=(), **more):
    """Return what the page is given of a model."""
    points = [(word, n / len(words), (7 * n % 10) / 10, "") for n, word in enumerate(words)]
    description = describe(model.network, model.alphabet, model.settings, PRECISION)
    return {"name": "model", "label": "model", "map": points, **description, **more}


def write_page(file, *models, word="cantas", to="miro", sweep=""):
    """Write the page of described models."""
    live = {"version": 1, "models": models, "start": {"word": word, "to": to}}
    file.write_text(page(word, "<h1>Words</h1>", "", "", live, sweep), encoding="utf-8")
    return file


def spelled(model, *codes):
    """Return what codes spell greedily, as a page writes it."""
    return [found.word + "…" * (not found.ended) for found in model.decode(codes)]

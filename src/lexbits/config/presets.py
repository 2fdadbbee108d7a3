"""Settings that go together, by name; what a preset does not say has its default in `settings`."""

from __future__ import annotations

from typing import Any

PRESETS: dict[str, dict[str, Any]] = {
    # Good on the embedded data within five minutes on two cores.
    "default": {},
    # A first look in about a minute.
    "quick": {"hidden_size": 128, "encoder_hidden_size": 64, "steps": 1500, "limit": 12_000},
    # The plain language model, regularised by dropout and an n-gram's words: the floor of the next.
    "plain": {
        "bits": 0,
        "ngram_targets": True,
        "real_passes": 8,
        "embedding_size": 64,
        "hidden_size": 512,
        "input_dropout": 0.1,
        "recurrent_dropout": 0.1,
        "dropout": 0.3,
        "variational_dropout": True,
        "steps": 6000,
        "learning_rate": 6e-3,
        "average_decay": 0.998,
        "patience": 10,
        "dev_words": 10_000,
    },
    # 16 bits that know five nats, at no cost in likelihood: taught by plain models. Up to an hour.
    "best": {
        "prior": "made",
        "embedding_size": 64,
        "hidden_size": 512,
        "input_dropout": 0.1,
        "dropout": 0.15,
        "variational_dropout": True,
        "free_nats": 0.0,
        "rate_target": 5.0,
        "samples": 4,
        "teachers": 2,
        "synthetic_words": 2.0,
        "steps": 7000,
        "learning_rate": 4e-3,
        "average_decay": 0.998,
        "patience": 20,
        "dev_words": 10_000,
    },
    # Sizes and settings of the founding teaching notebook, its faults fixed.
    "notebook": {
        "z_at_every_step": False,
        "z_at_logits": False,
        "embedding_size": 256,
        "hidden_size": 256,
        "encoder_hidden_size": 256,
        "encoder_embedding": "borrowed",
        "embedding_dropout": 0.6,
        "dropout": 0.6,
        "synthetic_words": 0.0,
        "estimator": "reinforce-average",
        "samples": 1,
        "free_nats": 0.0,
        "kl_annealing_epochs": 0.0,
        "epochs": 20,
        "batch_size": 64,
        "learning_rate": 1e-3,
        "schedule": "constant",
        "gradient_clip": 0.0,
    },
}

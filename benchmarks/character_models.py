"""A character Transformer and a character LSTM of the kind that people train on lists of names.

    python benchmarks/character_models.py transformer FOLDER --seconds 60 --json transformer.json

Plain PyTorch, without lexbits. FOLDER holds train.txt, dev.txt and test.txt, a word a line. The
Transformer is that of makemore (4 layers, 4 heads, 64 wide, learned positions, AdamW with a weight
decay of 0.01), the LSTM has one layer. A training takes the time given, its evaluations
included: the learning rate rises over the first twentieth and then falls to zero by a cosine, at
the end of the time or after so many passes, whichever comes first, and of twenty evaluations on dev
words the best one is kept. The schedule follows the clock, so no two trainings are just the same.

Tuned a little, on 1,000 dev words of Spanish (SIGMORPHON 2016) and 296 of 3,000 English words, in
short trainings (--seconds 1e9 --set epochs=N). Dev NLL, by learning rate:

    Transformer, 4 passes over Spanish      5e-4 (that of makemore) 20.04, 2e-3 19.27, 4e-3 19.40
    Transformer, 20 passes over English     5e-4 22.69; with dropout of 0.1, 2e-3 22.09, 4e-3 21.96
    LSTM of 256, 4 passes over Spanish      2e-3 18.69, 5e-3 17.83, 1e-2 17.50

On English, schedules were too long: the Transformer was best after 9 of 20 passes without dropout,
with 0.1 after 16 or 19; the LSTM of 256 with 0.3 after 9 of 20 (21.21), that of 512 with 0.5 after
6 of 30 (21.13). With 10 passes the latter has 20.93, one of 256 with 0.5 and 1e-2 has 21.09. So a
short list has settings of its own. Batches have 32 words, as in makemore. Trainings of more than a
few minutes were not tuned.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

END, UNKNOWN, FIRST = 0, 1, 2
"""Symbols: the end of a word, a character that no training word has, the first character."""
NONE = -1
"""What is to be predicted after the end of a word: nothing."""
EVALUATIONS, MOST_DEV = 20, 2000
SHORT = 5000
"""Fewer words to learn from make a short list."""
WARM_UP, CLIP, BETAS = 0.05, 1.0, (0.9, 0.99)


@dataclass(frozen=True)
class Settings:
    """What is tuned; `epochs` are the most passes over the words."""

    width: int
    dropout: float
    batch: int
    learning_rate: float
    epochs: int
    layers: int = 1
    heads: int = 1
    weight_decay: float = 0.01


TUNED = {
    "transformer": (
        Settings(64, 0.1, 32, 2e-3, 100, layers=4, heads=4),
        Settings(64, 0.1, 32, 4e-3, 20, layers=4, heads=4),
    ),
    "lstm": (Settings(256, 0.3, 32, 1e-2, 40), Settings(512, 0.5, 32, 3e-3, 10)),
}
"""Of each model: for lists, and for short lists."""


class Transformer(nn.Module):
    """Decoder-only, normalised before each block, with learned positions."""

    def __init__(self, symbols: int, longest: int, settings: Settings) -> None:
        super().__init__()
        width = settings.width
        self.embedding = nn.Embedding(symbols + 1, width)
        self.positions = nn.Embedding(longest, width)
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width, settings.heads, 4 * width, settings.dropout, F.gelu,
                batch_first=True, norm_first=True,
            )
            for _ in range(settings.layers)
        )  # fmt: skip
        self.dropout = nn.Dropout(settings.dropout)
        self.norm = nn.LayerNorm(width)
        self.logits = nn.Linear(width, symbols, bias=False)
        for module in (self.embedding, self.positions, self.logits):
            nn.init.normal_(module.weight, std=0.02)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the logits [B, T, V] of what follows each of the inputs [B, T]."""
        length = inputs.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(length)
        hidden = self.dropout(self.embedding(inputs) + self.positions.weight[:length])
        for block in self.blocks:
            hidden = block(hidden, src_mask=mask, is_causal=True)
        logits: Tensor = self.logits(self.norm(hidden))
        return logits


class Lstm(nn.Module):
    """An embedding of 64, one LSTM, dropout before and after it."""

    def __init__(self, symbols: int, longest: int, settings: Settings) -> None:
        super().__init__()
        self.embedding = nn.Embedding(symbols + 1, 64)
        self.rnn = nn.LSTM(64, settings.width, settings.layers, batch_first=True)
        self.dropout = nn.Dropout(settings.dropout)
        self.logits = nn.Linear(settings.width, symbols)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the logits [B, T, V] of what follows each of the inputs [B, T]."""
        logits: Tensor = self.logits(self.dropout(self.rnn(self.embedding(inputs))[0]))
        return logits


MODELS: dict[str, type[Transformer | Lstm]] = {"transformer": Transformer, "lstm": Lstm}


def main() -> None:
    """Train for the time given, measure on the test words, write the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, required=True, help="of the training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="to tune")
    options = parser.parse_args()
    given = {name: float(value) for name, value in (each.split("=") for each in options.set)}
    lists = {
        name: (options.folder / f"{name}.txt").read_text("utf-8").split("\n")[:-1]
        for name in ("train", "dev", "test")
    }
    tuned = TUNED[options.model][len(lists["train"]) < SHORT]
    settings = replace(tuned, **{n: type(getattr(tuned, n))(v) for n, v in given.items()})
    result = measured(options.model, lists, options.seconds, settings, options.seed)
    print(json.dumps(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def measured(
    name: str, lists: dict[str, list[str]], seconds: float, settings: Settings, seed: int
) -> dict[str, Any]:
    """Train a model on the words of `train`; return its figures on those of `test`."""
    torch.manual_seed(seed)
    characters = sorted(set().union(*lists["train"]))
    words = {split: encoded(forms, characters) for split, forms in lists.items()}
    longest = max(rows.shape[1] for rows in words.values())
    model = MODELS[name](FIRST + len(characters), longest, settings)
    course = train(model, words["train"], words["dev"][:MOST_DEV], seconds, settings)
    nll = nll_of_words(model, words["test"])
    seen = ~(words["test"] == UNKNOWN).any(1)
    return course | {
        "words": len(nll),
        "nll": float(nll.mean()),
        "nll_se": float(nll.std() / math.sqrt(len(nll))),
        "seen_nll": float(nll[seen].mean()),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "settings": asdict(settings),
    }


def encoded(words: list[str], characters: list[str]) -> Tensor:
    """Return the symbols of words, each with its end, as rows of equal length."""
    symbols = {character: FIRST + i for i, character in enumerate(characters)}
    rows = torch.full((len(words), max(map(len, words)) + 1), NONE, dtype=torch.int16)
    for row, word in zip(rows, words, strict=True):
        found = [symbols.get(character, UNKNOWN) for character in word] + [END]
        row[: len(found)] = torch.tensor(found, dtype=torch.int16)
    return rows


def symbol_nll(model: Transformer | Lstm, rows: Tensor) -> Tensor:
    """Return −log p of each symbol [B, T], zero after the end of a word."""
    longest = int((rows != NONE).sum(1).max())
    targets = rows[:, :longest].long()
    start = model.embedding.num_embeddings - 1  # the symbol that precedes every word
    inputs = F.pad(targets[:, :-1].clamp(min=0), (1, 0), value=start)
    logits = model(inputs)
    return F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=NONE, reduction="none")


def nll_of_words(model: Transformer | Lstm, rows: Tensor) -> Tensor:
    """Return −log P of each word, in nats."""
    model.eval()
    with torch.no_grad():
        return torch.cat([symbol_nll(model, batch).sum(1) for batch in torch.split(rows, 256)])


def train(
    model: Transformer | Lstm, rows: Tensor, dev: Tensor, seconds: float, settings: Settings
) -> dict[str, Any]:
    """Train for so many seconds, leave the best weights in the model, return what happened."""
    began, evaluating, due = time.perf_counter(), 0.0, 1 / EVALUATIONS
    optimizer = torch.optim.AdamW(
        model.parameters(), weight_decay=settings.weight_decay, betas=BETAS, fused=True
    )
    steps_in_epoch = math.ceil(len(rows) / settings.batch)
    best, best_state, best_step = math.inf, copy.deepcopy(model.state_dict()), 0
    batches: list[Tensor] = []
    for step in count():
        done = step / (steps_in_epoch * settings.epochs)
        share = max((time.perf_counter() - began + evaluating) / seconds, done)
        if share >= min(due, 1.0):
            due = (math.floor(share * EVALUATIONS) + 1) / EVALUATIONS
            before = time.perf_counter()
            nll = float(nll_of_words(model, dev).mean())
            evaluating = max(evaluating, time.perf_counter() - before)
            if nll < best:
                best, best_state, best_step = nll, copy.deepcopy(model.state_dict()), step
        if share >= 1:
            break
        if not batches:
            batches = list(torch.split(torch.randperm(len(rows)), settings.batch))
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * rate(share)
        model.train()
        batch = rows[batches.pop()]
        loss = symbol_nll(model, batch).sum() / (batch != NONE).sum()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
    model.load_state_dict(best_state)
    return {
        "seconds": time.perf_counter() - began,
        "dev_nll": best,
        "epochs": step / steps_in_epoch,
        "best_epoch": best_step / steps_in_epoch,
        "steps": step,
    }


def rate(share: float) -> float:
    """Return the learning rate, as a part of the highest, when a share of the training is over."""
    if share < WARM_UP:
        return share / WARM_UP
    return 0.5 + 0.5 * math.cos(math.pi * (share - WARM_UP) / (1 - WARM_UP))


if __name__ == "__main__":
    main()

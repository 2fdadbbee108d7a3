"""A trained model as one page of HTML that runs it."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lexbits import arguments
from lexbits.data import Entry, forms_of
from lexbits.data.known import KnownWords
from lexbits.errors import LexbitsError, warn
from lexbits.measures.word_map import word_map
from lexbits.report.again import again
from lexbits.report.file import refuse_other, write_page
from lexbits.report.page import page
from lexbits.report.sections import head, knows, title
from lexbits.report.weights import Precision, describe
from lexbits.word_model.results import BitUsage, Encoding
from lexbits.word_model.telling import SEED, Tells
from lexbits.word_model.trained import own_modes

MAPPED = 600
"""Words on the map."""

CANDIDATES, CANDIDATE_SAMPLES = 40, 10
"""Words from which those that a page opens with are chosen, and importance samples for each."""

HALF_BYTES = 8 / 3
"""Bytes of a page that a weight in half precision takes: two bytes in base64."""

ROOM = 4_500_000
"""Bytes of a page that are left for weights, so that all of it stays below 5 MB."""

MOST_COST = 0.01
"""Nats per word that rounding to int8 may cost: half precision is taken where it costs more."""


class Reports(Tells):
    """The page of a trained model."""

    @own_modes()
    def report(self, path: str | os.PathLike[str]) -> Path:
        """Write one HTML file that tells what the model is and runs it, for anybody with a browser.

        It needs no server, no network and no other file. It holds the networks, with weights
        rounded to half precision (or to 8 bits, if it were larger than 5 MB otherwise), some of the
        model's held-out words, and its settings. What is measured for it takes seconds.

        Args:
            path: the file, whose name ends in .html; an earlier page of lexbits is replaced.

        Returns:
            The path of the file.

        Raises:
            UsageError: no path, another ending, or something else than a page of lexbits is there.
            RunError: the file cannot be written, or there are weights that are no finite numbers.

        Example:
            >>> from pathlib import Path
            >>> file = model.report(Path(folder) / "model.html")
            >>> file.stat().st_size < 5_000_000
            True
        """
        file = arguments.path(path)
        refuse_other(file)
        write_page(file, self._page())
        return file

    def _page(self) -> str:
        """Return the page."""
        model = self._without_lost_words()
        words = model._held_out_entries()
        precision = fitting([model])
        usage, codes = model._usage(words), model._codes(words)
        live = model._live(words, usage, codes, precision)
        told = model._told(words, usage, codes, precision)
        return page(
            title(told.origin),
            head(told.origin),
            knows(told),
            again(told.again, told.origin.characters),
            {"version": 1, "models": [live], "start": model._start(words)},
        )

    def _without_lost_words(self) -> Reports:
        """Return this model; or, where its words can no longer be read, it without any."""
        try:
            self.words.splits  # noqa: B018 - they are read once they are asked for
        except LexbitsError as error:
            warn(f"the page tells nothing of the model's words: {error}")
            return type(self)(
                self.settings,
                self.alphabet,
                self.network,
                KnownWords(dict, self.words.sizes),
                self.history,
                self.source,
                self.facts,
                self._read_estimator,
            )
        return self

    def _usage(self, words: Sequence[Entry]) -> Sequence[BitUsage]:
        return self.bit_usage(forms_of(words)) if words and self.settings.bits else ()

    def _codes(self, words: Sequence[Entry]) -> Sequence[Encoding]:
        return self.encode(forms_of(words)) if words and self.settings.bits else ()

    def _live(
        self,
        words: Sequence[Entry],
        usage: Sequence[BitUsage],
        codes: Sequence[Encoding],
        precision: Precision,
        name: str = "model",
        label: str = "",
    ) -> dict[str, Any]:
        """Return the model as the page runs it.

        Args:
            words: held-out words.
            usage: what each bit is used for.
            codes: of the words.
            precision: of the weights.
            name: in the address of the page.
            label: what the model is called beside others.
        """
        return {
            "name": name,
            "label": label,
            **describe(self.network, self.alphabet, self.settings, precision),
            "unused": [use.bit - 1 for use in usage if not use.active],
            "map": _map(codes),
            "usage": [{"ones": round(u.ones, 3), "nats": round(u.nats, 3)} for u in usage],
        }

    def _start(self, words: Sequence[Entry]) -> dict[str, str]:
        """Return the words that the page opens with: held-out ones, or some that it makes up.

        Of candidates, those that are most probable: they show what the model has learned.
        """
        forms = start_words(words, self.alphabet.unseen)
        if forms:
            scored = self.score(forms, samples=CANDIDATE_SAMPLES)
            forms = [s.word for s in sorted(scored, key=lambda s: -s.log_prob)]
        if len(forms) < 2:
            forms += [s.word for s in self.sample(20, seed=SEED) if s.word not in forms]
        first, *others = forms
        return {"word": first, "to": others[0] if others else first}


def half_bytes(model: Reports) -> float:
    """Return the bytes of a page that the weights of a model take in half precision."""
    weights: int = sum(w.numel() for w in model.network.state_dict().values())
    return HALF_BYTES * weights


def fitting(models: Sequence[Reports]) -> Precision:
    """Return the precision of the weights of all models, so that they fit into one page.

    That is half precision, or int8 where it would be too much and int8 costs next to nothing.
    """
    if (
        sum(map(half_bytes, models)) <= ROOM
        or max(m._rounding_cost("int8") for m in models) > MOST_COST
    ):
        return "half"
    return "int8"


def start_words(words: Sequence[Entry], unseen: Callable[[str], str]) -> list[str]:
    """Return candidates for words to begin with: neither short nor long, frequent.

    Where frequencies are unknown, or alike, they are drawn at random, always the same ones.

    Args:
        words: held-out words.
        unseen: returns the characters of a word that the model does not know: it knows all of these
            words'.
    """
    known = {entry.form: entry for entry in words if not unseen(entry.form)}
    lengths = sorted(map(len, known))
    middle = lengths[len(lengths) // 2] if lengths else 0
    shuffled = random.Random(SEED).sample(sorted(known), len(known))
    ranked = sorted(shuffled, key=lambda form: -known[form].weight)
    near = [form for form in ranked if abs(len(form) - middle) <= 1]
    return (near if len(near) > 1 else ranked)[:CANDIDATES]


def _map(codes: Sequence[Encoding]) -> list[list[Any]]:
    """Return at most `MAPPED` different words with their places."""
    different = list({encoding.word: encoding for encoding in codes}.values())
    if len(different) > MAPPED:
        different = random.Random(SEED).sample(different, MAPPED)
    if not different:
        return []
    places = word_map(np.array([encoding.probabilities for encoding in different])).round(3)
    return [
        [encoding.word, *place] for encoding, place in zip(different, places.tolist(), strict=True)
    ]

"""What there is to tell of a model, gathered by what it can be asked."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from lexbits.bits import parse_code
from lexbits.data import Entry, forms_of
from lexbits.data.corpus import Corpus
from lexbits.data.remote import LANGUAGES
from lexbits.languages import NAMES
from lexbits.measures import evaluate
from lexbits.measures.bit_features import BitFeature, bit_features
from lexbits.measures.diagnosis import (
    describe_information,
    describe_negative,
    describe_unseen,
)
from lexbits.measures.position_gain import PositionGain
from lexbits.measures.turned_bits import turned_bits
from lexbits.report.facts import (
    Accounting,
    Bit,
    Made,
    Origin,
    Rebuilt,
    Rounding,
    Told,
    Turned,
)
from lexbits.report.weights import Precision, rounded
from lexbits.training.records import best_record
from lexbits.word_model.coding import Encodes
from lexbits.word_model.description import UNKNOWN_DATA
from lexbits.word_model.drawing import Draws
from lexbits.word_model.learning import FROM_PYTHON
from lexbits.word_model.provenance import provenance, trained_with
from lexbits.word_model.results import BitUsage, Encoding
from lexbits.word_model.sampling import Samples

SAMPLES = 10
"""Importance samples for each held-out word: its NLL is then a few hundredths too high."""

GAIN_WORDS = 200
"""Held-out words on which it is seen where bits help: it takes more than all else."""

TURNED_CODES = 2048
"""Codes that are spelled to see what bits do, if the bits are not too many."""

MOST_TURNED = 64
"""Words whose bits are turned."""

EXAMPLES = 3
REBUILT = 12
MADE = 24
SEED = 0


class Tells(Samples, Encodes, Draws):
    """What a page tells of a model; nats per word."""

    def _told(
        self,
        words: Sequence[Entry],
        usage: Sequence[BitUsage],
        codes: Sequence[Encoding],
        precision: Precision,
    ) -> Told:
        """Return all that the page tells.

        Args:
            words: held-out words, none where there are none.
            usage: what each bit is used for, on them.
            codes: theirs.
            precision: of the weights in the page.
        """
        from lexbits.word_model import pictures

        told = Told(
            origin=self._origin(),
            again=provenance(self),
            rounding=Rounding(precision),
            curves=pictures.of_training(self.figure()) if self.history else "",
            made=self._made_up(),
            meaning=self._meaning(),
        )
        if not words:
            return told
        forms = forms_of(words)
        gain = self.position_gain(forms, most=GAIN_WORDS) if self.settings.bits else None
        accounting = self._accounting(words, gain)
        rounding = self._rounding(forms, precision, accounting.metrics.nll)
        told = replace(told, accounting=accounting, rounding=rounding)
        if gain is None:
            return told
        bits, looked_at = self._bits_told(words, usage, codes)
        return replace(
            told,
            gain=pictures.of_gain(gain),
            bits=bits,
            bits_figure=pictures.of_bits(usage, len(forms)),
            looked_at=looked_at,
            rebuilt=self._rebuilt_words(words),
            exact=self.reconstruction(forms).exact,
        )

    def _meaning(self) -> str:
        name = str(self.facts.get("name", ""))
        return self.words.meaning().replace(name, short_name(name)) if self._has_words() else ""

    def _has_words(self) -> bool:
        return any(self.words.splits.values())

    def _origin(self) -> Origin:
        """Return what was trained on what."""
        settings = self.settings
        best = best_record(self.history) if self.history else None
        name = str(self.facts.get("name") or UNKNOWN_DATA)
        version, date = trained_with(self)
        return Origin(
            data="" if name in (FROM_PYTHON, UNKNOWN_DATA) else short_name(name),
            language=language_of(name),
            words={name: count for name, count in self.words.sizes.items() if count},
            characters=tuple(self.alphabet.characters),
            bits=settings.bits,
            network=f"an LSTM of {settings.hidden_size} units"
            if settings.cell == "lstm"
            else f"a GRU of {settings.hidden_size} units",
            parameters=sum(weights.numel() for weights in self.network.parameters()),
            epochs=len(self.history),
            best_epoch=best["epoch"] if best else 0,
            version=version,
            date=date,
        )

    def _split_of(self, words: Sequence[Entry]) -> str:
        return "test" if self.words.get(words[0].form) == "test" else "dev"

    def _accounting(self, words: Sequence[Entry], gain: PositionGain | None) -> Accounting:
        from lexbits.word_model import pictures

        forms, bits = forms_of(words), self.settings.bits
        found, floors = self.evaluate(forms, samples=SAMPLES, seed=SEED), self._floors_on(forms)
        remarks = (
            describe_information(found, bits, gain),
            describe_negative(found),
            describe_unseen(found),
        )
        return Accounting(
            split=self._split_of(words),
            metrics=found,
            remarks=tuple(filter(None, remarks)),
            floors=tuple(floors),
            figure=pictures.of_accounting(bits, found, floors),
        )

    def _rounding(
        self, words: Sequence[str], precision: Precision, nll: float | None = None
    ) -> Rounding:
        """Return what rounding the weights costs words; `nll` is theirs, if it is known already."""
        if nll is None:
            nll = self.evaluate(words, samples=SAMPLES, seed=SEED).nll
        corpus = Corpus.from_words(words, self.alphabet)
        of_rounded = evaluate(rounded(self.network, precision), corpus, SAMPLES, SEED)
        return Rounding(precision, of_rounded.nll - nll, len(words))

    def _rounding_cost(self, precision: Precision) -> float:
        """Return what rounding costs held-out words, nats per word; 0 where there are none."""
        forms = forms_of(self._held_out_entries())
        return self._rounding(forms, precision).nats if forms else 0.0

    def _bits_told(
        self, words: Sequence[Entry], usage: Sequence[BitUsage], codes: Sequence[Encoding]
    ) -> tuple[tuple[Bit, ...], int]:
        """Return what each bit is used for, and how many words' bits were turned to see it."""
        active = [use.bit - 1 for use in usage if use.active]
        z = torch.stack([parse_code(c.code, self.settings.bits) for c in codes])
        some = random.Random(SEED).sample(range(len(z)), min(len(z), self._words_to_turn(active)))
        turned = turned_bits(
            self.network.decoder,
            self.alphabet,
            z[some].to(self.network.device),
            active,
            self.settings.max_length,
        )
        of_bit = dict(zip(active, turned, strict=True))
        features = bit_features(z.bool().numpy(), [entry.features for entry in words])
        forms = [words[i].form for i in some]
        bits = tuple(
            _bit(use, feature, forms, of_bit.get(use.bit - 1))
            for use, feature in zip(usage, features, strict=True)
        )
        return bits, len(some) if active else 0

    def _words_to_turn(self, active: Sequence[int]) -> int:
        return max(EXAMPLES, min(MOST_TURNED, TURNED_CODES // max(1, 2 * len(active))))

    def _rebuilt_words(self, words: Sequence[Entry]) -> tuple[Rebuilt, ...]:
        some = [e.form for e in words[:: max(1, len(words) // REBUILT)][:REBUILT]]
        found = self.reconstruct(some, samples=2, seed=SEED)
        return tuple(Rebuilt(r.word, r.mode, r.mean, r.samples) for r in found)

    def _made_up(self) -> tuple[Made, ...]:
        known = self._has_words()
        found = self.sample(MADE, seed=SEED)
        return tuple(Made(sample.word, sample.status if known else "") for sample in found)


def short_name(data: str) -> str:
    """Return the name of a data set without the folders that its files lie in."""
    return " + ".join(Path(part).name or part for part in data.split(" + "))


def language_of(data: str) -> str:
    """Return the English name of the language of a data set, "" where its name does not say."""
    kind, _, language = data.partition(":")
    if kind not in ("simplemma", "sigmorphon2016"):
        return ""
    return NAMES.get(LANGUAGES.get(language, language), "")


def _bit(
    use: BitUsage,
    feature: BitFeature | None,
    words: Sequence[str],
    turned: Sequence[tuple[str, str]] | None,
) -> Bit:
    """Return what a bit is used for.

    Args:
        use: how often it is on, and what it knows.
        feature: the feature that goes with it.
        words: whose codes were spelled with the bit off and on.
        turned: what they spell; None for a bit that was not turned.
    """
    pairs = zip(words, turned or (), strict=turned is not None)
    differing = [Turned(word, off, on) for word, (off, on) in pairs if off != on]
    first = use.bit * EXAMPLES % max(1, len(differing))  # not the same words for all bits
    differing = differing[first:] + differing[:first]
    different = {(found.off, found.on): found for found in reversed(differing)}
    return Bit(
        number=use.bit,
        ones=use.ones,
        nats=use.nats,
        active=use.active,
        changed=len(differing) / len(words) if turned is not None else None,
        turned=tuple(reversed(different.values()))[:EXAMPLES],
        feature=feature if use.active else None,
    )

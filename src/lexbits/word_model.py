"""The same jobs from Python: one object that is trained, loaded, saved and asked."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self

import torch
from torch import Tensor

from lexbits import __version__
from lexbits.alphabet import Alphabet
from lexbits.bits import Posterior, format_code, parse_code
from lexbits.bits.paths import bit_path, mean_path
from lexbits.config import Settings, resolve
from lexbits.data.corpus import Corpus
from lexbits.data.given import clean_words, split_words
from lexbits.data.known import KnownWords
from lexbits.decoding import Decoded, Method, decode
from lexbits.errors import UsageError
from lexbits.likelihood import Cost, estimate_cost, score_words
from lexbits.likelihood.exact import LIMIT, Progress
from lexbits.likelihood.exact_scores import exact_scores
from lexbits.likelihood.lower_bound import lower_bound
from lexbits.measures import Evaluation, ExactEvaluation, evaluate, summarise
from lexbits.measures.code_search import searched_codes
from lexbits.model import LatentWordModel
from lexbits.objective import rate
from lexbits.results import Bound, Encoding, PathPoint, Reconstruction, Sample, Score
from lexbits.runs.folder import SPLITS, RunFolder
from lexbits.training.checkpoint import pack, unpack_network
from lexbits.training.devices import torch_device
from lexbits.training.loop import Record
from lexbits.training.memory import train_in_memory
from lexbits.training.randomness import seeded_torch

WORDS_AT_ONCE = 1024
"""Words that are encoded, or codes that are decoded, together: bounds the memory."""

TRIES_PER_NEW_WORD = 200


class WordModel:
    """A trained model of words, with its alphabet and the words it knows.

    Make one with `fit` or `load`.

    Attributes:
        settings: the settings it was trained with.
        alphabet: its characters.
        network: the torch module with prior, posterior and decoder.
        words: the split ("train", "dev" or "test") of each word of its data, where known.
        history: one record for each epoch of training, where known.
    """

    def __init__(
        self,
        settings: Settings,
        alphabet: Alphabet,
        network: LatentWordModel,
        words: KnownWords,
        history: Sequence[Record] = (),
    ) -> None:
        self.settings = settings
        self.alphabet = alphabet
        self.network = network.eval()
        self.words = words
        self.history = list(history)

    @classmethod
    def fit(
        cls,
        words: Iterable[str],
        dev: Iterable[str] | None = None,
        *,
        preset: str = "default",
        **settings: Any,  # noqa: ANN401 - checked by Settings
    ) -> Self:
        """Train on `words` in memory and return the model of the best epoch.

        Args:
            words: the words; normalised to NFC, blank and over-long ones are left out.
            dev: words to select the best epoch by; else a seeded share of `words`.
            preset: "default", "quick", "plain", "best" or "notebook".
            **settings: any setting by its name, such as `bits=8, epochs=5`.

        Raises:
            UsageError: an unknown or impossible setting.
            DataError: too few words.
            DivergenceError: the loss stopped being finite.
        """
        resolved = resolve(settings, preset)
        entries = clean_words(words, resolved.max_length)
        if dev is None:
            entries, dev_entries = split_words(entries, resolved)
        else:
            dev_entries = clean_words(dev, resolved.max_length)
        forms, dev_forms = [e.form for e in entries], [e.form for e in dev_entries]
        alphabet = Alphabet.from_words(forms)
        network, records = train_in_memory(resolved, alphabet, forms, dev_forms)
        known = KnownWords(partial(dict, train=entries, dev=dev_entries))
        return cls(resolved, alphabet, network, known, records)

    @classmethod
    def load(cls, path: str | Path, device: str = "cpu") -> Self:
        """Load the best model of a run folder, or what `save` wrote.

        The words of its data are read when they are first asked for, as sampling does.

        Args:
            path: the folder.
            device: where the model works: "cpu", "cuda", "mps", or "auto".

        Raises:
            UsageError: this machine has no such device.
            RunError: there is no such folder, or it is damaged, foreign or of a newer format.
        """
        place = torch_device(device)
        run = RunFolder.open(Path(path))
        settings, alphabet = run.settings(), run.alphabet()
        where = str(run.path / "model.safetensors")
        network = unpack_network(run.read("model.safetensors"), settings, alphabet, where)
        known = KnownWords(run.splits)
        return cls(settings, alphabet, network.to(place), known, run.metrics())

    def save(self, path: str | Path, overwrite: bool = False) -> None:
        """Write the model to a folder that `load` and every command can read.

        Raises:
            RunError: the folder exists (and `overwrite` is false) or cannot be written.
        """
        splits = {name: self.words.splits.get(name, ()) for name in SPLITS}
        run = RunFolder.create(
            Path(path), self.settings, self.alphabet, splits, overwrite=overwrite
        )
        run.write("model.safetensors", pack("model", self.network.state_dict(), {}, __version__))
        run.write_metrics(self.history)

    def sample(
        self,
        n: int = 10,
        *,
        decode: Method = "sample",
        temperature: float = 1.0,
        code: str | None = None,
        new_only: bool = False,
        seed: int | None = None,
    ) -> list[Sample]:
        """Generate words: z from the prior (or the given code), then x from P(x|z).

        Args:
            n: how many words.
            decode: "sample", "greedy" or "beam" (of width 8).
            temperature: below 1 sharpens, above 1 flattens each step of "sample".
            code: bits to decode in place of samples from the prior.
            new_only: leave out words of the model's data, and repetitions. Fewer than n words come
                back if 200 n tries do not give n.
            seed: makes the result repeatable.
        """
        _at_least(1, n, "the number of words")
        found: dict[str, Sample] = {}
        with seeded_torch(secrets.randbits(32) if seed is None else seed, "sample"):
            if not new_only:
                return self._samples(n, decode, temperature, code)
            for _ in range(TRIES_PER_NEW_WORD):
                for sample in self._samples(n, decode, temperature, code):
                    if sample.status == "new" and sample.ended and sample.word:
                        found.setdefault(sample.word, sample)
                if len(found) >= n:
                    break
        return list(found.values())[:n]

    def _samples(
        self, n: int, decode: Method, temperature: float, code: str | None
    ) -> list[Sample]:
        z = self.network.prior().sample(n) if code is None else self._parse(code).expand(n, -1)
        return self._decoded(z, decode, temperature)

    def decode(
        self,
        codes: Sequence[str],
        *,
        decode: Method = "greedy",
        temperature: float = 1.0,
        seed: int | None = None,
    ) -> list[Sample]:
        """Decode each code, such as "0110", to a word.

        Raises:
            UsageError: a code of another length or with other characters, or a model without bits.
        """
        self._require_bits()
        z = torch.stack([self._parse(code) for code in codes])
        with seeded_torch(secrets.randbits(32) if seed is None else seed, "decode"):
            return self._decoded(z, decode, temperature)

    def encode(self, words: Sequence[str], *, search: bool = False) -> list[Encoding]:
        """Return the posterior of each word, and its code: the mode, or what a search finds.

        Args:
            words: the words.
            search: flip bits of the mode, the best one first, while P(x|z) grows.
        """
        self._require_bits()
        words = self._checked(words)
        q = self._posterior(words)
        with torch.no_grad(), seeded_torch(0, "encode"):
            rates = rate(q, self.network.prior()).tolist()
        codes = self._searched(words) if search else q.mode
        rows = zip(words, codes, q.mean.tolist(), rates, strict=True)
        return [
            Encoding(word, format_code(code), mean, nats, self.alphabet.unseen(word))
            for word, code, mean, nats in rows
        ]

    def reconstruct(
        self, words: Sequence[str], *, samples: int = 3, seed: int = 0, search: bool = False
    ) -> list[Reconstruction]:
        """Decode each word greedily from its posterior's mode, mean and samples.

        With `search`, from the code that `encode` finds with it, too.
        """
        self._require_bits()
        _at_least(0, samples, "the number of samples")
        words = self._checked(words)
        q = self._posterior(words)
        with seeded_torch(seed, "reconstruct"):
            z = torch.cat([q.mode[None], q.mean[None], q.sample(samples)])
        if search:
            z = torch.cat([z, self._searched(words)[None]])
        decoded = self._words(self._run_decoder(z.flatten(0, 1), "greedy", 1.0))
        n = len(words)
        rows = [decoded[i * n : (i + 1) * n] for i in range(len(z))]
        return [
            Reconstruction(
                word=word,
                code=format_code(q.mode[i]),
                mode=rows[0][i],
                mean=rows[1][i],
                samples=[row[i] for row in rows[2 : 2 + samples]],
                exact=rows[0][i] == word,
                searched_code=format_code(z[-1, i]) if search else None,
                searched=rows[-1][i] if search else None,
                unseen=self.alphabet.unseen(word),
            )
            for i, word in enumerate(words)
        ]

    def interpolate(
        self,
        first: str,
        second: str,
        *,
        steps: int = 5,
        through: Literal["means", "bits"] = "means",
    ) -> list[PathPoint]:
        """Decode points between two words greedily.

        Args:
            first: the word at position 0.
            second: the word at position 1.
            steps: how many points, both ends included.
            through: "means" is the line between the posterior means, which are no bit vectors;
                "bits" flips the bits that differ between the two codes, one after another.
        """
        self._require_bits()
        _at_least(2, steps, "the number of steps")
        q = self._posterior(self._checked([first, second]))
        z = (mean_path if through == "means" else bit_path)(q, steps)
        words = self._words(self._run_decoder(z, "greedy", 1.0))
        codes = [format_code((row > 0.5).float()) for row in z]
        return [
            PathPoint(i / (steps - 1), code, word)
            for i, (code, word) in enumerate(zip(codes, words, strict=True))
        ]

    def score(self, words: Sequence[str], *, samples: int = 100, seed: int = 0) -> list[Score]:
        """Return log p(word) of each word by importance sampling, exact with zero bits."""
        _at_least(1, samples, "the number of samples")
        words = self._checked(words)
        with seeded_torch(seed, "score"):
            scores = score_words(self.network, Corpus.from_words(words, self.alphabet), samples)
        nats_per_bit = torch.tensor(2.0).log().item()
        return [
            Score(
                word=word,
                log_prob=float(scores.log_prob[i]),
                standard_error=float(scores.standard_error[i])
                if scores.standard_error[i] < float("inf")
                else None,
                bits_per_symbol=-float(scores.log_prob[i]) / nats_per_bit / int(scores.symbols[i]),
                symbols=int(scores.symbols[i]),
                ess=float(scores.ess[i]),
                unseen=self.alphabet.unseen(word),
            )
            for i, word in enumerate(words)
        ]

    def evaluate(self, words: Sequence[str], *, samples: int = 100, seed: int = 0) -> Evaluation:
        """Return likelihood, rate, distortion and information of the bits, nats per word."""
        _at_least(1, samples, "the number of samples")
        words = self._checked(words)
        with seeded_torch(seed, "evaluate"):
            return evaluate(self.network, Corpus.from_words(words, self.alphabet), samples)

    def exact(
        self, words: Sequence[str], *, limit: int = LIMIT, progress: Progress | None = None
    ) -> ExactEvaluation:
        """Return likelihood, ELBO and the parts of the gap between them by summing over all codes.

        Args:
            words: the words.
            limit: most bits; 2^K evaluations for each distinct prefix of the words are needed.
            progress: told (done, total) on the way.

        Raises:
            UsageError: more bits than `limit`.
        """
        corpus = Corpus.from_words(self._checked(words), self.alphabet)
        return summarise(exact_scores(self.network, corpus, limit, progress))

    def exact_cost(self, words: Sequence[str]) -> Cost:
        """Return what `exact` would take: seconds, bytes, codes and prefixes."""
        corpus = Corpus.from_words(self._checked(words), self.alphabet)
        return estimate_cost(self.network, corpus, table=True)

    def lower_bound(self, words: Sequence[str], *, codes: int = 1000) -> Bound:
        """Return a lower bound of log p(word) by each word's most probable codes, without noise."""
        _at_least(1, codes, "the number of codes")
        corpus = Corpus.from_words(self._checked(words), self.alphabet)
        found = lower_bound(self.network, corpus, codes)
        return Bound(len(words), min(codes, 2**self.settings.bits), -float(found.mean()))

    def _searched(self, words: Sequence[str]) -> Tensor:
        found = searched_codes(self.network, Corpus.from_words(words, self.alphabet))
        return found.to(self.network.device)

    def _checked(self, words: Sequence[str]) -> list[str]:
        if isinstance(words, str):
            raise UsageError(f"expected a list of words, found the string {words!r}")
        cleaned = [entry.form for entry in clean_words(words, None)]
        if len(cleaned) != len(words):
            raise UsageError("expected words, found an empty one")
        if not cleaned:
            raise UsageError("expected words, found none")
        return cleaned

    def _require_bits(self) -> None:
        if self.settings.bits == 0:
            raise UsageError("this model has no bits (bits = 0): it is a plain language model")

    def _parse(self, code: str) -> Tensor:
        self._require_bits()
        return parse_code(code, self.settings.bits).to(self.network.device)

    @torch.no_grad()
    def _posterior(self, words: Sequence[str]) -> Posterior:
        corpus = Corpus.from_words(words, self.alphabet)
        order, found = [], []
        for indices in corpus.batches(WORDS_AT_ONCE):
            batch = self.network.words(corpus, indices)
            order.append(torch.from_numpy(indices))
            found.append(self.network.posterior(batch).parameters)
        parameters = torch.cat(found)[torch.cat(order).argsort()]
        return self.network.posterior_like(parameters)

    def _decoded(self, z: Tensor, decode: Method, temperature: float) -> list[Sample]:
        pieces = self._run_decoder(z, decode, temperature)
        words = self._words(pieces)
        log_prob = torch.cat([piece.log_prob for piece in pieces]).tolist()
        ended = torch.cat([piece.ended for piece in pieces]).tolist()
        return [
            Sample(word, format_code(bits), value, complete, self.words.get(word, "new"))
            for word, bits, value, complete in zip(words, z, log_prob, ended, strict=True)
        ]

    @torch.no_grad()
    def _run_decoder(self, z: Tensor, method: Method, temperature: float) -> list[Decoded]:
        limit = self.settings.max_length + 1  # the end symbol too
        pieces = torch.split(z, WORDS_AT_ONCE)
        return [decode(self.network.decoder, rows, limit, method, temperature) for rows in pieces]

    def _words(self, pieces: Sequence[Decoded]) -> list[str]:
        return [self.alphabet.decode(row) for piece in pieces for row in piece.symbols.tolist()]


def _at_least(least: int, found: int, what: str) -> None:
    if found < least:
        raise UsageError(f"expected {what} to be at least {least}, found {found}")

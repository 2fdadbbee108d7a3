"""What every job of a trained model starts from: its networks, its alphabet, its words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import cached_property
from typing import Any, cast, get_args

import torch

from lexbits import __version__, arguments
from lexbits.accelerators import full_float32
from lexbits.alphabet import Alphabet
from lexbits.bits import Posterior, parse_code
from lexbits.config import Precision, Settings
from lexbits.data.corpus import Corpus
from lexbits.data.given import clean_words
from lexbits.data.known import KnownWords
from lexbits.errors import UsageError, out_of_memory
from lexbits.likelihood.importance import Floats
from lexbits.model import LatentWordModel
from lexbits.training.checkpoint import network_of, pack, unpack
from lexbits.training.devices import refuse_missing, torch_device
from lexbits.training.records import Record
from lexbits.word_model.records import Records

WORDS_AT_ONCE = 1024
"""Words that are encoded together: bounds the memory."""

PICKLE = "the pickled model"
"""Its name in messages."""


@contextmanager
def own_modes(gradients: bool = False) -> Iterator[None]:
    """Compute in float32, with gradients or without, whatever the caller has set for torch.

    Tensors are made where lexbits wants them, also where the caller has another default device.

    Raises:
        UsageError: what is computed does not fit into the memory.
    """
    before = torch.get_default_dtype()
    if before != torch.float32:
        torch.set_default_dtype(torch.float32)
    try:
        with (
            torch.inference_mode(False),
            torch.set_grad_enabled(gradients),
            nullcontext() if torch.get_default_device().type == "cpu" else torch.device("cpu"),
            full_float32(),
        ):
            yield
    except (MemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        raise UsageError(
            "not enough memory for what was asked for: ask for fewer or smaller things, such as "
            "n, samples, hidden_size, batch_size"
        ) from error
    finally:
        if before != torch.float32:
            torch.set_default_dtype(before)


class Trained:
    """A trained model; what it can be asked is added by the classes that inherit from this one.

    `WordModel` describes its attributes.
    """

    def __init__(
        self,
        settings: Settings,
        alphabet: Alphabet,
        network: LatentWordModel,
        words: KnownWords,
        history: Sequence[Record] = (),
        source: str = "",
        facts: Mapping[str, Any] | None = None,
        read_estimator: Callable[[], str | None] | None = None,
        held_out_scores: Mapping[int, Floats] | None = None,
    ) -> None:
        self.settings = settings
        self.alphabet = alphabet
        self.network = network.eval()
        self.words = words
        self.history = Records(history)
        self.source = source
        self.facts = dict(facts or {})
        self._read_estimator = read_estimator
        self._held_out_scores = held_out_scores

    @cached_property
    def estimator_source(self) -> str | None:
        """The source of an estimator of the user's own that it was trained with, where kept."""
        return self._read_estimator() if self._read_estimator else None

    @property
    def precision(self) -> Precision:
        """The arithmetic of the decoder: "fp32", or "bf16", to be set.

        With a large decoder bf16 takes little more than half as long, on a processor that has it.
        Log-probabilities, their sums and the posteriors of words stay in fp32 or better, so codes
        are the same, and the NLL changes by about a thousandth of a nat. All methods follow it,
        `exact` too. A model computes in fp32 unless asked otherwise, whatever it was trained in,
        so that figures do not depend on the machine.

        Raises:
            UsageError: no such precision, or this machine has no such arithmetic.

        Example:
            >>> model.precision
            'fp32'
        """
        return self.network.decoder.precision

    @precision.setter
    def precision(self, wanted: Precision) -> None:
        precision = precision_named(wanted)
        refuse_missing(self.network.device.type, precision)
        self.network.decoder.precision = precision

    def __getstate__(self) -> dict[str, Any]:
        # Weights as data, for machines without the device, and for later versions.
        weights = pack("model", self.network.state_dict(), {}, __version__)
        device, precision = self.network.device.type, self.precision
        return {**vars(self), "network": weights, "device": device, "precision": precision}

    @own_modes()
    def __setstate__(self, state: dict[str, Any]) -> None:
        weights, device = state.pop("network"), state.pop("device")
        precision = state.pop("precision", "fp32")  # earlier versions knew no other
        vars(self).update(state)
        tensors, _ = unpack("model", weights, PICKLE)
        self.network = network_of(tensors, self.settings, self.alphabet, PICKLE).to(_there(device))
        with suppress(UsageError):  # on a machine without it, as without the device
            self.precision = precision

    def _corpus(self, words: object, skip_bad: bool) -> tuple[list[str], Corpus]:
        """Return the words as they are understood, and as symbols."""
        arguments.flag(skip_bad, "skip_bad")
        forms = clean_words(words, skip_bad=skip_bad)
        return forms, Corpus.from_words(forms, self.alphabet)

    def _require_bits(self) -> None:
        if self.settings.bits == 0:
            raise UsageError("this model has no bits (bits = 0): it is a plain language model")

    def _parse(self, code: object, where: str) -> torch.Tensor:
        self._require_bits()
        found = arguments.text(code, where)
        try:
            return parse_code(found, self.settings.bits).to(self.network.device)
        except UsageError as error:
            raise UsageError(f"{where}: {error}") from None

    @torch.no_grad()
    def _posterior(self, corpus: Corpus) -> Posterior:
        order, found = [], []
        for indices in corpus.batches(WORDS_AT_ONCE):
            batch = self.network.words(corpus, indices)
            order.append(torch.from_numpy(indices))
            found.append(self.network.posterior(batch).parameters)
        parameters = torch.cat(found)[torch.cat(order).argsort()]
        return self.network.posterior_like(parameters)


def precision_named(found: object) -> Precision:
    """Return what a caller has named as a precision.

    Raises:
        UsageError: it is none.
    """
    return cast("Precision", arguments.choice(found, "precision", get_args(Precision)))


def _there(device: str) -> torch.device:
    """Return the device, or the CPU on a machine without it."""
    try:
        return torch_device(device)
    except UsageError:
        return torch.device("cpu")

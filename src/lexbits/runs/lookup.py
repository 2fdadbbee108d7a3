"""The file of a run without its words that tells the status and the percentile of a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lexbits import __version__
from lexbits.data import Entry
from lexbits.data.dictionary_index import DictionaryIndex
from lexbits.data.lookup import DIGEST_BYTES, WordLookup, digest
from lexbits.errors import RunError
from lexbits.likelihood.importance import Floats
from lexbits.runs.folder import SPLITS, RunFolder
from lexbits.training.checkpoint import pack, unpack

LOOKUP = "lookup.safetensors"


@dataclass(frozen=True)
class Lookup:
    """What is kept in place of words.

    Attributes:
        words: tells the status of a word.
        held_out_scores: log P(word) of held-out words by length, for percentiles.
    """

    words: WordLookup
    held_out_scores: Mapping[int, Floats]


def pack_lookup(
    run: RunFolder, index: DictionaryIndex, held_out_scores: Mapping[int, Floats]
) -> bytes:
    """Return the content of the file for a run that has its words."""
    lengths = [length for length, scores in held_out_scores.items() for _ in scores]
    scores = np.concatenate([*held_out_scores.values(), np.empty(0)])
    tensors = {
        **{name: _digests(run.split(name)) for name in reversed(SPLITS)},
        "lengths": torch.tensor(lengths, dtype=torch.int16),
        "scores": torch.from_numpy(scores).float(),
        "offsets": torch.tensor(index.offsets, dtype=torch.int32),
        "before": _as_tensor(b"\n".join(index.before)),
    }
    facts = {"run": run.digest(), "language": index.language, "simplemma": index.version}
    return pack("lookup", tensors, facts, __version__)


def read_lookup(run: RunFolder) -> Lookup | None:
    """Return what is kept in place of the words of a run; None where its words are.

    Raises:
        RunError: the file is damaged, or belongs to another run.
    """
    if not run.has(LOOKUP):
        return None
    where = str(run.path / LOOKUP)
    tensors, facts = unpack("lookup", run.read(LOOKUP), where)
    if facts["run"] != run.digest():
        raise RunError(f"{where}: expected the words of this run, found those of another")
    splits: dict[bytes, str] = {}
    for name in reversed(SPLITS):  # a form in several splits belongs to the first of them
        splits |= dict.fromkeys(map(bytes, tensors[name].numpy()), name)
    index = DictionaryIndex(
        facts["language"],
        facts["simplemma"],
        tuple(tensors["offsets"].tolist()),
        tuple(tensors["before"].numpy().tobytes().split(b"\n")),
    )
    lengths, scores = tensors["lengths"].numpy(), tensors["scores"].double().numpy()
    by_length = {int(length): scores[lengths == length] for length in np.unique(lengths)}
    return Lookup(WordLookup(splits, index), by_length)


def _digests(entries: Sequence[Entry]) -> Tensor:
    """Return the digests of words [N, 5], in order."""
    found = sorted({digest(entry.form) for entry in entries})
    return _as_tensor(b"".join(found)).view(-1, DIGEST_BYTES)


def _as_tensor(content: bytes) -> Tensor:
    return torch.from_numpy(np.frombuffer(content, dtype=np.uint8).copy())

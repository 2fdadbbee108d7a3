"""What a run was made with, so that a file that no longer fits the others is noticed.

`identity.json` is written with the run and holds its settings, and the SHA-256 of each file that
never changes afterwards. Checkpoints in turn hold the SHA-256 of `identity.json`, so that one of
another run is noticed. Runs of 0.1.0 have no such file: what can be checked without it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lexbits.alphabet import Alphabet
from lexbits.config import MAY_CHANGE, Settings, read_toml, resolve
from lexbits.data import Entry, to_text
from lexbits.data.packed import reference_of
from lexbits.errors import RunError, UsageError
from lexbits.runs.text import json_text

IDENTITY, ALPHABET, FACTS = "identity.json", "alphabet.json", "data.json"
ESTIMATOR = "estimator.py"

OF_EVERY_CONFIG = (
    "data", "layout", "limit", "max_length", "split_by", "dev_share", "test_share", "bits",
    "alpha", "prior", "z_at_start", "z_at_every_step", "z_at_logits", "cell", "embedding_size",
    "hidden_size", "layers", "embedding_dropout", "input_dropout", "recurrent_dropout",
    "dropout", "variational_dropout", "symbol_dropout", "encoder_hidden_size",
    "encoder_dropout", "encoder_bidirectional", "posterior", "encoder_embedding", "estimator",
    "samples", "kl", "kl_weight", "rate_target", "rate_learning_rate", "kl_annealing_epochs",
    "free_nats", "free_nats_per", "synthetic_words", "teachers", "teacher_epochs", "epochs",
    "steps", "batch_size", "learning_rate", "schedule", "final_learning_rate", "average_decay",
    "weight_decay", "gradient_clip", "patience", "dev_samples", "dev_words", "save_seconds",
    "seed", "device", "precision",
)  # fmt: skip
"""The settings that every config.toml has: 0.1.0 wrote all these, later versions more."""


@dataclass(frozen=True)
class Identity:
    """The content of `identity.json`.

    Attributes:
        settings: those of the run, as in config.toml, without those that may change.
        sha256: the digest of each file that never changes, by its name in the folder.
    """

    settings: dict[str, Any]
    sha256: dict[str, str]

    @classmethod
    def of(cls, settings: Settings, files: Mapping[str, str]) -> Identity:
        """Return the identity of a run with these settings, and files that never change."""
        kept = settings.model_dump(exclude_none=True, exclude=set(MAY_CHANGE))
        return cls(kept, {name: sha256(text.encode()) for name, text in files.items()})

    @classmethod
    def parse(cls, document: Mapping[str, Any], where: str) -> Identity:
        """Read what `document` returned; `where` names the file in messages.

        Raises:
            RunError: it has another shape.
        """
        settings, digests = document.get("settings"), document.get("sha256")
        if not isinstance(settings, dict) or not isinstance(digests, dict):
            raise RunError(f"{where}: expected settings and digests: damaged or edited")
        return cls(settings, digests)

    def document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return asdict(self)

    def digest(self) -> str:
        """Return what marks a checkpoint as one of this run."""
        return sha256(json.dumps(self.document(), sort_keys=True).encode())

    def refuse_other_settings(self, found: Settings, config: str) -> None:
        """Check that the settings `found` in the file `config` are those of the run.

        Raises:
            RunError: they are not, with the first that differs.
        """
        try:
            made = resolve(self.settings)
        except UsageError as error:
            raise RunError(f"{IDENTITY} beside {config}: damaged or edited ({error})") from None
        for name in Settings.model_fields:
            there, here = getattr(made, name), getattr(found, name)
            if there != here and name not in MAY_CHANGE:
                raise RunError(
                    f"{config}: expected {name} = {there}, as when the run was made, found {here}, "
                    "which does not fit model.safetensors; change it back, or train another run"
                )


def unchanging_files(
    alphabet: Alphabet,
    splits: Mapping[str, Sequence[Entry]],
    facts: Mapping[str, Any],
    estimator_source: str | None = None,
) -> dict[str, str]:
    """Return the files of a run that never change, by name."""
    files = {ALPHABET: alphabet.to_json(), FACTS: json_text(facts)}
    if estimator_source is not None:
        files[ESTIMATOR] = estimator_source
    for name, entries in splits.items():
        listed, packed = split_files(name)
        reference = reference_of(entries)
        if reference is None:
            files[listed] = to_text(entries)
        else:
            files[packed] = json_text(reference)
    return files


def split_files(name: str) -> tuple[str, str]:
    """Return the file of the split `name` if its words are listed, and the one if packed."""
    return f"splits/{name}.tsv", f"splits/{name}.json"


def read_settings(path: Path) -> Settings:
    """Return the settings of the config.toml of a run: no default takes the place of a lost one.

    Raises:
        RunError: it is missing or damaged, or lacks a setting that always has a value.
    """
    try:
        values = read_toml(path)
    except UsageError as error:
        raise RunError(str(error)) from None
    for name in OF_EVERY_CONFIG:
        if name not in values:
            raise RunError(f"{path}: expected every setting, found no {name}: cut off or edited")
    try:
        return resolve(values)
    except UsageError as error:
        raise RunError(f"{path}: {error}") from None


def sha256(content: bytes) -> str:
    """Return the digest of a file's content."""
    return hashlib.sha256(content).hexdigest()


def sha256_of_records(records: Sequence[Mapping[str, Any]]) -> str:
    """Return the digest of the metrics of epochs; how long they took does not count."""
    timeless = [{k: v for k, v in record.items() if k != "seconds"} for record in records]
    return sha256(json.dumps(timeless, sort_keys=True).encode())

"""A run that starts from the weights of another one: what it takes over, and keeps of it.

The model of the other run is copied, so that the new one needs it no longer. data.json names its
path and its digest, which is that of the copy too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lexbits.alphabet import Alphabet
from lexbits.config import NETWORKS, Settings
from lexbits.data import Say, without_seen
from lexbits.data.splits import refuse_few
from lexbits.data.unknown import in_alphabet
from lexbits.errors import DataError, RunError
from lexbits.model import LatentWordModel
from lexbits.runs.checkpoints import MODEL, read_model
from lexbits.runs.folder import START, RunFolder
from lexbits.runs.identity import FACTS, sha256
from lexbits.runs.words import Words
from lexbits.training.checkpoint import network_of, unpack

START_FROM = "start_from"
"""Where data.json says so."""


@dataclass(frozen=True)
class Start:
    """A run, or a saved model, whose best networks another run starts from.

    Attributes:
        run: its folder.
        settings: its settings.
        alphabet: its characters.
        model: the content of its model.safetensors.
        epochs: how many it has been trained for.
    """

    run: RunFolder
    settings: Settings
    alphabet: Alphabet
    model: bytes
    epochs: int

    @classmethod
    def open(cls, path: Path) -> Start:
        """Return the run at `path`.

        Raises:
            RunError: there is none, or no epoch is done, or it is damaged.
        """
        run = RunFolder.open(path)
        _, records = read_model(run)
        return cls(run, run.settings(), run.alphabet(), run.read(MODEL), len(records))

    def networks(self) -> dict[str, Any]:
        """Return the settings that say what the networks are."""
        return self.settings.model_dump(include={*NETWORKS})

    def facts(self) -> dict[str, Any]:
        """Return where it was and what it is, for data.json."""
        path = str(self.run.path.absolute())
        return {"path": path, "sha256": sha256(self.model), "epochs": self.epochs}

    def fill(self, draft: RunFolder) -> None:
        """Copy the model to a run that starts from it."""
        draft.write(START, self.model)

    def take(self, words: Words, skip_bad: bool, say: Say) -> Words:
        """Return `words` for a run that starts from it, in its alphabet; `say` what is left out.

        Words with characters that the model does not know are refused, or left out of train and
        dev. Words that it has learned from are left out of dev and test, where they would flatter.

        Raises:
            DataError: words with other characters; or too few words are left.
        """
        learned, parts, notes = self.run.split("train"), dict(words.splits), []
        for name in ("train", "dev"):
            offer = "--skip-bad leaves such words out"
            parts[name], note = in_alphabet(parts[name], self.alphabet, skip_bad, name, offer)
            notes.append(note)
        for name in ("dev", "test"):
            before = len(parts[name])
            parts[name], seen = without_seen(parts[name], learned)
            if seen:
                notes.append(
                    f"{name}: {seen:,} of {before:,} words left out, which {self.run.path} has "
                    "learned from (of the same data, the same --seed makes the same splits)"
                )
            if before and not parts[name]:
                raise DataError(
                    f"{name}: {self.run.path} has learned from all words: give others by "
                    f"--{name} FILE, or for the same data the same --seed"
                )
        dev, removed = without_seen(parts["dev"], parts["train"])
        notes = [*filter(None, notes), *refuse_few(parts["train"], dev)]
        for note in notes:
            say(f"  {note}")
        facts = words.facts | {
            "rows": {name: len(entries) for name, entries in parts.items()},
            "dev_overlap_removed": removed,
            "notes": [*words.facts["notes"], *notes],
            START_FROM: self.facts(),
        }
        return Words(parts, dev, self.alphabet, facts)


def starting_network(run: RunFolder) -> LatentWordModel | None:
    """Return the networks that `run` starts from, None if it starts from chance.

    Raises:
        RunError: their file is missing, or another one than was copied.
    """
    facts = run.facts().get(START_FROM)
    if facts is None:
        return None
    content, where = run.read(START), str(run.path / START)
    if sha256(content) != facts.get("sha256"):
        raise RunError(
            f"{where}: expected the model that {run.path / FACTS} names, found another: damaged or "
            "edited; restore it from a copy"
        )
    tensors, _ = unpack("model", content, where)
    return network_of(tensors, run.settings(), run.alphabet(), where)


def without_start(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a run for a teacher in it, which starts from chance."""
    return {name: fact for name, fact in facts.items() if name != START_FROM}

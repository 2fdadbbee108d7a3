"""A run that starts from the weights of another one: what it takes over, and keeps of it.

The model of the other run is copied, so that the new one needs it no longer. data.json names its
path and its digest, which is that of the copy too, and how many characters it knows: those of the
new words that it does not know come after them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lexbits.alphabet import Alphabet
from lexbits.config import NETWORKS, Settings, fine_tuning
from lexbits.data import Say, without_seen
from lexbits.data.source import can_be_read_again
from lexbits.data.splits import refuse_few
from lexbits.data.training_words import to_learn_from
from lexbits.errors import DataError, RunError, UsageError
from lexbits.estimators.own import is_own
from lexbits.model import LatentWordModel
from lexbits.pretrained.places import shown
from lexbits.runs.checkpoints import MODEL, read_model
from lexbits.runs.folder import START, RunFolder
from lexbits.runs.identity import FACTS, sha256
from lexbits.runs.words import Words
from lexbits.training.checkpoint import network_of, unpack

SHOWN = 40
"""Characters named in a message."""

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

    @property
    def name(self) -> str:
        """The path of the run, or `pretrained:LANG`."""
        return shown(self.run.path.absolute())

    def networks(self) -> dict[str, Any]:
        """Return the settings that say what the networks are."""
        return self.settings.model_dump(include={*NETWORKS})

    def fine_tuning(self, other_words: bool) -> dict[str, Any]:
        """Return settings that train its networks further, on other words or on those of the run.

        Raises:
            UsageError: on those of the run, which cannot be read again.
        """
        if not other_words and not can_be_read_again(self.settings):
            raise UsageError(
                f"expected DATA, the words to learn from: those of {self.name} "
                f"({self.run.source()}) cannot be read again"
            )
        settings = fine_tuning(self.settings, other_words)
        if is_own(self.settings.estimator):  # code of the user's own runs where they name it
            settings["estimator"] = Settings.model_fields["estimator"].default
        return settings

    def network(self, alphabet: Alphabet) -> LatentWordModel:
        """Return its networks, with room for the characters of `alphabet`, which extends its own.

        Raises:
            RunError: the model is damaged.
        """
        return _extended(self.model, self.settings, self.alphabet, alphabet, self.name)

    def facts(self) -> dict[str, Any]:
        """Return where it was and what it is, for data.json."""
        return {
            "path": self.name,
            "sha256": sha256(self.model),
            "epochs": self.epochs,
            "characters": len(self.alphabet.characters),
        }

    def fill(self, draft: RunFolder) -> None:
        """Copy the model to a run that starts from it."""
        draft.write(START, self.model)

    def take(self, words: Words, say: Say) -> Words:
        """Return `words` for a run that starts from it; `say` what is new and what is left out.

        The alphabet is that of the model, and what other characters the words to learn from have
        come after it. Words that the model has learned from are left out of dev and test, where
        they would flatter.

        Raises:
            DataError: too few words are left.
        """
        learned, parts = self.run.split("train"), dict(words.splits)
        characters = to_learn_from(parts["train"]).alphabet.characters
        alphabet = self.alphabet.extended(characters)
        notes = [new_characters_note(self.alphabet, alphabet)]
        for name in ("dev", "test"):
            before = len(parts[name])
            parts[name], seen = without_seen(parts[name], learned)
            if seen:
                notes.append(
                    f"{name}: {seen:,} of {before:,} words left out, which {self.name} has "
                    "learned from (of the same data, the same --seed makes the same splits)"
                )
            if before and not parts[name]:
                raise DataError(
                    f"{name}: {self.name} has learned from all words: give others by "
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
        return Words(parts, dev, alphabet, facts)


def new_characters_note(known: Alphabet, extended: Alphabet) -> str:
    """Say which characters a model that knows others learns anew; "" where there are none."""
    new = extended.characters[len(known.characters) :]
    if not new:
        return ""
    found = "1 character is" if len(new) == 1 else f"{len(new):,} characters are"
    shown = repr("".join(new[:SHOWN])) + (" ..." if len(new) > SHOWN else "")
    small = not known.unseen("".join(new).lower())
    hint = "; in lower case it knows them (--lowercase, lowercase=True)" if small else ""
    return f"{found} new to the model, and learned from nothing: {shown}{hint}"


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
    alphabet = run.alphabet()
    known = Alphabet(alphabet.characters[: facts.get("characters", len(alphabet.characters))])
    return _extended(content, run.settings(), known, alphabet, where)


def _extended(
    content: bytes, settings: Settings, known: Alphabet, alphabet: Alphabet, where: str
) -> LatentWordModel:
    """Return the networks of a model's file, with characters of `alphabet` after those known."""
    tensors, _ = unpack("model", content, where)
    network = network_of(tensors, settings, known, where)
    return network.with_characters(len(alphabet.characters) - len(known.characters))


def without_start(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a run for a teacher in it, which starts from chance."""
    return {name: fact for name, fact in facts.items() if name != START_FROM}

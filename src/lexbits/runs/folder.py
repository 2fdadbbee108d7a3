"""The run folder: the only writer of its files.

    config.toml             every setting, resolved
    alphabet.json           the characters
    identity.json           the settings again, and digests of the files that never change
    data.json               where the words came from, and what was said about them
    environment.json        versions and machine
    splits/{train,dev,test}.tsv
    metrics.jsonl           one line for each epoch
    model.safetensors       both networks at the best epoch
    start.safetensors       the model of another run, where this one starts from its weights
    state/last.safetensors  everything needed to resume
    samples/epoch-NNN.txt   words decoded after each epoch
    summary.json            test metrics and examples of the best epoch
    figures/training.png, .svg   and others by `lexbits plot`: accounting, gain, bits; .pdf
    teachers/N/             the run of each plain model that draws words for this one
    synthetic.txt           the words that they and an n-gram model generated (drawn.txt in 0.1.0)
    floors.json             what an n-gram model reaches on the dev words, once it was asked for
    estimator.py            the source of an estimator of the user's own; nothing runs it
    estimators.json, figures/estimators.png, .svg   made by `lexbits estimators compare`

Each file is written whole or not at all (`lexbits.files`), so the folder can be read at any moment,
whatever happens to the writer. A folder is lexbits' own if its environment.json names lexbits;
files of other names than these are not, and stay where they are.

Files that do not fit together are refused when they are read, and the one that differs is named:

    config.toml             by the settings in identity.json, without those that may change
                            (`config.MAY_CHANGE`: where and how it computes); none may be missing
    alphabet.json, data.json, splits/, synthetic.txt, estimator.py   by their SHA-256 in
                            identity.json
    start.safetensors       by its SHA-256 in data.json
    identity.json           by its SHA-256 in model.safetensors and in the state
    metrics.jsonl           by the SHA-256 of its records in the state, or where there is none in
                            model.safetensors; seconds do not count
    model.safetensors, state/last.safetensors   by their own SHA-256, of header and tensors

Nothing else reads samples/, figures/, environment.json, summary.json, floors.json and
estimators.json, nor a teacher once its words are drawn and a state is saved: they are not guarded.
Packed words have a digest of their own, of which the run keeps a copy. Runs of 0.1.0 have no
digests but those inside their checkpoints.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lexbits.alphabet import Alphabet
from lexbits.config import Settings, to_toml
from lexbits.data import Entry, parse_text
from lexbits.data.packed import PackedWords
from lexbits.errors import DataError, LexbitsError, RunError, command
from lexbits.files import (
    Contents,
    cannot_write,
    draft_in,
    filling,
    is_empty,
    is_unfinished,
)
from lexbits.runs import again
from lexbits.runs.base import Folder
from lexbits.runs.environment import environment
from lexbits.runs.identity import (
    ALPHABET,
    ESTIMATOR,
    FACTS,
    IDENTITY,
    Identity,
    read_settings,
    sha256,
    split_files,
    unchanging_files,
)
from lexbits.runs.marks import refuse_no_run
from lexbits.runs.text import decoded, json_object, parse_records, records_text

SPLITS = ("train", "dev", "test")
METRICS = "metrics.jsonl"
ENVIRONMENT = "environment.json"
START = "start.safetensors"
SYNTHETIC, SYNTHETIC_OF_0_1 = "synthetic.txt", "drawn.txt"


RUN = Contents(
    "config.toml",
    re.compile(
        r"(teachers/\d+/)*(config\.toml|(alphabet|data|environment|identity|summary|estimators|floors)\.json"
        r"|splits/(train|dev|test)\.(tsv|json)|metrics\.jsonl|(model|start)\.safetensors"
        r"|state/last\.safetensors|samples/epoch-\d+\.txt|(synthetic|drawn)\.txt"
        r"|estimator\.py|figures/(training|accounting|gain|bits|estimators)\.(png|svg|pdf))|(teachers/\d+/)+\.lock"
    ),
)


class RunFolder(Folder):
    """A run on disk. Make one with `create`, or `open` an existing one."""

    contents = RUN

    @classmethod
    def is_at(cls, path: Path) -> bool:
        """Whether there is a run that lexbits has made: all versions name themselves in it."""
        try:
            made_with = json.loads((path / ENVIRONMENT).read_text("utf-8"))
        except (OSError, ValueError):
            return False
        return isinstance(made_with, dict) and "lexbits" in made_with and (path / RUN.key).is_file()

    @classmethod
    def refuse_existing(cls, path: Path, overwrite: bool = False) -> None:
        """Check that a run can be made at `path`, before the work for it; nothing is changed.

        Raises:
            RunError: something is there that may not be replaced, or the place is not writable.
        """
        cls._refuse_taken(path, overwrite)
        with cls(path).locked():
            pass

    @classmethod
    def _refuse_taken(cls, path: Path, overwrite: bool) -> None:
        cls._finish(path)
        if is_empty(path):
            return
        if not cls.is_at(path):
            raise RunError(
                f"{path}: exists and is not a run folder of lexbits; choose another --out"
            )
        if not overwrite:
            raise RunError(
                f"{path}: exists already; choose another --out, resume it with "
                f"{command('train', '--resume', path)}, or replace it with --overwrite "
                "(overwrite=True)"
            )

    @classmethod
    def _finish(cls, path: Path) -> None:
        """Let a new run take its place where a process was killed at that."""
        if is_unfinished(path):
            with cls(path).locked():
                pass

    @classmethod
    def create(
        cls,
        path: Path,
        settings: Settings,
        alphabet: Alphabet,
        splits: Mapping[str, Sequence[Entry]],
        facts: Mapping[str, Any] | None = None,
        overwrite: bool = False,
        fill: Callable[[RunFolder], None] | None = None,
        estimator_source: str | None = None,
    ) -> RunFolder:
        """Make a run folder, as `creating`, and let go of its lock."""
        with cls.creating(
            path, settings, alphabet, splits, facts, overwrite, fill, estimator_source
        ) as run:
            return run

    @classmethod
    @contextmanager
    def creating(
        cls,
        path: Path,
        settings: Settings,
        alphabet: Alphabet,
        splits: Mapping[str, Sequence[Entry]],
        facts: Mapping[str, Any] | None = None,
        overwrite: bool = False,
        fill: Callable[[RunFolder], None] | None = None,
        estimator_source: str | None = None,
    ) -> Iterator[RunFolder]:
        """Make a run folder, whole or not at all, and hold its lock.

        Args:
            path: the folder; a link is followed.
            settings: for config.toml.
            alphabet: for alphabet.json.
            splits: the words.
            facts: where the words come from, for data.json.
            overwrite: put the new run in the place of an earlier one, once it is complete. Files
                that are not those of a run stay.
            fill: writes other files to the run, which is whole only with them.
            estimator_source: for estimator.py, where the estimator is one of the user's own.

        Raises:
            RunError: `path` is taken, in use, or cannot be written.
        """
        cls._refuse_taken(path, overwrite)
        run = cls(path)
        with run.locked():
            cls._refuse_taken(path, overwrite)  # somebody else may have been faster
            unchanging = unchanging_files(alphabet, splits, facts or {}, estimator_source)
            try:
                with filling(path, RUN) as folder:
                    draft = cls(folder)
                    draft.write("config.toml", to_toml(settings))
                    draft.write_json(IDENTITY, Identity.of(settings, unchanging).document())
                    draft.write_json(ENVIRONMENT, environment())
                    for name, text in unchanging.items():
                        draft.write(name, text)
                    if fill:
                        fill(draft)
            except OSError as error:
                raise cannot_write(path, error) from None
            yield run

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Return the run at `path`.

        Raises:
            RunError: there is none.
        """
        cls._finish(path)
        refuse_no_run(path)
        run = cls(path)
        run.settings(), run.alphabet()
        return run

    def write_metrics(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Replace metrics.jsonl by one line for each record."""
        self.write(METRICS, records_text(records))

    def settings(self) -> Settings:
        """Return the settings of the run.

        Raises:
            RunError: some are missing, impossible, or not those that the run was made with.
        """
        path = self.path / "config.toml"
        settings = read_settings(path)
        if identity := self.identity():
            identity.refuse_other_settings(settings, str(path))
        return settings

    def facts(self) -> dict[str, Any]:
        """Return where the words come from and what was said about them.

        Raises:
            RunError: data.json is missing, or not as it was written.
        """
        return json_object(self._read_unchanged(FACTS), str(self.path / FACTS))

    def source(self) -> str:
        """Return the name of the data set that the words come from."""
        return str(self.facts().get("name", "words of unknown origin"))

    def estimator_source(self) -> str | None:
        """Return the source of the estimator that it was trained with, if it was kept.

        Raises:
            RunError: it is missing, or not as it was written.
        """
        return self._read_unchanged(ESTIMATOR) if self.keeps_estimator() else None

    def keeps_estimator(self) -> bool:
        """Whether the source of an estimator of the user's own was kept."""
        identity = self.identity()
        return identity is not None and ESTIMATOR in identity.sha256

    def alphabet(self) -> Alphabet:
        """Return the alphabet of the run."""
        return Alphabet.from_json(self._read_unchanged(ALPHABET), str(self.path / ALPHABET))

    def identity(self) -> Identity | None:
        """Return what the run was made with; None in a run of 0.1.0, which does not say.

        Raises:
            RunError: identity.json is damaged.
        """
        if not self.has(IDENTITY):
            return None
        return Identity.parse(self.read_json(IDENTITY), str(self.path / IDENTITY))

    def digest(self) -> str | None:
        """Return what marks a checkpoint as one of this run; None in a run of 0.1.0."""
        identity = self.identity()
        return identity.digest() if identity else None

    def split(self, name: str) -> Sequence[Entry]:
        """Return the entries of the split `name`.

        A run without `splits/`, of words that are installed with lexbits, has them read again.

        Raises:
            RunError: their file is missing.
            DataError: they are not those that the run was made with, or packed words that are no
                longer there.
        """
        listed, packed = split_files(name)
        identity, absent = self.identity(), not (self.path / "splits").exists()
        if identity and absent and again.can_be_read(self.settings()):
            made_with = self.made_with().get("simplemma")
            return again.read_again(name, self.settings(), identity, made_with, self.shown)
        file = packed if self.has(packed) else listed
        text, where = self._read_unchanged(file, DataError), str(self.path / file)
        if file == packed:
            return PackedWords.referred_to(json_object(text, where), where)
        return parse_text(text, where)

    def made_with(self) -> dict[str, Any]:
        """Return date, command, versions and machine; nothing where that cannot be read."""
        with suppress(RunError):
            return self.read_json(ENVIRONMENT)
        return {}

    def splits(self) -> dict[str, Sequence[Entry]]:
        """Return the entries of every split."""
        return {name: self.split(name) for name in SPLITS}

    def _read_unchanged(self, name: str, error: type[LexbitsError] = RunError) -> str:
        """Return the text of a file that never changes; raise `error` if it has changed."""
        content, identity, path = self.read(name), self.identity(), self.path / name
        if identity and identity.sha256.get(name) != sha256(content):
            raise error(
                f"{path}: not as it was written: damaged or edited; restore it from a copy, or "
                "train another run"
            )
        return decoded(content, str(path))

    def sizes(self) -> dict[str, int] | None:
        """Return how many entries each split has, as far as that is known without reading them."""
        rows = self.facts().get("rows")
        return rows if isinstance(rows, dict) else None

    def teacher(self, number: int) -> Path:
        """Return the place of the run of teacher `number`, from 0."""
        return self.path / "teachers" / str(number + 1)

    def write_synthetic(self, words: Sequence[str]) -> None:
        """Write the words that models generated, and their digest.

        Raises:
            RunError: they were others before.
        """
        text, identity, name = (
            "".join(f"{word}\n" for word in words),
            self.identity(),
            self._synthetic,
        )
        digest = sha256(text.encode())
        if identity and identity.sha256.setdefault(name, digest) != digest:
            raise RunError(
                f"{self.path / name}: missing, and the words generated again are not the same; "
                "restore it from a copy, or train a run of its own"
            )
        self.write(name, text)
        if identity:
            self.write_json(IDENTITY, identity.document())

    def take_teachers(self, other: RunFolder) -> None:
        """Copy the teachers of a run that has the same ones."""
        try:
            with draft_in(self.path) as draft:
                unwanted = shutil.ignore_patterns(".*")
                shutil.copytree(other.path / "teachers", draft / "teachers", ignore=unwanted)
                (draft / "teachers").rename(self.path / "teachers")
        except OSError as error:
            raise cannot_write(self.path, error) from None

    def synthetic(self) -> list[str]:
        """Return the words that models generated."""
        return self._read_unchanged(self._synthetic).split("\n")[:-1]

    def has_synthetic(self) -> bool:
        """Whether words were generated, and all was written that says so."""
        identity, name = self.identity(), self._synthetic
        return self.has(name) and (identity is None or name in identity.sha256)

    @property
    def _synthetic(self) -> str:
        identity = self.identity()
        of_0_1 = self.has(SYNTHETIC_OF_0_1) or (identity and SYNTHETIC_OF_0_1 in identity.sha256)
        return SYNTHETIC_OF_0_1 if of_0_1 else SYNTHETIC

    def metrics(self) -> list[dict[str, Any]]:
        """Return the records of metrics.jsonl, one for each epoch; none if no epoch is done.

        Raises:
            RunError: a line is no record of its epoch.
        """
        if not self.has(METRICS):
            return []
        return parse_records(self.read_text(METRICS), str(self.path / METRICS))

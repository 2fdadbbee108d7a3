"""The run folder: the only writer of files.

    config.toml             every setting, resolved
    alphabet.json           the characters
    identity.json           the settings again, and digests of the files that never change
    data.json               where the words came from, and what was said about them
    environment.json        versions and machine
    splits/{train,dev,test}.tsv
    metrics.jsonl           one line for each epoch
    model.safetensors       both networks at the best epoch
    state/last.safetensors  everything needed to go on
    samples/epoch-NNN.txt   words decoded after each epoch
    summary.json            test figures and examples of the best epoch
    figures/training.png, .svg
    teachers/N/             the run of each plain model that draws words for this one
    drawn.txt               the words that they and an n-gram model drew
    estimators.json, figures/estimators.png, .svg   made by `lexbits estimators compare`

The folder of a study holds several trainings:

    sweep.json, figures/sweep.png, .svg, plain/, rate-R/   made by `lexbits sweep rate`
    tune.json, best.toml, summary.json                     made by `lexbits tune`, and study.db,
                                                           the one file that optuna writes

Each file is written whole or not at all (temporary name, fsync, rename), so the folder can be read
at any moment, whatever happens to the writer.

Files that do not fit together are refused when they are read, and the one that differs is named:

    config.toml             by the settings in identity.json, without those that may change
                            (`config.MAY_CHANGE`: where and how it computes); none may be missing
    alphabet.json, splits/, drawn.txt   by their SHA-256 in identity.json
    identity.json           by its SHA-256 in model.safetensors and in the state
    metrics.jsonl           by the SHA-256 of its records in the state, or where there is none in
                            model.safetensors; seconds do not count
    model.safetensors, state/last.safetensors   by their own SHA-256, of header and tensors

Nothing reads samples/, figures/, environment.json, summary.json and estimators.json again, nor a
teacher once its words are drawn and a state is saved: they are not guarded. Packed words have a
digest of their own, of which the run keeps a copy. Runs of 0.1.0 have no digests but those inside
their checkpoints.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from lexbits.alphabet import Alphabet
from lexbits.config import Settings, to_toml
from lexbits.data import Entry, parse_text, without_seen
from lexbits.data.packed import PackedWords
from lexbits.drafts import TEMPORARY, draft_beside
from lexbits.errors import RunError
from lexbits.runs.environment import environment
from lexbits.runs.identity import (
    ALPHABET,
    IDENTITY,
    Identity,
    read_settings,
    sha256,
    split_files,
    unchanging_files,
)
from lexbits.runs.marks import refuse_no_run
from lexbits.runs.text import decoded, json_object, json_text, parse_records, records_text

SPLITS = ("train", "dev", "test")
METRICS = "metrics.jsonl"
DRAWN = "drawn.txt"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all; an earlier version stays until the new one is complete.

    Raises:
        RunError: the disk is full, or the place cannot be written to.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = path.with_name(f"{TEMPORARY}{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise _cannot_write(path, error) from None


def _cannot_write(path: Path, error: OSError) -> RunError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return RunError(
            f"{path}: the disk is full ({error.strerror}); what was written before is intact"
        )
    return RunError(f"{path}: cannot be written ({error.strerror})")


class Folder:
    """Files that are written whole or not at all, and a lock; one of the two kinds below."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from training in this folder; a killed process frees it.

        Raises:
            RunError: another process holds it.
        """
        lock = FileLock(self.path / ".lock")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            raise RunError(f"{self.path}: another process is training in this folder") from None
        except OSError as error:
            raise _cannot_write(self.path, error) from None
        try:
            yield
        finally:
            lock.release()

    def has(self, name: str) -> bool:
        """Whether the folder holds the file `name`."""
        return (self.path / name).is_file()

    def write(self, name: str, content: str | bytes) -> None:
        """Write the file `name`, whole or not at all."""
        write_whole(self.path / name, content)

    def write_json(self, name: str, document: Mapping[str, Any]) -> None:
        """Write `document` as readable JSON."""
        self.write(name, json_text(document))

    def read(self, name: str) -> bytes:
        """Return the content of the file `name`.

        Raises:
            RunError: it is missing or unreadable.
        """
        path = self.path / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise RunError(f"{path}: missing; restore it from a copy of the run") from None
        except OSError as error:
            raise RunError(f"{path}: cannot be read ({error.strerror})") from None

    def read_text(self, name: str) -> str:
        """Return the file `name` as text."""
        return decoded(self.read(name), str(self.path / name))

    def read_json(self, name: str) -> dict[str, Any]:
        """Return the JSON object in the file `name`."""
        return json_object(self.read_text(name), str(self.path / name))


class RunFolder(Folder):
    """A run on disk. Make one with `create`, or `open` an existing one."""

    @classmethod
    def refuse_existing(cls, path: Path) -> None:
        """Raise RunError if `path` is taken; nothing is touched."""
        cls._refuse_foreign(path)
        if (path / "config.toml").is_file():
            raise RunError(
                f"{path}: exists already; choose another --out, continue it with "
                f"'lexbits train --resume {path}', or replace it with --overwrite"
            )

    @staticmethod
    def _refuse_foreign(path: Path) -> None:
        """Raise RunError if something is at `path` that is neither a run nor an empty folder."""
        if path.is_dir() and ((path / "config.toml").is_file() or not any(path.iterdir())):
            return
        if path.exists():
            raise RunError(
                f"{path}: exists and is not a run folder of lexbits; choose another --out"
            )

    @classmethod
    def create(
        cls,
        path: Path,
        settings: Settings,
        alphabet: Alphabet,
        splits: Mapping[str, Sequence[Entry]],
        facts: Mapping[str, Any] | None = None,
        overwrite: bool = False,
    ) -> RunFolder:
        """Make a run folder: prepared beside its place, then moved there in one step.

        With `overwrite`, an earlier run at `path` is removed once the new one is complete. A folder
        that is no run of lexbits is never replaced.

        Raises:
            RunError: `path` is taken, or cannot be written.
        """
        (cls._refuse_foreign if overwrite else cls.refuse_existing)(path)
        unchanging = unchanging_files(alphabet, splits)
        try:
            with draft_beside(path) as draft:
                run = cls(draft)
                run.write("config.toml", to_toml(settings))
                run.write_json(IDENTITY, Identity.of(settings, unchanging).document())
                run.write_json("data.json", facts or {})
                run.write_json("environment.json", environment())
                for name, text in unchanging.items():
                    run.write(name, text)
                with draft_beside(path) as old:
                    if path.exists():
                        path.rename(old / "run")
                    try:
                        draft.rename(path)
                    except OSError:
                        if (old / "run").exists():  # what stood there is not lost
                            (old / "run").rename(path)
                        raise
        except OSError as error:
            raise _cannot_write(path, error) from None
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Return the run at `path`.

        Raises:
            RunError: there is none.
        """
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

    def alphabet(self) -> Alphabet:
        """Return the alphabet of the run."""
        content, where = self.read(ALPHABET), str(self.path / ALPHABET)
        alphabet = Alphabet.from_json(decoded(content, where), where)
        self._refuse_changed(ALPHABET, content)
        return alphabet

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

        Raises:
            RunError: they are missing, or not those that the run was made with.
            DataError: they are damaged, or packed words that are no longer there.
        """
        listed, packed = split_files(name)
        file = packed if self.has(packed) else listed
        content, where = self.read(file), str(self.path / file)
        text = decoded(content, where)
        entries: Sequence[Entry] = (
            PackedWords.referred_to(json_object(text, where), where)
            if file == packed
            else parse_text(text, where)
        )
        self._refuse_changed(file, content)
        return entries

    def splits(self) -> dict[str, Sequence[Entry]]:
        """Return the entries of every split."""
        return {name: self.split(name) for name in SPLITS}

    def _refuse_changed(self, name: str, content: bytes) -> None:
        """Check that a file which never changes has the content that was written.

        Raises:
            RunError: it has another.
        """
        identity = self.identity()
        if identity and identity.sha256.get(name) != sha256(content):
            raise RunError(
                f"{self.path / name}: not as it was written: damaged or edited; restore it from a "
                "copy, or train another run"
            )

    def sizes(self) -> dict[str, int] | None:
        """Return how many entries each split has, as far as that is known without reading them."""
        rows = self.read_json("data.json").get("rows") if self.has("data.json") else None
        return rows if isinstance(rows, dict) else None

    def teacher(self, number: int) -> Path:
        """Return the place of the run of teacher `number`, from 0."""
        return self.path / "teachers" / str(number + 1)

    def write_drawn(self, words: Sequence[str]) -> None:
        """Write the words that models drew, and their digest.

        Raises:
            RunError: others were drawn before.
        """
        text, identity = "".join(f"{word}\n" for word in words), self.identity()
        if identity and identity.sha256.setdefault(DRAWN, sha256(text.encode())) != sha256(
            text.encode()
        ):
            raise RunError(
                f"{self.path / DRAWN}: missing, and the words drawn again are not the same; "
                "restore it from a copy, or train a run of its own"
            )
        self.write(DRAWN, text)
        if identity:
            self.write_json(IDENTITY, identity.document())

    def take_teachers(self, other: RunFolder) -> None:
        """Copy the teachers of a run that has the same ones."""
        draft = self.path / f"{TEMPORARY}teachers"
        shutil.rmtree(draft, ignore_errors=True)
        try:
            shutil.copytree(other.path / "teachers", draft)
            draft.rename(self.path / "teachers")
        except OSError as error:
            raise _cannot_write(draft, error) from None

    def drawn(self) -> list[str]:
        """Return the words that models drew."""
        content = self.read(DRAWN)
        self._refuse_changed(DRAWN, content)
        return decoded(content, str(self.path / DRAWN)).split("\n")[:-1]

    def has_drawn(self) -> bool:
        """Whether words were drawn, and all was written that says so."""
        identity = self.identity()
        return self.has(DRAWN) and (identity is None or DRAWN in identity.sha256)

    def unseen_dev(self) -> tuple[list[Entry], int]:
        """Return the dev entries whose form is not in train, and how many others there are."""
        return without_seen(self.split("dev"), self.split("train"))

    def metrics(self) -> list[dict[str, Any]]:
        """Return the records of metrics.jsonl, one for each epoch; none if no epoch is done.

        Raises:
            RunError: a line is no record of its epoch.
        """
        if not self.has(METRICS):
            return []
        return parse_records(self.read_text(METRICS), str(self.path / METRICS))


class StudyFolder(Folder):
    """A folder of several trainings, a sweep or a search; a JSON file in it marks it as such."""

    @classmethod
    def open(cls, path: Path, marker: str) -> StudyFolder:
        """Return the folder at `path`; nothing is made before something is written or locked.

        Raises:
            RunError: something is there that is neither empty nor marked by the file `marker`.
        """
        taken = path.is_dir() and any(not inside.name.startswith(".") for inside in path.iterdir())
        if (taken or path.is_file()) and not (path / marker).is_file():
            raise RunError(f"{path}: exists and holds no {marker}; choose another --out")
        return cls(path)

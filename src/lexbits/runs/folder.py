"""The run folder: the only writer of files.

    config.toml             every setting, resolved
    alphabet.json           the characters
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
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from lexbits.alphabet import Alphabet
from lexbits.config import Settings, resolve, to_toml
from lexbits.data import Entry, parse_text, to_text, without_seen
from lexbits.data.packed import PackedWords
from lexbits.drafts import TEMPORARY, draft_beside
from lexbits.errors import LexbitsError, RunError
from lexbits.runs.environment import environment

SPLITS = ("train", "dev", "test")
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
        self.write(name, json.dumps(document, ensure_ascii=False, indent=1) + "\n")

    def read(self, name: str) -> bytes:
        """Return the content of the file `name`.

        Raises:
            RunError: it is missing or unreadable.
        """
        path = self.path / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise RunError(f"{path}: missing; was the run stopped before it was written?") from None
        except OSError as error:
            raise RunError(f"{path}: cannot be read ({error.strerror})") from None

    def read_text(self, name: str) -> str:
        """Return the file `name` as text."""
        try:
            return self.read(name).decode("utf-8")
        except UnicodeDecodeError:
            raise RunError(f"{self.path / name}: expected UTF-8: damaged") from None

    def read_json(self, name: str) -> dict[str, Any]:
        """Return the JSON object in the file `name`."""
        try:
            document = json.loads(self.read_text(name))
        except ValueError:
            raise RunError(f"{self.path / name}: not valid JSON: damaged or edited") from None
        if not isinstance(document, dict):
            raise RunError(f"{self.path / name}: expected a JSON object")
        return document


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
        try:
            with draft_beside(path) as draft:
                run = cls(draft)
                run.write("config.toml", to_toml(settings))
                run.write("alphabet.json", alphabet.to_json())
                run.write_json("data.json", facts or {})
                run.write_json("environment.json", environment())
                for name, entries in splits.items():
                    if isinstance(entries, PackedWords):
                        run.write_json(f"splits/{name}.json", entries.reference())
                    else:
                        run.write(f"splits/{name}.tsv", to_text(entries))
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
        if not path.is_dir():
            raise RunError(
                f"{path}: no such run folder; make one with 'lexbits train --out {path}'"
            )
        for name in ("config.toml", "alphabet.json"):
            if not (path / name).is_file():
                raise RunError(f"{path}: not a run folder of lexbits ({name} is missing)")
        return cls(path)

    def write_metrics(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Replace metrics.jsonl by one line for each record."""
        lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        self.write("metrics.jsonl", "".join(lines))

    def settings(self) -> Settings:
        """Return the settings of the run."""
        try:
            return resolve(config=self.path / "config.toml")
        except LexbitsError as error:
            raise RunError(str(error)) from None

    def alphabet(self) -> Alphabet:
        """Return the alphabet of the run."""
        return Alphabet.from_json(self.read_text("alphabet.json"), f"{self.path / 'alphabet.json'}")

    def split(self, name: str) -> Sequence[Entry]:
        """Return the entries of the split `name`.

        Raises:
            RunError: they are missing.
            DataError: they are damaged.
        """
        packed = f"splits/{name}.json"
        if self.has(packed):
            return PackedWords.referred_to(self.read_json(packed))
        name = f"splits/{name}.tsv"
        return parse_text(self.read_text(name), str(self.path / name))

    def splits(self) -> dict[str, Sequence[Entry]]:
        """Return the splits that the run has."""
        return {
            name: self.split(name)
            for name in SPLITS
            if self.has(f"splits/{name}.tsv") or self.has(f"splits/{name}.json")
        }

    def teacher(self, number: int) -> Path:
        """Return the place of the run of teacher `number`, from 0."""
        return self.path / "teachers" / str(number + 1)

    def write_drawn(self, words: Sequence[str]) -> None:
        """Write the words that models drew."""
        self.write(DRAWN, "".join(f"{word}\n" for word in words))

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
        return self.read_text(DRAWN).split("\n")[:-1]

    def unseen_dev(self) -> tuple[list[Entry], int]:
        """Return the dev entries whose form is not in train, and how many others there are."""
        return without_seen(self.split("dev"), self.split("train"))

    def metrics(self) -> list[dict[str, Any]]:
        """Return the records of metrics.jsonl; none if no epoch is done."""
        if not self.has("metrics.jsonl"):
            return []
        try:
            return [json.loads(line) for line in self.read_text("metrics.jsonl").splitlines()]
        except ValueError:
            raise RunError(f"{self.path / 'metrics.jsonl'}: not valid JSON lines") from None


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

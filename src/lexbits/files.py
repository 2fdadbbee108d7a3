"""Files and folders that are whole or absent, whatever happens to the process that writes them.

A file is written under a temporary name of its own and renamed. A folder stays the one that it is,
be it a link, a mount point or another owner's: what belongs into it is written to a draft inside,
and only when all of that is there it takes the place of what was there before. A process that is
killed in between leaves either the earlier files or a whole draft, with which the next one that
holds the folder's lock finishes. Files that are not lexbits' own are never touched.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from lexbits.errors import RunError

LOCK = ".lock"
READY, MOVING = ".ready", ".moving"
"""A whole draft, while earlier files are removed, and while its own take their places."""

_TEMPORARY = re.compile(r"\.partial-[0-9a-f]{16}")
_STALE = 3600.0
"""Seconds after which a temporary file is that of a process which was killed."""


@dataclass(frozen=True)
class Contents:
    """What lexbits puts into a folder of one kind.

    Attributes:
        key: the file that makes the folder one of this kind: it comes last and goes first.
        own: matches the paths of all its files, relative to the folder.
    """

    key: str
    own: re.Pattern[str]


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all; an earlier version stays until the new one is complete.

    Raises:
        RunError: the disk is full, or the place cannot be written to.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = _temporary_in(path.parent)
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from None


def is_foreign(file: Path, is_ours: Callable[[bytes], bool]) -> bool:
    """Whether something is at `file` that is no file of lexbits, as `is_ours` tells by its content.

    Raises:
        RunError: it cannot be read.
    """
    try:
        return file.exists() and not (file.is_file() and is_ours(file.read_bytes()))
    except OSError as error:
        raise RunError(f"{file}: cannot be read ({error.strerror})") from None


def cannot_write(path: Path, error: OSError) -> RunError:
    """Return the error to raise where `path` could not be written; a draft is not named in it."""
    path = Path(*(part for part in path.parts if not _TEMPORARY.fullmatch(part)))
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return RunError(
            f"{path}: the disk is full ({error.strerror}); what was written before is intact"
        )
    return RunError(f"{path}: cannot be written ({error.strerror})")


def is_empty(folder: Path) -> bool:
    """Whether there is nothing at `folder`, or a folder without visible files.

    Raises:
        RunError: one cannot look into it.
    """
    try:
        return all(path.name.startswith(".") for path in folder.iterdir())
    except FileNotFoundError:
        return True
    except NotADirectoryError as error:
        if folder.exists():
            return False
        raise cannot_write(folder, error) from None  # a file stands where its parent would
    except OSError as error:
        raise RunError(f"{folder}: cannot be read ({error.strerror})") from None


@contextmanager
def locked(folder: Path, contents: Contents | None = None) -> Iterator[None]:
    """Hold the lock of a folder; a killed process frees it.

    The folder is made if there is none, and removed again if it stays empty. What killed processes
    have left in it is finished or removed.

    Raises:
        RunError: another process holds the lock, or the folder cannot be written to.
    """
    place = folder.resolve()  # a link to a folder that is not there yet, too
    made = not place.exists()
    lock = FileLock(place / LOCK)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if isinstance(error, FileExistsError) and not os.path.lexists(place):
            # Its holder has removed the empty folder before mkdir could see that it is one.
            raise RunError(f"{folder}: another process is at work in this folder") from None
        raise cannot_write(folder, error) from None
    try:
        lock.acquire(timeout=0)
    except (Timeout, FileNotFoundError):  # it has the lock, or has just removed an empty folder
        raise RunError(f"{folder}: another process is at work in this folder") from None
    except OSError as error:
        raise cannot_write(folder, error) from None
    try:
        try:
            _remove_leftovers(place)
            if contents is not None:
                _finish(place, contents)
        except OSError as error:
            raise cannot_write(folder, error) from None
        yield
    finally:
        with suppress(OSError):
            if [path.name for path in place.iterdir()] == [LOCK]:
                (place / LOCK).unlink()
                if made:
                    place.rmdir()
        lock.release()
        if made and sys.platform == "win32":  # no open file can be removed there, so only now
            with suppress(OSError):  # something is in it
                place.rmdir()


def is_unfinished(folder: Path) -> bool:
    """Whether a process was killed, or is at work, while a draft takes its place in `folder`."""
    try:
        return (folder / READY).exists() or (folder / MOVING).exists()
    except OSError:  # a name that no folder can have
        return False


@contextmanager
def draft_in(folder: Path) -> Iterator[Path]:
    """Yield a new folder inside `folder`, whose lock is held, to fill and to rename.

    What is not renamed is removed.

    Raises:
        OSError: it cannot be made.
    """
    draft = _temporary_in(folder)
    draft.mkdir()
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def filling(folder: Path, contents: Contents) -> Iterator[Path]:
    """Yield a draft of what `folder`, whose lock is held, is to hold.

    At the end its files take the place of all earlier ones of this kind; other files stay. If the
    draft cannot be completed, the earlier ones stay.

    Raises:
        OSError: the draft cannot be made, or its files cannot take their places.
    """
    with draft_in(folder) as draft:
        yield draft
        for name in _files(draft):
            with (draft / name).open("r+b") as file:
                os.fsync(file.fileno())
        draft.rename(folder / READY)
        _sync(folder)
    _finish(folder, contents)


def _finish(folder: Path, contents: Contents) -> None:
    """Let a whole draft take its place, from wherever that was left.

    Each step can be repeated. While neither the earlier nor the new key is there, nobody takes the
    folder for more than it is.
    """
    ready, moving = folder / READY, folder / MOVING
    if ready.exists():
        for name in sorted(_files(folder), key=lambda name: name != contents.key):
            if contents.own.fullmatch(name):
                _remove(folder, name)
        ready.rename(moving)
    if moving.exists():
        for name in sorted(_files(moving), key=lambda name: name == contents.key):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (moving / name).replace(folder / name)
            _sync((folder / name).parent)
        shutil.rmtree(moving)


def _files(folder: Path) -> list[str]:
    return [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    ]


def _remove(folder: Path, name: str) -> None:
    """Remove a file and the folders that it leaves empty."""
    path = folder / name
    path.unlink(missing_ok=True)
    with suppress(OSError):  # not empty
        for parent in path.parents:
            if parent == folder:
                break
            parent.rmdir()


def _remove_leftovers(folder: Path) -> None:
    """Remove drafts, which only the holder of the lock makes, and old temporary files."""
    for path in list(folder.rglob(".partial-*")):
        if not _TEMPORARY.fullmatch(path.name):
            continue
        if path.is_dir() and path.parent == folder:
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):  # it went with its folder, or its writer has just renamed it
                if time.time() - path.stat().st_mtime > _STALE:
                    path.unlink()


def _temporary_in(folder: Path) -> Path:
    """Return a name in `folder` that no other process has."""
    return folder / f".partial-{secrets.token_hex(8)}"


def _sync(folder: Path) -> None:
    """Bring the names in a folder to the disk, where a system can do that for folders."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

"""The errors a user can meet; each is one line: what was expected, what was found, what to do."""

from __future__ import annotations

import shlex
import sys
import warnings
from types import FrameType


class LexbitsError(Exception):
    """A failure that the user can understand and fix; printed as one line, without a traceback."""

    exit_status = 1


class UsageError(LexbitsError):
    """The request itself makes no sense: a bad flag, setting, code or word."""

    exit_status = 2


class MissingPackageError(UsageError, ImportError):
    """What was asked for needs a package that is not installed; the message says how to get it."""


class DataError(LexbitsError):
    """The words could not be read: the message names the file and, where there is one, the line."""


class DownloadError(LexbitsError):
    """A data set could not be fetched, or what was fetched is not what was expected."""


class RunError(LexbitsError):
    """A run folder is missing, incomplete, damaged, in use, or could not be written."""


class DivergenceError(LexbitsError):
    """The training loss or its gradient stopped being a number."""


class LexbitsWarning(UserWarning):
    """Something the user should know, though the work continues; one line, as of an error."""


def out_of_memory(error: MemoryError | RuntimeError) -> bool:
    """Whether an error, which may be one of torch, says that there is not enough memory."""
    return isinstance(error, MemoryError) or "memory" in str(error)


def command_line(*words: object) -> str:
    """Return a command of lexbits, quoted so that it can be copied to a shell."""
    return shlex.join(["lexbits", *map(str, words)])


def command(*words: object) -> str:
    """Return a command of lexbits to stand in the sentence of a message."""
    return f"`{command_line(*words)}`"


def warn(message: str) -> None:
    """Warn at the line that called lexbits; the command line prints the message alone."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and _is_ours(frame):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, LexbitsWarning, stacklevel=level + 1)


def _is_ours(frame: FrameType) -> bool:
    name = frame.f_globals.get("__name__", "")
    return name.split(".")[0] in ("lexbits", "contextlib")

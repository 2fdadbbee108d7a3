"""The errors a user can meet; each is one line: what was expected, what was found, what to do."""

from __future__ import annotations


class LexbitsError(Exception):
    """A failure that the user can understand and mend; printed as one line, without a traceback."""

    exit_status = 1


class UsageError(LexbitsError):
    """The request itself makes no sense: a bad flag, setting, code or word."""

    exit_status = 2


class DataError(LexbitsError):
    """The words could not be read: the message names the file and, where there is one, the line."""


class DownloadError(LexbitsError):
    """A data set could not be fetched, or what was fetched is not what was expected."""


class RunError(LexbitsError):
    """A run folder is missing, incomplete, damaged, in use, or could not be written."""


class DivergenceError(LexbitsError):
    """The training loss or its gradient stopped being a number."""

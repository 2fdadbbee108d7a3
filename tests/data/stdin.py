"""Standard input as a test gives it."""

import sys
from types import SimpleNamespace
from unittest.mock import patch


def on_stdin(stream):
    """Let standard input be a stream of bytes while a block runs."""
    return patch.object(sys, "stdin", SimpleNamespace(buffer=stream))

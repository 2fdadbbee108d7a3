"""The command line: a file for each command; they parse, call, print.

Importing this loads no torch, so that `lexbits --help` answers at once: commands import what they
need when they run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError, Parameter
from pydantic import ValidationError

from lexbits import __version__
from lexbits.cli import (
    baseline,
    data,
    estimators,
    evaluate,
    info,
    interpolate,
    plot,
    reconstruct,
    sample,
    score,
    sweep,
    train,
    tune,
)
from lexbits.cli import codes as codes_commands
from lexbits.cli.output import say
from lexbits.config import describe
from lexbits.errors import LexbitsError, UsageError

app = App(
    name="lexbits",
    help="Deep generative language models of words with a bit-vector latent variable.",
    version=__version__,
    default_parameter=Parameter(negative_iterable=(), consume_multiple=True),
)
app.command(train.train)
app.command(sweep.app)
app.command(tune.tune)
app.command(baseline.app)
app.command(evaluate.evaluate)
app.command(sample.sample)
app.command(reconstruct.reconstruct)
app.command(interpolate.interpolate)
app.command(codes_commands.encode)
app.command(codes_commands.decode)
app.command(score.score)
app.command(plot.plot)
app.command(info.info)
app.command(data.app)
app.command(estimators.app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; end with status 0, 1 (it failed), 2 (bad usage) or 130 (Ctrl-C)."""
    given = sys.argv[1:] if arguments is None else arguments
    # The parser takes a lone hyphen for an option without a name.
    tokens = ["/dev/stdin" if token == "-" else token for token in given]
    try:
        app(tokens, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except CycloptsError as error:
        say(f"lexbits: {_usage_message(error)}")
        sys.exit(UsageError.exit_status)
    except LexbitsError as error:
        say(f"lexbits: {' '.join(str(error).split())}")
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        say("lexbits: stopped")
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does; that is no failure of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _usage_message(error: CycloptsError) -> str:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ValidationError):
        cause = cause.__cause__ or cause.__context__
    message = describe(cause) if cause is not None else str(error)
    return f"{' '.join(message.split())} (see lexbits --help)"

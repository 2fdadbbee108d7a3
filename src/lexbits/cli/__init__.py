"""The command line: a file for each command; they parse, call, print.

`lexbits --help` answers at once: only the command that is asked for is imported, and it imports
torch when it runs.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import TextIO, get_args

from cyclopts import App, CycloptsError, Group, Parameter, Token, convert

from lexbits import __version__
from lexbits.cli import hyphen, streams
from lexbits.cli.output import say
from lexbits.cli.refusals import refusal
from lexbits.cli.usage import tell_usage
from lexbits.config import OLD_NAMES
from lexbits.errors import LexbitsError, LexbitsWarning, UsageError, out_of_memory

GROUPS: dict[str, dict[str, tuple[str, str]]] = {
    "Train": {
        "train": (
            "train:train",
            "Train a model of words and save it, its measurements and its pictures in a run "
            "folder.",
        ),
        "sweep": ("sweep:app", "Train a model for each value of a setting and compare them."),
        "tune": ("tune:tune", "Search for the settings of lowest dev NLL by trainings in memory."),
    },
    "Ask a model": {
        "sample": (
            "sample:sample",
            "Generate words: bits from the prior, or the given ones, decoded.",
        ),
        "score": (
            "score:score",
            "Print log P(word) in nats, its standard error, and bits per symbol.",
        ),
        "encode": (
            "codes:encode",
            "Print the bits of words: the most probable code, and how much it says (nats).",
        ),
        "decode": ("codes:decode", "Print the words that codes decode to."),
        "reconstruct": (
            "reconstruct:reconstruct",
            "Decode words greedily from their posterior's mode, mean and samples.",
        ),
        "interpolate": (
            "interpolate:interpolate",
            "Decode points between the bits of two words.",
        ),
        "models": ("models:app", "List the models that come with lexbits, and show their cards."),
        "explore": (
            "report:explore",
            "Make the page of a run in a temporary place and open it in the browser.",
        ),
    },
    "Measure": {
        "info": (
            "info:info",
            "Print data, settings, progress and best metrics of a run, and what each bit is used "
            "for.",
        ),
        "plot": (
            "plot:plot",
            "Draw figures, for papers too: how trainings went, or what models know of held-out "
            "words.",
        ),
        "model-card": (
            "models:model_card",
            "Write the model card of a run: what it is, for what and not for what, what it knows.",
        ),
        "report": (
            "report:report",
            "Write one HTML page that tells what a model knows and runs it, for anybody with a "
            "browser.",
        ),
        "evaluate": (
            "evaluate:evaluate",
            "Measure likelihood, ELBO, rate and distortion on words, in nats per word.",
        ),
        "baseline": ("baseline:app", "Floors: what a model of words has to beat."),
        "estimators": (
            "estimators:app",
            "List, compare and check estimators of gradients for bits.",
        ),
    },
    "Words to learn from": {
        "data": ("data:app", "List, show, pack and fetch data sets."),
    },
}
"""The commands in the order of work, under the headings of the help: each command's module and name
there, and the first line of its help."""

COMMANDS = {name: found for commands in GROUPS.values() for name, found in commands.items()}


def build(asked: str | None) -> App:
    """Return the command line, with the command `asked` for imported and the others by name."""
    app = App(
        name="lexbits",
        help="Deep generative language models of words with a bit-vector latent variable.\n\n"
        "`lexbits sample pretrained:es` makes up Spanish words without any training;\n"
        "`lexbits train FILE --out RUN` learns from the words in a file.",
        version=__version__,
        # The help of commands is reflowed, which takes Markdown; to load it is a sixth of the time.
        help_format="markdown" if asked in COMMANDS else "plaintext",
        console=streams.HelpConsole(),
        default_parameter=Parameter(
            negative_iterable=(), consume_multiple=True, converter=_converted
        ),
    )
    for order, (heading, commands) in enumerate(GROUPS.items(), 1):
        group = _group(heading, order)
        for rank, (name, (place, summary)) in enumerate(commands.items()):
            if name == asked:
                module, attribute = place.split(":")
                app.command(getattr(import_module(f"lexbits.cli.{module}"), attribute))
            else:
                app.command(
                    f"lexbits.cli.{place}", name=name, help=summary, group=group, sort_key=rank
                )
    app.register_install_completion_command()
    other = _group("Other", len(GROUPS) + 1)
    for flag in ("--help", "--version", "--install-completion"):
        app[flag].group = other
    return app


@cache
def _group(heading: str, order: int) -> Group:
    """Return a heading of the help: the same one for every command line of a process."""
    return Group(heading, sort_key=order)


def _converted(kind: type, tokens: Sequence[Token]) -> object:
    """Convert as usual, but round nothing: 2.9 is no whole number."""
    options = (kind, *get_args(kind))  # a number, or also a word such as `all`
    for token in tokens:
        if int in options and float not in options and "." in token.value:
            raise ValueError(f"expected a whole number, found {token.value}")
    return convert(kind, tokens)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; end with status 0, 1 (it failed), 2 (bad usage) or 130 (Ctrl-C).

    Args:
        arguments: those of a command; without them this process is the program, and its arguments
            and streams are its own.
    """
    given = sys.argv[1:] if arguments is None else arguments
    try:
        if arguments is None:
            streams.prepare()
        _refuse_not_utf8(given)
        app = build(given[0] if given else None)
        tell_usage(app, given)
        command, parsed, _ = app.parse_args(
            hyphen.hide([_current_name(a) for a in given]), exit_on_error=False, print_error=False
        )
        shown = {name: hyphen.show(value) for name, value in parsed.kwargs.items()}
        with _warnings_said(), _own_code_named():
            command(*hyphen.show(parsed.args), **shown)
        sys.stdout.flush()
    except CycloptsError as error:
        say(f"lexbits: {refusal(error)}")
        sys.exit(UsageError.exit_status)
    except LexbitsError as error:
        say(f"lexbits: {' '.join(line.strip() for line in str(error).splitlines())}")
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        say("lexbits: stopped")
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does; that is no failure of ours.
        streams.give_up_output()
        sys.exit(0)
    except (MemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        say(
            "lexbits: not enough memory for what was asked for: ask for fewer or smaller things, "
            "such as samples, batch_size or hidden_size; what is saved is kept"
        )
        sys.exit(LexbitsError.exit_status)
    except OSError as error:  # of files where nobody expected one, or of a standard output
        where = error.filename or "standard output"
        say(f"lexbits: {where}: cannot be read or written ({error.strerror})")
        streams.give_up_output()
        sys.exit(LexbitsError.exit_status)


@contextmanager
def _own_code_named() -> Iterator[None]:
    """Say in one line, with its place, what an estimator of the user's own has raised."""
    try:
        yield
    except LexbitsError:
        raise
    except Exception as error:  # whatever somebody's unfinished code raises
        own = sys.modules.get("lexbits.estimators.own")  # where none was taken, it is not loaded
        fault = isinstance(error, MemoryError | RuntimeError) and out_of_memory(error)
        said = own.raised_by_own(error) if own and not fault else None
        if not said:
            raise
        raise LexbitsError(said) from error


@contextmanager
def _warnings_said() -> Iterator[None]:
    """Print what lexbits warns of as any other message, without the line of code it comes from."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", LexbitsWarning)
        show = warnings.showwarning

        def say_ours(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, LexbitsWarning):
                say(f"Note: {message}")
            else:
                show(message, category, filename, lineno, file, line)

        warnings.showwarning = say_ours
        yield


def _current_name(argument: str) -> str:
    """Return a flag by the name that its setting has now."""
    name, equals, value = argument.partition("=")
    for old, new in OLD_NAMES.items():
        if name == f"--{old.replace('_', '-')}":
            return f"--{new.replace('_', '-')}{equals}{value}"
    return argument


def _refuse_not_utf8(arguments: Sequence[str]) -> None:
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            shown = os.fsencode(argument).decode("utf-8", "backslashreplace")
            raise UsageError(
                f"expected arguments in UTF-8, found {shown}; rename the file, or convert the word"
            ) from None

"""What the parser of arguments refuses, said as everything else is: expected, found, where."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Literal, get_args, get_origin

from cyclopts import (
    Argument,
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

from lexbits.cli import hyphen
from lexbits.errors import command_line

KINDS = {bool: "true or false", int: "a whole number", float: "a number", Path: "a path"}


def refusal(error: CycloptsError) -> str:
    """Return what was expected and found, in a line, and which help to ask."""
    asked = command_line(*(error.command_chain or ()), "--help")
    return f"{' '.join(hyphen.show(_message(error)).split()).rstrip('.')} (see {asked})"


def _message(error: CycloptsError) -> str:
    from pydantic import ValidationError

    from lexbits.config import describe

    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ValidationError):
        cause = cause.__cause__ or cause.__context__
    return _of_parser(error) if cause is None else describe(cause)


def _of_parser(error: CycloptsError) -> str:
    match error:
        case UnusedCliTokensError():
            found = ", ".join(repr(token) for token in error.unused_tokens or ())
            said = f"expected no other arguments, found {found}"
        case MissingArgumentError() if type(error) is MissingArgumentError:
            said = _missing(error)
        case UnknownOptionError():
            said = _unknown(error)
        case UnknownCommandError():
            said = _unknown_command(error)
        case CoercionError() if error.msg is None and error.token is not None:
            said = _unfit(error, error.token.keyword, error.token.value)
        case _:
            said = str(error)
    return said


def _missing(error: MissingArgumentError) -> str:
    assert error.argument is not None
    flag = error.keyword or next(
        (token.keyword for token in error.argument.tokens if token.keyword), None
    )
    if flag is None:
        return f"expected {error.argument.name.lstrip('-').upper()}, found none"
    return f"{flag}: expected {_kind(error.argument)} after it, found none"


def _unknown(error: UnknownOptionError) -> str:
    found = error.token.keyword or error.token.value
    # Hyphens, which all flags have, would make any two short ones alike.
    known = {name.lstrip("-"): name for each in error.argument_collection for name in each.names}
    near = difflib.get_close_matches(found.lstrip("-"), known, n=1)
    return f"unknown flag {found}" + (f"; did you mean {known[near[0]]}?" if near else "")


def _unknown_command(error: UnknownCommandError) -> str:
    assert error.app is not None and error.unused_tokens
    found = error.unused_tokens[0]
    known = [name for name in error.app if not name.startswith("-")]
    near = difflib.get_close_matches(found, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    return f"unknown command {found!r}; {hint}"


def _unfit(error: CoercionError, flag: str | None, found: str) -> str:
    argument = error.argument
    name = flag or (argument.name.lstrip("-").upper() if argument is not None else "")
    expected = _kind(argument) if argument is not None else "another value"
    return f"{name}: expected {expected}, found {found!r}"


def _kind(argument: Argument) -> str:
    """Return what an argument takes, in words."""
    options = list(get_args(argument.hint)) or [argument.hint]
    lists = [option for option in options if get_origin(option) is list]
    options += [item for option in lists for item in get_args(option)]
    if get_origin(argument.hint) is Literal:
        return f"one of {', '.join(map(str, options))}"
    said = [KINDS[kind] for kind in options if kind in KINDS]
    for option in options:
        if get_origin(option) is Literal:
            said += [str(choice) for choice in get_args(option)]
    return " or ".join(said) or "a value"

"""How commands are called: the first line of their help, and flags without a value."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from cyclopts import App, Argument, Parameter

ASKED = {"--help", "-h"}

Switch = partial(Parameter, negative="", show_default=False)
"""A flag without a value, which is off unless it is given: no default need be said."""


def tell_usage(app: App, given: Sequence[str]) -> None:
    """Let the help that is asked for, if any is, begin with how its command is called."""
    if ASKED & {*given}:
        names, apps, _ = app.parse_commands([each for each in given if each not in ASKED])
        if apps[-1].default_command:
            apps[-1].usage = f"Usage: {usage([app.name[0], *names], apps[-1])}"


def usage(names: Sequence[str], command: App) -> str:
    """Return how a command is called.

    Arguments come first: a flag that takes several values would take those after it, too.

    Args:
        names: the program and its commands, down to this one.
        command: one that does something itself.
    """
    arguments = [a for a in command.assemble_argument_collection() if a.show]
    placed = [_placed(a) for a in arguments if a.index is not None]
    needed = [
        f"{a.name} {a.hint.__name__.upper()}" for a in arguments if a.index is None and a.required
    ]
    options = ["[OPTIONS]"] if len(arguments) > len(placed) + len(needed) else []
    return " ".join([*names, *placed, *needed, *options])


def _placed(argument: Argument) -> str:
    """Return an argument that has no flag: in brackets where it may be left out."""
    several = argument.field_info.kind is argument.field_info.VAR_POSITIONAL
    name = argument.name.lstrip("-").upper() + ("..." if several else "")
    return name if argument.required else f"[{name}]"

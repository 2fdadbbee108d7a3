"""Estimators of the user's own: a class, or one by its name in a file or a module.

Their code runs where the user names it and nowhere else: settings, of which runs keep a copy, hold
a name, and `registry.find` gives the class of such a name only if `take` was given it before in
this process.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import linecache
import re
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from lexbits.arguments import show
from lexbits.config import absolute_file
from lexbits.errors import UsageError, command
from lexbits.estimators import ESTIMATORS
from lexbits.estimators.base import Estimator


@dataclass(frozen=True)
class Own:
    """An estimator of the user's own.

    Attributes:
        kind: the class.
        source: the text of the file or of the cell that it was written in; None where none is left.
    """

    kind: type[Estimator]
    source: str | None


_TAKEN: dict[str, Own] = {}
"""What the user has named in this process, by the names that settings hold."""


def is_own(name: str) -> bool:
    """Whether a name is that of code of the user's own: FILE.py:NAME or MODULE:NAME."""
    return name.endswith(".py") or ":" in name


def taken(name: str) -> Own | None:
    """Return what was taken by this name in this process; None if nothing was."""
    return _TAKEN.get(name)


def take(given: object, name: str | None = None) -> str:
    """Take what the user names as an estimator, and return its name as a setting.

    The code of a file or module is run. A file is read again each time, as it may have changed.

    Args:
        given: a class, FILE.py:NAME, MODULE:NAME, or the name of an estimator that needs no taking.
        name: the name to take it by, if not its own.

    Raises:
        UsageError: a file or module that is missing or cannot be imported; or what is no class of
            estimators.

    Examples:
        >>> from lexbits.estimators.rloo import Rloo
        >>> take(Rloo)
        'rloo'
    """
    if isinstance(given, str):
        own_name = absolute_file(given)
        if not is_own(given):
            return own_name
        own = _named(given)
    else:
        kind = checked("estimator", given)
        known = ESTIMATORS | {taken_as: own.kind for taken_as, own in _TAKEN.items()}
        if found := [name for name, other in known.items() if other is kind]:
            return found[0]
        own_name, own = f"{kind.__module__}:{kind.__qualname__}", Own(kind, source_of(kind))
    _TAKEN[name or own_name] = own
    return name or own_name


def checked(name: str, found: object) -> type[Estimator]:
    """Return `found` if it is a class of estimators that can be made; `name` says where it was.

    Raises:
        UsageError: it is not.
    """
    if isinstance(found, Estimator):
        raise UsageError(
            f"{name}: expected a class of estimators, found an instance of "
            f"{type(found).__name__}; give {type(found).__name__} itself"
        )
    if not (isinstance(found, type) and issubclass(found, Estimator)):
        what = f"the class {found.__name__}" if isinstance(found, type) else show(found)
        raise UsageError(
            f"{name}: expected a subclass of lexbits.estimators.Estimator, found {what}"
        )
    if missing := ", ".join(sorted(found.__abstractmethods__)):
        raise UsageError(
            f"{name}: expected an estimator, found {found.__name__} without {missing}; "
            "help(lexbits.estimators.Estimator) shows a whole one"
        )
    return found


def source_of(kind: type) -> str | None:
    """Return the text of the file or notebook cell that a class was written in, if it is left."""
    defines = re.compile(rf"^\s*class\s+{re.escape(kind.__name__)}\b", re.MULTILINE)
    for file in _files_of(kind):
        linecache.checkcache(file)
        text = "".join(linecache.getlines(file, vars(sys.modules.get(kind.__module__, sys))))
        if defines.search(text):
            return text
    return None


def raised_by_own(error: BaseException) -> str | None:
    """Return in one line what an estimator that was taken has raised; None if none has."""
    files = {frame.filename for frame in traceback.extract_tb(error.__traceback__)}
    for name, own in _TAKEN.items():
        for file in files.intersection(_files_of(own.kind)):
            check = command("estimators", "check", name)
            return f"the estimator {name}: {described(error, file)}; {check} looks for faults"
    return None


def described(error: BaseException, file: str | None = None) -> str:
    """Return in one line what was raised and where, in `file` if the error has come through it."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if frame.filename == file] or frames
    text = f"{type(error).__name__}: {' '.join(str(error).split())}"
    if isinstance(error, SyntaxError):  # it names its place itself, and no frame is of it
        return text
    return f"{text} ({inside[-1].filename}, line {inside[-1].lineno})" if inside else text


def _named(name: str) -> Own:
    if not name.rpartition(":")[0].endswith(".py") and name in _TAKEN:
        return _TAKEN[name]  # given as a class, such as one of a notebook
    found, source = named(name)
    kind = checked(name, found)
    return Own(kind, source_of(kind) if source is None else source)


def named(name: str) -> tuple[object, str | None]:
    """Return what FILE.py:NAME or MODULE:NAME names, and the text of the file; its code is run.

    Raises:
        UsageError: a file or module that is missing, cannot be imported, or has no such name.
    """
    place, _, attribute = name.rpartition(":")
    if not place or not attribute:
        raise UsageError(
            f"{name}: expected a file and the name of an estimator in it, FILE.py:NAME"
        )
    in_file = place.endswith(".py")
    try:
        module, source = _executed(Path(place)) if in_file else (_imported(place), None)
    except UsageError:
        raise
    except (Exception, SystemExit) as error:  # whatever code of others raises on import
        file = str(Path(place).absolute())
        raise UsageError(f"{place}: cannot be imported: {described(error, file)}") from None
    found: object = module
    for part in attribute.split("."):
        if not hasattr(found, part):
            near = difflib.get_close_matches(part, vars(found), n=1)
            guess = f"; did you mean {near[0]!r}?" if near else ""
            raise UsageError(f"{place}: has no {attribute!r}{guess}")
        found = getattr(found, part)
    return found, source


def _executed(path: Path) -> tuple[ModuleType, str]:
    """Return what a file defines, and its text: the very text that was run."""
    try:
        content = path.read_bytes()
        source = content.decode("utf-8")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise UsageError(f"{path}: expected a file with an estimator, found none there") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: expected Python in UTF-8") from None
    file = str(path.absolute())
    module = ModuleType(path.stem)
    module.__file__ = file
    exec(compile(content, file, "exec"), vars(module))
    return module, source


def _imported(place: str) -> ModuleType:
    if place == "__main__":
        raise UsageError(
            "__main__: expected a module or a file, found the name that Python gives to a script "
            "or notebook; give its file, FILE.py:NAME"
        )
    sys.path.insert(0, "")  # as `python -m` does: modules of the folder one stands in
    try:
        return importlib.import_module(place)
    finally:
        sys.path.remove("")


def _files_of(kind: type) -> Iterator[str]:
    """Yield the files that a class may have been written in: that of its module, of its methods."""
    module = sys.modules.get(kind.__module__)
    if file := getattr(module, "__file__", None):
        yield file
    for member in vars(kind).values():
        function = inspect.unwrap(getattr(member, "__func__", member))
        if code := getattr(function, "__code__", None):
            yield code.co_filename

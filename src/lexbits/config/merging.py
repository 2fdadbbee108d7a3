"""Settings from presets, files and flags, and back to text."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lexbits.config.presets import PRESETS
from lexbits.config.settings import NETWORKS, OLD_NAMES, Settings
from lexbits.errors import UsageError

_IDLE: dict[str, tuple[Callable[[Settings], object], str]] = {
    "teacher_epochs": (lambda s: not s.teachers, "there are no teachers"),
    "teacher_steps": (
        lambda s: not s.teachers or s.teacher_epochs != "auto",
        "there are no teachers, or their epochs are given",
    ),
    "rate_learning_rate": (lambda s: not s.rate_target, "there is no rate_target"),
    "ngram_targets": (lambda s: bool(s.bits or s.teachers), "there are bits, or teachers"),
    "weighting": (lambda s: not s.weights, "there are no weights"),
    "final_learning_rate": (lambda s: s.schedule == "constant", "the schedule is constant"),
}
"""Settings that change nothing beside some others: when, and why."""


def resolve(
    flags: Mapping[str, Any] | None = None,
    preset: str | None = None,
    config: Mapping[str, Any] | None = None,
    base: Mapping[str, Any] | None = None,
) -> Settings:
    """Merge preset, base, those of a file and flags (later wins) into complete settings.

    Steps replace the epochs of an earlier level.

    Args:
        flags: settings by name.
        preset: the name of a preset.
        config: what a TOML file says, by `read_toml`; it may name a preset too.
        base: what takes the place of the defaults.

    Raises:
        UsageError: an unknown preset or key (with the nearest known one), or a value out of bounds;
            epochs and steps at one level; or a flag that would change nothing.

    Examples:
        >>> resolve({"bits": 8}, preset="quick").steps
        1500
    """
    from_file = dict(config or {})
    named_there = from_file.pop("preset", "default")
    named = preset or named_there
    if not isinstance(named, str) or named not in PRESETS:
        raise UsageError(f"unknown preset {named!r}{_nearest(str(named), PRESETS)}")
    flags = current_names(flags or {})
    _refuse_unknown({**from_file, **flags}, "")
    try:
        settings = Settings(**_merged(PRESETS[named], base or {}, from_file, flags))
    except ValidationError as error:
        raise UsageError(describe(error)) from None
    settings.refuse_contradictions()
    for name in flags:
        idle, why = _IDLE.get(name, (None, ""))
        value = getattr(settings, name)
        if idle and idle(settings) and value != Settings.model_fields[name].default:
            raise UsageError(f"{name} {value} would change nothing: {why}")
    return settings


def refuse_other_networks(wanted: Settings, trained: Settings, what: str) -> None:
    """Check that the networks that are wanted are those of `what`, that is trained already.

    Raises:
        UsageError: they are not, with the first setting that differs.
    """
    for name in NETWORKS:
        found, expected = getattr(wanted, name), getattr(trained, name)
        if found != expected:
            raise UsageError(
                f"{name}: expected that of {what}, {expected}, found {found}; leave it out, or "
                "train anew"
            )


def _merged(*levels: Mapping[str, Any]) -> dict[str, Any]:
    # Files that lexbits wrote name all settings, with epochs the steps that nobody asked for.
    unasked = {Settings().steps, *(preset.get("steps") for preset in PRESETS.values())}
    merged: dict[str, Any] = {}
    for level in levels:
        epochs, steps = level.get("epochs", "auto"), level.get("steps")
        if epochs != "auto" and steps is not None and steps not in unasked:
            raise UsageError(
                f"epochs {epochs} and steps {steps}: each says how long the training is; give one"
            )
        merged |= level
        if steps is not None and "epochs" not in level:
            merged["epochs"] = "auto"
        if epochs != "auto" and merged.get("steps") not in unasked:
            merged["steps"] = Settings().steps  # those of an earlier level say nothing any more
    return merged


def current_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings under the names that they have now.

    Raises:
        UsageError: one is there under its old name and its new one.
    """
    for old, new in OLD_NAMES.items():
        if old in values and new in values:
            raise UsageError(f"{old} is the old name of {new}: expected one of them, found both")
    return {OLD_NAMES.get(name, name): value for name, value in values.items()}


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file says: settings by name, and perhaps a preset.

    It is read to its end, once: it may be a pipe.

    Raises:
        UsageError: it cannot be read, or has an unknown key (with the nearest known one).

    Examples:
        >>> path = Path(folder, "settings.toml")
        >>> _ = path.write_text("bits = 8", encoding="utf-8")
        >>> read_toml(path)
        {'bits': 8}
    """
    try:
        values = current_names(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: expected TOML in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from None
    _refuse_unknown(values.keys() - {"preset"}, f"{path}: ")
    return values


def to_toml(settings: Settings) -> str:
    """Return complete settings as TOML; keys without a value are left out.

    Examples:
        >>> "bits = 8" in to_toml(Settings(bits=8))
        True
    """
    return tomli_w.dumps(settings.model_dump(exclude_none=True))


def describe(error: ValidationError) -> str:
    """Say in one line what is wrong with the first bad value.

    Examples:
        >>> try:
        ...     Settings(bits=-1)
        ... except ValidationError as error:
        ...     describe(error)
        'bits: expected at least 0, found -1'
    """
    found = error.errors(include_url=False)
    first = found[0]
    # A value that may be of several kinds is refused by each of them.
    same = [each for each in found if each["loc"][:1] == first["loc"][:1]]
    expected = " or ".join(dict.fromkeys(_expected(each) for each in same))
    name = ".".join(str(part) for part in first["loc"][:1])
    return f"{name}: expected {expected}, found {first['input']!r}"


_EXPECTED = {
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_type": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "text",
    "missing": "a value",
    "string_pattern_mismatch": "+N",  # the one pattern there is: epochs more of a run
    "finite_number": "a finite number",
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
}
"""What the checks of settings expect, by their name."""


def _expected(error: ErrorDetails) -> str:
    said = _EXPECTED.get(error["type"])
    if said is not None:
        bounds = error.get("ctx", {}).items()
        # A bound of 0.0 is said as 0, and a large whole one in full.
        return said.format(
            **{n: int(b) if isinstance(b, float) and b == int(b) else b for n, b in bounds}
        )
    return str(error["msg"]).removeprefix("Input should be ").removeprefix("expected ")


def _refuse_unknown(values: Iterable[str], where: str) -> None:
    for key in values:
        if key not in Settings.model_fields:
            raise UsageError(
                f"{where}unknown setting {key!r}{_nearest(key, Settings.model_fields)}"
            )


def _nearest(word: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(word.replace("-", "_"), known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are: {', '.join(known)}"

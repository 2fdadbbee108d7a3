"""Pages of the reference that the code writes: where one says `<!-- generated: NAME -->`.

What stands there in the built page is what the function NAME below returns, as Markdown, so that no
help and no default is ever copied.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from itertools import groupby
from types import FunctionType
from typing import Any

from cyclopts import App
from cyclopts.docs.markdown import generate_markdown_docs
from pydantic.fields import FieldInfo
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from lexbits import WordModel
from lexbits.cli import COMMANDS, GROUPS, build
from lexbits.cli.columns import TABLES
from lexbits.cli.usage import usage
from lexbits.config import MAY_CHANGE, NETWORKS, PRESETS, SHARED, Settings
from lexbits.pretrained import available

PLACE = re.compile(r"^<!-- generated: (\w+) -->$", re.MULTILINE)
BOUNDS = {"exclusiveMinimum": ">", "minimum": "≥", "exclusiveMaximum": "<", "maximum": "≤"}
SANE = 2**20
"""Bounds beyond this are those of a machine's numbers, which no page has to mention."""


def commands() -> str:
    """Return every command's help, under the headings that `lexbits --help` has."""
    app = build("train")  # commands are described in Markdown once one of them is asked for
    for name in COMMANDS:
        _tell_usage(app[name])
    return "\n\n".join(
        f"## {heading}\n\n" + "\n\n".join(_command(app, name) for name in names)
        for heading, names in GROUPS.items()
    )


def _tell_usage(app: App) -> None:
    """Let the help of a command, and of those inside it, begin with how it is called."""
    inner = [name for name in app if not name.startswith("-")]
    for name in inner:
        _tell_usage(app[name])
    if not inner:
        app.usage = usage(["lexbits"], app)  # the name of the command takes the place of this one


def _command(app: App, name: str) -> str:
    text = generate_markdown_docs(app, commands_filter=[name], heading_level=2, generate_toc=False)
    text = re.sub(r" \*\[default: False\]\*|, --empty-[\w-]+", "", f"### lexbits {name}\n\n{text}")
    text = re.sub(r"\*?\[(choices|default): ([^\]]*)\]\*?", r"(\1: `\2`)", text)
    text = text.replace("`) (default: `", "`; default: `").replace("**[required]**", "(required)")
    text = re.sub(r"^(#+) (lexbits .*)$", _heading, text, flags=re.MULTILINE)
    text = re.sub(r"(\*\*.*ettings\*\*):\n\n((?:\* .*\n?)+)", _links_to_settings, text)
    return "\n".join(map(_flags_as_code, text.splitlines()))


def _heading(match: re.Match[str]) -> str:
    """Return the heading of a command, and where its columns are described."""
    level, name = match.groups()
    anchor = re.sub(r"[^\w -]", "", name.lower()).replace(" ", "-")
    known = name.removeprefix("lexbits ") in TABLES
    columns = f"\n\n[The columns](../columns.md#{anchor}) of what it prints." if known else ""
    return f"{level} `{name}`{columns}"


def _links_to_settings(match: re.Match[str]) -> str:
    """Return a list of flags that are settings as links to what is said of each."""
    names = re.findall(r"^\* `--([\w-]+)", match[2], flags=re.MULTILINE)
    links = (f"[`--{name}`](settings.md#{name.replace('-', '_')})" for name in names)
    return f"{match[1]}: {', '.join(links)}.\n"


def _flags_as_code(line: str) -> str:
    """Return a line of prose with its flags as code, which no typography changes."""
    if line.startswith("lexbits "):  # how a command is called, which is code already
        return line
    pieces = re.split(r"(`[^`]*`)", line)
    return "".join(
        piece if i % 2 else re.sub(r"(?<![\w-])--[a-z][a-z-]*", r"`\g<0>`", piece)
        for i, piece in enumerate(pieces)
    )


def settings() -> str:
    """Return every setting: type, bounds, default, meaning, and the presets that change it."""
    parts = []
    for heading, fields in groupby(_groups(), key=lambda pair: pair[0]):
        parts.append(f"## {heading}")
        parts += [_setting(name) for _, name in fields]
    return "\n\n".join(parts)


def _groups() -> Iterator[tuple[str, str]]:
    """Yield each setting with the comment above its group."""
    heading = ""
    for line in inspect.getsource(Settings).splitlines():
        if match := re.fullmatch(r"    # (.+)", line):
            heading = match[1]
        elif (match := re.match(r"    (\w+): .* = (own|shared)\(", line)) and heading:
            yield heading, match[1]


def _setting(name: str) -> str:
    field = Settings.model_fields[name]
    flag = "--" + name.replace("_", "-")
    facts = [f"{_kind(name, field)}", f"default {_value(field.default)}"]
    facts += [
        f"{_value(values[name])} in the preset `{preset}`"
        for preset, values in PRESETS.items()
        if name in values
    ]
    if name in NETWORKS:
        facts.append("*networks*")
    if name in MAY_CHANGE:
        facts.append("*machine*")
    if name in SHARED:
        facts.append("*teachers*")
    place = "argument `DATA`" if name == "data" else f"`{flag}`"
    meaning = _flags_as_code(field.description or "")
    return f"### `{name}`\n\n{meaning}\n\n{place}; {'; '.join(facts)}."


def _kind(name: str, field: FieldInfo) -> str:
    """Return the type of a setting and its bounds, in words."""
    schema = Settings.model_json_schema()["properties"][name]
    kinds = [_of_schema(each) for each in schema.get("anyOf", [schema])]
    return " or ".join(kind for kind in kinds if kind != "nothing")


def _of_schema(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(f"`{choice}`" for choice in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    said = " and ".join(
        f"{sign} {schema[key]:g}"
        for key, sign in BOUNDS.items()
        if abs(schema.get(key, SANE)) < SANE
    )
    kind = {
        "integer": "whole number",
        "number": "number",
        "string": "text",
        "boolean": "`true` or `false`",
        "null": "nothing",
        "array": "list of " + (_of_schema(schema["items"]) + "s" if "items" in schema else ""),
    }[schema["type"]]
    return f"{kind} {said}".strip()


def _value(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


def word_model() -> str:
    """Return the methods of `WordModel`, part by part, under what each part says it is."""
    parts = []
    for kind in WordModel.__mro__:
        methods = [
            f".. auto{_how(value)}:: lexbits.WordModel.{name}"
            for name, value in vars(kind).items()
            if name[0] != "_" and isinstance(value, FunctionType | classmethod | property)
        ]
        if methods:
            said = inspect.getdoc(sys.modules[kind.__module__]) or ""
            heading = (
                "Loaded and saved" if kind is WordModel else said.partition("\n")[0].rstrip(".")
            )
            parts.append("\n\n".join([f"## {heading}", "```{eval-rst}", *methods, "```"]))
    return "\n\n".join(parts)


def _how(value: object) -> str:
    return "property" if isinstance(value, property) else "method"


def models() -> str:
    """Return the models that come with lexbits, beside one another, and the card of each."""
    rows = [
        "| model | words | NLL | plain model | n-gram | MI | size |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    cards = []
    for card in available():
        figures = (card.test_nll, card.plain_test_nll, card.ngram_test_nll, card.mutual_information)
        cells = " | ".join("" if value is None else f"{value:.2f}" for value in figures)
        words, size = f"{sum(card.words.values()):,}", f"{card.bytes / 1e6:.1f} MB"
        rows.append(f"| `{card.name}` | {words} | {cells} | {size} |")
        title, _, text = str(card).removeprefix("# ").partition("\n")
        text = re.sub(r"^#+ (.+)$", r"**\1**", text, flags=re.MULTILINE)  # no headings in a fold
        cards.append(f"::::{{dropdown}} {title}\n{text}\n::::")
    return "\n\n".join(["\n".join(rows), *cards])


GENERATED: dict[str, Callable[[], str]] = {
    "commands": commands,
    "models": models,
    "settings": settings,
    "word_model": word_model,
}


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put what is generated in its place."""
    source[0] = PLACE.sub(lambda match: GENERATED[match[1]](), source[0])


def outdated(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Return the pages that hold what is generated: the code may have changed."""
    return [
        name
        for name in env.found_docs
        if PLACE.search(env.doc2path(name).read_text(encoding="utf-8"))
    ]


def setup(app: Sphinx) -> dict[str, Any]:
    """Fill the pages in as they are read."""
    app.connect("source-read", fill)
    app.connect("env-get-outdated", outdated)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

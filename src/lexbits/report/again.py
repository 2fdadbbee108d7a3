"""How to have a model again, as the HTML of a section."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from lexbits.report.facts import Again, Setting
from lexbits.report.html import Head, details, pairs, paragraph, table, words


def again(found: Again, characters: Sequence[str] = ()) -> str:
    """Return the section of how to reproduce a model.

    Args:
        found: what is known of that.
        characters: those that the model knows.
    """
    changed = [setting for setting in found.settings if setting.value != setting.default]
    language = "python" if found.python else "sh"
    parts = [
        '<section id="again" aria-labelledby="again-title">',
        '<h2 id="again-title">How to train it again</h2>',
        "<p>The same command with the same words and versions on the same kind of machine gives "
        "the same model.</p>",
        f'<pre><code class="{language}">{escape(found.command)}</code></pre>',
        paragraph(*map(escape, found.remarks)),
        _settings("Settings that differ from the defaults", changed) if changed else "",
        _listed("Notes from reading the words", found.notes),
        _listed("What another training might do better", found.advice),
        details("All settings", _settings("All settings", found.settings)),
        details("Versions, machine and digests", *_provenance(found))
        if found.versions or found.digests
        else "",
        details(f"The {len(characters)} characters", f"<p>{words(characters)}</p>")
        if characters
        else "",
        "</section>",
    ]
    return "\n".join(filter(None, parts))


def _listed(summary: str, texts: Sequence[str]) -> str:
    """Return texts, in which commands stand in backquotes, one below the other; folded."""
    items = (re.sub("`([^`]*)`", r"<code>\1</code>", escape(text)) for text in texts)
    return details(summary, f"<ul><li>{'</li><li>'.join(items)}</li></ul>") if texts else ""


def _settings(caption: str, settings: Sequence[Setting]) -> str:
    heads = [Head("setting"), Head("value"), Head("default"), Head("meaning")]
    rows = [
        (
            f'<code class="unit">{escape(s.name)}</code>',
            f"<code>{escape(s.value)}</code>",
            f"<code>{escape(s.default)}</code>",
            escape(s.meaning),
        )
        for s in settings
    ]
    return table(caption, heads, rows)


def _provenance(found: Again) -> list[str]:
    return [
        pairs("Versions that it was trained with", found.versions, ("package", "version")),
        pairs("The machine that it was trained on", found.machine, ("what", "value")),
        pairs("SHA-256 of the files of its run", found.digests, ("file", "digest")),
    ]

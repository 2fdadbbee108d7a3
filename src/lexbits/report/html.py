"""Text -> HTML in which no text can be markup, and which reads in any script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Head:
    """The head of a column.

    Attributes:
        text: its name.
        number: whether it holds numbers, which stand to the right.
    """

    text: str
    number: bool = False


def word(text: str, kind: str = "word") -> str:
    """Return a word as one that runs in its own direction, whatever stands around it."""
    return f'<bdi class="{kind}">{escape(text)}</bdi>'


def words(texts: Iterable[str]) -> str:
    """Return words one after another."""
    return ", ".join(map(word, texts))


def paragraph(*sentences: str) -> str:
    """Return a paragraph of sentences that are HTML; nothing where all are empty."""
    said = " ".join(filter(None, sentences))
    return f"<p>{said}</p>" if said else ""


def figure(svg: str, caption: str) -> str:
    """Return a figure with the text below it; nothing where there is no figure."""
    if not svg:
        return ""
    return f'<figure class="figure">{svg}<figcaption>{escape(caption)}</figcaption></figure>'


def table(caption: str, heads: Sequence[Head], rows: Iterable[Sequence[str]]) -> str:
    """Return a table that scrolls where it is too wide; the first cell of a row is its head.

    Args:
        caption: what it shows, as text.
        heads: of its columns.
        rows: cells that are HTML.
    """
    kinds = [' class="num"' if head.number else "" for head in heads]
    names = "".join(
        f'<th scope="col"{kind}>{escape(head.text)}</th>'
        for head, kind in zip(heads, kinds, strict=True)
    )
    body = []
    for first, *rest in rows:
        cells = "".join(f"<td{k}>{cell}</td>" for k, cell in zip(kinds[1:], rest, strict=True))
        body.append(f'<tr><th scope="row"{kinds[0]}>{first}</th>{cells}</tr>')
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{names}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def details(summary: str, *content: str) -> str:
    """Return what is seen once its summary, a text, is clicked."""
    return f"<details><summary>{escape(summary)}</summary>{''.join(content)}</details>"


def pairs(caption: str, rows: Iterable[tuple[str, str]], heads: tuple[str, str]) -> str:
    """Return a table of two columns of text; nothing where there are no rows."""
    cells = [(escape(name), f"<code>{escape(value)}</code>") for name, value in rows]
    return table(caption, [Head(text) for text in heads], cells) if cells else ""


def nats(value: float, digits: int = 2) -> str:
    """Return a number of nats as people read it, with the sign for minus."""
    return f"{value:z.{digits}f}".replace("-", "−")


def share(value: float) -> str:
    """Return a share in per cent, in one piece."""
    return f"{100 * value:z.0f}&nbsp;%"

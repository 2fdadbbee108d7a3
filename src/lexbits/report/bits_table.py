"""What each bit is used for, as HTML."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from lexbits.report.facts import Bit
from lexbits.report.html import Head, details, figure, nats, paragraph, share, table, word

AT_ONCE = 32
"""Bits that are listed in the open; of more, those that know most."""


def bits_table(bits: Sequence[Bit], picture: str, looked_at: int) -> list[str]:
    """Return the table of the bits in use, and which are not.

    Args:
        bits: all of them, in order.
        picture: the same as a figure.
        looked_at: how many words' bits were turned.
    """
    if not bits:
        return []
    active = [bit for bit in bits if bit.active]
    unused = [bit.number for bit in bits if not bit.active]
    ranked = sorted(active, key=lambda bit: -bit.nats)
    first, others = ranked[:AT_ONCE], ranked[AT_ONCE:]
    rest = [details(f"{len(others)} more bits, which know less", _table(others))] if others else []
    said = (
        f"{len(active)} of {len(bits)} bits are in use. One bit can tell at most "
        f"{math.log(2):.2f} nats."
    )
    turned = (
        f" To see what a bit does, the code of {looked_at} held-out words was spelled with it off "
        "and with it on; three of the words that it changes are shown."
        if looked_at
        else ""
    )
    none = (
        f"Not in use (they tell at most 0.02 nats): {_listed(unused)}."
        if 0 < len(unused) <= AT_ONCE and active
        else ""
    )
    return [
        "<h3>What each bit does</h3>",
        paragraph(said + turned),
        figure(picture, "What each bit knows of a word."),
        _table(sorted(first, key=lambda bit: bit.number)) if first else "",
        *rest,
        paragraph(none),
    ]


def _table(bits: Sequence[Bit]) -> str:
    featured = any(bit.feature for bit in bits)
    looked_at = any(bit.changed is not None for bit in bits)
    heads = [Head("bit", number=True), Head("on for", number=True), Head("nats", number=True)]
    heads += [Head("changes", number=True), Head("bit off → bit on")] if looked_at else []
    heads += [Head("feature"), Head("share of it, off → on")] if featured else []
    rows = []
    for bit in bits:
        row = [str(bit.number), share(bit.ones), nats(bit.nats, 3)]
        if looked_at:
            row += ["" if bit.changed is None else share(bit.changed), _examples(bit)]
        if featured:
            row += _feature(bit)
        rows.append(row)
    feature = (
        "; the feature whose share differs most between words with it off and on, and how much of "
        "that it tells (a difference of a few points may be chance)"
        if featured
        else ""
    )
    return table(
        "The bits in use: for how many words each is on, the nats that it alone tells about a "
        f"word, how many words change with it, and examples{feature}",
        heads,
        rows,
    )


def _examples(bit: Bit) -> str:
    pairs = (f'<span class="unit">{word(t.off)} → {word(t.on)}</span>' for t in bit.turned)
    return "<br>".join(pairs)


def _feature(bit: Bit) -> list[str]:
    found = bit.feature
    if found is None:
        return ["", ""]
    return [
        f"{word(found.value, 'feature')} <small>{found.information:.3f} nats</small>",
        f'<span class="unit">{share(found.share_off)} → {share(found.share_on)}</span>',
    ]


def _listed(numbers: Sequence[int]) -> str:
    return escape(", ".join(map(str, numbers)))

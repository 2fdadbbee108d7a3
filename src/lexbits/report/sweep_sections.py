"""What a page tells of a sweep, models of the same words at several rates, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from lexbits.report.facts import Point, SweepTold
from lexbits.report.html import Head, figure, nats, paragraph, share, table, word, words
from lexbits.report.sections import NAT, compared, count, headline, rounding, trained


def sweep_title(told: SweepTold) -> str:
    """Return the title of the page, as text."""
    name = told.origin.language or told.origin.data
    return f"What more bits buy{f': {name} words' if name else ''}"


def sweep_head(told: SweepTold) -> str:
    """Return the headline, what this is in plain words, and what was trained on what."""
    rates = [f"{point.target:g}" for point in told.points if point.target]
    listed = " and ".join(filter(None, [", ".join(rates[:-1]), *rates[-1:]]))
    nats_of = f", {listed} {'nat' if listed == '1' else 'nats'}" if rates else ""
    plain = "; one has no bits" if any(not point.bits for point in told.points) else ""
    lead = (
        f"{count(len(told.points), 'small neural network')} learned how the same words are "
        f"spelled. They differ in how much of a word their bits may know{nats_of}"
        f"{plain}. They run inside this page, offline: type a word and move the slider to see what "
        "each makes of it."
    )
    return headline(sweep_title(told), lead, trained(told.origin, len(told.points)))


def sweep_knows(told: SweepTold) -> str:
    """Return the section of what was measured."""
    parts = [
        '<section id="knows" aria-labelledby="knows-title">',
        '<h2 id="knows-title">What the models know</h2>',
        *(f'<p class="note">{escape(note)}</p>' for note in told.notes),
        *_trade(told),
        *_rebuilt(told.points),
        *_made(told.points),
        *_curves(told),
        *_rounding(told.points),
        "</section>",
    ]
    return "\n".join(filter(None, parts))


def _trade(told: SweepTold) -> list[str]:
    heads = [Head("model"), Head("rate", number=True), Head("information", number=True)]
    heads += [Head("distortion", number=True), Head("NLL", number=True)]
    compared_to_plain = any(point.beyond_plain for point in told.points)
    heads += [Head("NLL − without bits", number=True)] if compared_to_plain else []
    heads += [Head("come back exactly", number=True)]
    rows = [
        (
            escape(point.label),
            *map(nats, (point.rate, point.information, point.distortion, point.nll)),
            *([_beyond(point.beyond_plain)] if compared_to_plain else []),
            "" if point.exact is None else _per_mille(point.exact),
        )
        for point in told.points
    ]
    return [
        "<h3>Rate and distortion</h3>",
        paragraph(
            NAT,
            "To tell a word, a model first tells its bits, at a cost called the <b>rate</b>; then "
            "its letters, at a cost called the <b>distortion</b>. What goes into the bits need not "
            "be said by the letters: as the rate rises, the distortion falls, and more words come "
            "back from their bits alone. The <b>NLL</b> is the cost of a word that may be told by "
            "any code: the lower, the better a model knows how words are spelled. Where it rises "
            "with the rate, the model pays for what its bits tell. The <b>information</b> is what "
            "the bits tell about the word; the rest of the rate is lost.",
        ),
        table(
            f"Mean of {told.test_words:,} test words, in nats per word"
            f"{'; in brackets, 95 % intervals over words' if compared_to_plain else ''}",
            heads,
            rows,
        ),
    ]


def _rebuilt(points: Sequence[Point]) -> list[str]:
    with_bits = [point for point in points if point.rebuilt]
    if not with_bits:
        return []
    heads = [Head("word"), *(Head(point.label) for point in with_bits)]
    rows = [
        (word(found[0].word), *(compared(each.mode, each.word) for each in found))
        for found in zip(*(point.rebuilt for point in with_bits), strict=True)
    ]
    return [
        "<h3>Words sent through their bits</h3>",
        "<p>No model has learned from these words. Each is read into its most probable bits, and "
        "then only the bits are spelled. What comes back exactly is marked ✓.</p>",
        table("Held-out words, and what comes back of them at each rate", heads, rows),
    ]


def _made(points: Sequence[Point]) -> list[str]:
    rows = [(escape(point.label), words(point.made)) for point in points]
    return [
        "<h3>Words that they make up</h3>",
        table("Drawn at random", [Head("model"), Head("words")], rows),
    ]


def _curves(told: SweepTold) -> list[str]:
    if not told.curves:
        return []
    return [
        "<h3>How the trainings went</h3>",
        figure(
            told.curves,
            "The dev words of all models, by training step. A model without bits has a recipe and "
            "a length of its own."
            if any(not point.bits for point in told.points)
            else "The dev words of all models, by training step.",
        ),
    ]


def _rounding(points: Sequence[Point]) -> list[str]:
    """Return what rounding costs the model that it costs most."""
    worst = max(points, key=lambda point: abs(point.rounding.nats))
    return [rounding(worst.rounding, worst.label)]


def _beyond(found: tuple[float, float, float] | None) -> str:
    """Return a difference with its interval, in one piece."""
    if found is None:
        return ""
    value, low, high = (f"{each:+.2f}".replace("-", "−") for each in found)
    return f'<span class="unit">{value} [{low}, {high}]</span>'


def _per_mille(value: float) -> str:
    return share(value) if value == 0 or value >= 0.1 else f"{100 * value:.1f}&nbsp;%"

"""What a page tells of a model, as HTML of its sections: for readers who have not met nats."""

from __future__ import annotations

from html import escape

from lexbits.report.bits_table import bits_table
from lexbits.report.facts import Accounting, Origin, Rounding, Told
from lexbits.report.html import Head, figure, nats, paragraph, share, table, word

OF_STATUS = {
    "train": "was learned from",
    "dev": "is among the words by which the best epoch was chosen",
    "test": "is among the words kept for the test",
}

NAT = (
    "A nat is a unit of surprise: an event of probability 1 in 2 has 0.69 nats, one of 1 in 100 "
    "4.61, of 1 in a million 13.8. Telling a word costs as many as it is a surprise."
)

PRECISIONS = {"half": "half precision, 11 significant bits", "int8": "8-bit whole numbers"}


def title(origin: Origin) -> str:
    """Return the title of the page, as text."""
    named = f"Words of {origin.data}" if origin.data else "Words"
    what = f"{origin.language} words" if origin.language else named
    return f"{what} in {count(origin.bits, 'bit')}" if origin.bits else f"{what}, without bits"


def head(origin: Origin) -> str:
    """Return the headline, what this is in plain words, and what it was trained on."""
    if origin.bits:
        lead = (
            "A small neural network has learned how these words are spelled. It describes each by "
            f"{count(origin.bits, 'on/off switch', 'on/off switches')}, its bits: it turns a word "
            "into bits, and bits back into a word. It runs inside this page, offline: flip a bit "
            "and see the word change."
        )
    else:
        lead = (
            "A small neural network has learned how these words are spelled, letter by letter. "
            "It runs inside this page, offline: type a word and see how probable its letters are."
        )
    return headline(title(origin), lead, trained(origin))


def headline(name: str, lead: str, about: str) -> str:
    """Return a headline that is text, with what the page is, in HTML, and where its parts are."""
    return (
        f'<h1>{escape(name)}</h1><p class="lead">{lead}</p>{paragraph(about)}'
        '<nav aria-label="On this page"><a href="#play">Try it</a> '
        '<a href="#knows">What it knows</a> <a href="#again">How to train it again</a></nav>'
    )


def trained(origin: Origin, models: int = 1) -> str:
    """Return what was trained on what, in a sentence or two of HTML.

    Args:
        origin: what is known of that.
        models: how many were; of several only what they share is said.
    """
    learned = origin.words.get("train", 0)
    source = f"<b><bdi>{escape(origin.data)}</bdi></b>" if origin.data else ""
    counted = count(learned, "word") if learned else "words" if not source else ""
    words = " of ".join(filter(None, [counted, source]))
    others = [
        f"{count(origin.words[name], 'other word')} {purpose}"
        for name, purpose in (
            ("dev", "(dev) chose the best epoch"),
            ("test", "(test) served for measuring"),
        )
        if origin.words.get(name)
    ]
    besides = f" {', and '.join(others)}." if others else ""
    version = f" with lexbits {escape(origin.version)}" if origin.version else ""
    date = f" on {escape(origin.date)}" if origin.date else ""
    characters, network = count(len(origin.characters), "character"), escape(origin.network)
    if models > 1:
        return (
            f"They were trained{version}{date} on {words}.{besides} They know {characters}; the "
            f"decoder of each is {network}."
        )
    best = f", of which number {origin.best_epoch} was the best" if origin.best_epoch else ""
    course = f", in {count(origin.epochs, 'epoch')}{best}" if origin.epochs else ""
    return (
        f"It was trained{version}{date} on {words}{course}.{besides} It knows {characters}; its "
        f"decoder is {network}, and it has {origin.parameters:,} weights in all."
    )


def knows(told: Told) -> str:
    """Return the section of what was measured."""
    parts = [
        '<section id="knows" aria-labelledby="knows-title">',
        '<h2 id="knows-title">What it knows</h2>',
        *(accounting(told.accounting, told.origin.bits) if told.accounting else _no_words(told)),
        *_gain(told),
        *bits_table(told.bits, told.bits_figure, told.looked_at),
        *_rebuilt(told),
        *_made(told),
        *_curves(told),
        rounding(told.rounding),
        "</section>",
    ]
    return "\n".join(filter(None, parts))


def accounting(found: Accounting, bits: int) -> list[str]:
    """Return what a word takes and where the nats go, in words, as a table and a picture."""
    metrics = found.metrics
    rows = [
        (
            "NLL",
            nats(metrics.nll),
            "−log P(x): the cost of telling a word. The lower, the better the model knows how "
            "words are spelled.",
        )
    ]
    if bits:
        rows += [
            ("rate", nats(metrics.rate), "The cost of telling the bits of a word, the sum of:"),
            (
                "&nbsp;&nbsp;&nbsp;information",
                nats(metrics.mutual_information),
                f"what the bits tell about the word; {bits} bits can hold {0.6931 * bits:.1f}.",
            ),
            (
                "&nbsp;&nbsp;&nbsp;marginal&nbsp;KL",
                nats(metrics.marginal_kl),
                "an extra cost, because words use the bits otherwise than the prior expects.",
            ),
            (
                "distortion",
                nats(metrics.distortion),
                "The cost of telling the letters once the bits are known.",
            ),
        ]
    about = (
        "With bits, a word is told in two steps: first its bits, at a cost called the rate, then "
        "its letters, which the bits make easier to guess, at a cost called the distortion. "
        "Together they cost a little more than the NLL, since one word can be told by many codes."
        if bits
        else "This model has no bits: it tells a word letter by letter."
    )
    caption = (
        f"Mean of {metrics.words:,} {found.split} words, not learned from, in nats per word; NLL ± "
        f"{nats(metrics.nll_se)} by the choice of words"
        f"{f', from {metrics.samples} importance samples for each' if bits else ''}"
    )
    heads = [Head("measure"), Head("nats", number=True), Head("meaning")]
    floors = (
        "For comparison, simpler models on the same words: "
        f"{', '.join(f'{escape(floor.name)} {nats(floor.nll)}' for floor in found.floors)} nats."
        f"{_ahead(found)}"
        if found.floors
        else ""
    )
    letters = (
        f"Per letter, this is like choosing among {metrics.perplexity_per_symbol:.2f} equally "
        "likely ones (the perplexity)."
    )
    return [
        "<h3>The cost of a word</h3>",
        paragraph(NAT, about),
        table(caption, heads, rows),
        figure(found.figure, "The same as a picture."),
        paragraph(letters, floors),
        paragraph(*map(escape, found.remarks)),
    ]


def _ahead(found: Accounting) -> str:
    ahead = any(floor.nll < found.metrics.nll for floor in found.floors)
    return " The simpler model tells these words at less cost than this one." if ahead else ""


def rounding(found: Rounding, model: str = "") -> str:
    """Return what the page rounds and what that costs; of several models, the one it costs most."""
    most = f" of the model of {escape(model)}, which it changes most," if model else ""
    cost = (
        f" On {found.words:,} held-out words this changes the NLL{most} by {_change(found.nats)} "
        "nats per word."
        if found.words
        else ""
    )
    return (
        "<h3>Rounding in this page</h3>"
        f"<p>The weights in this page are rounded to {PRECISIONS[found.precision]}, to keep it "
        f"small.{cost}</p>"
    )


def _no_words(told: Told) -> list[str]:
    return [
        '<p class="note">The words that this model was trained on are not known here, so nothing '
        "could be measured on them.</p>"
    ]


def _gain(told: Told) -> list[str]:
    if not told.gain:
        return []
    return [
        "<h3>Where in a word the bits help</h3>",
        paragraph(
            "How many nats the bits save at each letter, counted from the start of a word and from "
            "its end, where the last position is the end itself.",
        ),
        figure(told.gain, "Nats that the bits save at each position."),
    ]


def _rebuilt(told: Told) -> list[str]:
    if not told.rebuilt:
        return []
    heads = [
        Head("word"),
        Head("from its most probable bits"),
        Head("from their mean"),
        Head("from bits drawn at random from what it read"),
    ]
    rows = [
        (word(r.word), *_as_rebuilt(r.word, [r.mode], [r.mean], r.samples)) for r in told.rebuilt
    ]
    exact = "" if told.exact is None else f" Of all, {share(told.exact)} come back exactly."
    return [
        "<h3>Words sent through their bits</h3>",
        "<p>The network has not learned from these words. Each is read into bits, and then only "
        f"the bits are spelled. What comes back exactly is marked ✓.{exact}{_limits(told)}</p>",
        table("Held-out words and what comes back of them", heads, rows),
    ]


def _limits(told: Told) -> str:
    """Say why few words come back, where few do."""
    found = told.accounting
    if found is None or told.exact is None or told.exact >= 0.5:
        return ""
    known, cost = nats(found.metrics.mutual_information), nats(found.metrics.nll)
    return (
        f" The bits tell {known} of the {cost} nats that a word costs,"
        " too little for most words to come back: what comes back is a word like it."
    )


def _as_rebuilt(original: str, *columns: list[str] | tuple[str, ...]) -> list[str]:
    return [", ".join(compared(found, original) for found in column) for column in columns]


def compared(found: str, original: str) -> str:
    """Return a word that came back, marked by more than colour where it is the original."""
    if found != original:
        return word(found, "word differs")
    return f'{word(found, "word same")} <span class="same" title="exactly">✓</span>'


def _made(told: Told) -> list[str]:
    if not told.made:
        return []
    items = "".join(f"<li>{_with_status(made.word, made.status)}</li>" for made in told.made)
    statuses = [made.status for made in told.made]
    kinds = [f"<i>{name}</i> {OF_STATUS[name]}" for name in OF_STATUS if name in statuses]
    said = f"A word marked {', '.join(kinds)}; " if kinds else ""
    meaning = f"{said}{escape(told.meaning)}." if told.meaning else ""
    new = statuses.count("new")
    counted = f"Of these {len(statuses)}, {new} are new." if any(statuses) else ""
    return [
        "<h3>Words that it makes up</h3>",
        paragraph(counted, meaning),
        f'<ul class="words">{items}</ul>',
    ]


def _with_status(text: str, status: str) -> str:
    mark = f' <small class="{escape(status)}">{escape(status)}</small>' if status else ""
    return f"{word(text)}{mark}"


def _curves(told: Told) -> list[str]:
    if not told.curves:
        return []
    return [
        "<h3>How the training went</h3>",
        paragraph(
            "An epoch is one pass over the training words. The dev words are not learned from: "
            "where they get worse while the training words get better, the model learns by heart."
        ),
        figure(told.curves, "By epoch; the grey line is the epoch whose model this is."),
    ]


def _change(value: float) -> str:
    """Return a difference with its sign, unless it is too small to matter."""
    if abs(value) < 0.00005:
        return "less than 0.0001"
    return f"{value:+.4f}".replace("-", "−")


def count(number: int, one: str, several: str = "") -> str:
    """Return a number of things with their name."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"

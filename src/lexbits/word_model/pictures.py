"""The figures of a page, as SVG. Loaded when a page is made: matplotlib takes its time."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from lexbits.figures.accounting import Account, accounting_figure
from lexbits.figures.bits import bits_figure
from lexbits.figures.gain import Gains, gain_figure
from lexbits.figures.style import as_inline_svg
from lexbits.measures import Evaluation
from lexbits.measures.position_gain import PositionGain
from lexbits.training.floors import Floor
from lexbits.word_model.results import BitUsage


def picture(name: str, figure: Figure, title: str) -> str:
    """Return a figure for a page, in which no other id begins with this one."""
    return as_inline_svg(figure, f"figure-{name}", title)


def of_training(figure: Figure) -> str:
    """Return the course of a training."""
    return picture("training", figure, "Metrics of the training and dev words by epoch")


def of_accounting(bits: int, found: Evaluation, floors: Sequence[Floor]) -> str:
    """Return what a word takes, part by part."""
    figure = accounting_figure([Account("", bits, found, floors)])
    return picture("accounting", figure, "What a word takes in nats, part by part")


def of_gain(found: PositionGain) -> str:
    """Return where in a word the bits help."""
    return picture("gain", gain_figure([Gains("", found)]), "Nats that the bits save by position")


def of_bits(usage: Sequence[BitUsage], words: int) -> str:
    """Return what each bit knows."""
    figure = bits_figure([use.ones for use in usage], [use.nats for use in usage], words)
    return picture("bits", figure, "What each bit knows of a word, and for how many it is on")

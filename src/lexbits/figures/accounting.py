"""What a word costs in nats, part by part: −ELBO, rate and NLL, with simpler models beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lexbits.figures.style import (
    BLACK,
    BLUE,
    DARK,
    GREEN,
    GREY,
    ORANGE,
    UNLIKE,
    VERMILLION,
    WHITE,
    level_style,
    literal,
    styled,
)
from lexbits.measures.evaluation import Evaluation
from lexbits.training.floors import Floor

WIDE = 0.06
"""Share of the axis from which a part has room for its number."""

LEFT = 0.6
"""Share of the axis from which there is room for a label on the left."""


@dataclass(frozen=True, eq=False)
class Account:
    """What words cost a model.

    Attributes:
        name: what the model is called beside others.
        bits: K; without any, there is an NLL only.
        metrics: the measurements, on held-out words.
        floors: what simpler models reach on the same words.
        words: marks the words: equal for equal ones.
    """

    name: str
    bits: int
    metrics: Evaluation
    floors: Sequence[Floor] = ()
    words: object = None


def accounting_figure(accounts: Sequence[Account]) -> Figure:
    """Return what a word costs a model, in nats and part by part, or what it costs several.

    Of one: −ELBO = distortion + rate, rate = mutual information + marginal KL, NLL = −ELBO − gap,
    and a line for each floor. Of several: a bar for each, with the parts of its −ELBO, its NLL and
    its floors, a plain model among them; a line above says if they are not of the same words.
    """
    return _one(accounts[0]) if len(accounts) == 1 else _several(_beside_plain(accounts))


def _one(account: Account) -> Figure:
    found, floors = account.metrics, sorted(account.floors, key=lambda floor: -floor.nll)
    rows = {"−ELBO": -found.elbo, "rate": found.rate} if account.bits else {}
    nll_row = 2.15 if rows else 0.0
    places = [*range(len(rows)), nll_row, *(nll_row + 0.6 + 0.4 * i for i in range(len(floors)))]
    rows |= {"NLL": found.nll} | {floor.name: floor.nll for floor in floors}
    with styled((1, 1), 0.9 + 0.52 * places[-1]) as (figure, ((axis,),)):
        axis.set_xlim(0, 1.01 * max(rows.values()))
        if account.bits:
            axis.vlines(found.distortion, 0, 1, color=GREY, linewidth=0.6)
            axis.vlines(-found.elbo, 0, nll_row, color=GREY, linewidth=0.6)
            _add_bound(axis, found)
            _add_rate(axis, found)
        _add_nll(axis, found, nll_row, account.bits)
        for number, floor in enumerate(floors):
            place = places[len(places) - len(floors) + number]
            axis.vlines(floor.nll, nll_row + 0.18, place, **level_style(number))
            axis.plot(floor.nll, place, "|", color=GREY, markersize=8, markeredgewidth=1.6)
        axis.set_yticks(places, [f"{name} {value:.2f}" for name, value in rows.items()])
        axis.set_ylim(places[-1] + 0.35, -0.6)
        _finish(axis, [account])
    return figure


def _add_bound(axis: Axes, found: Evaluation) -> None:
    """Draw −ELBO as distortion + rate."""
    _add_bar(axis, 0, 0, found.distortion, BLUE)
    _add_bar(axis, 0, found.distortion, found.rate, VERMILLION)
    _label(axis, 0, 0, f"distortion {found.distortion:.2f}: the word, once its bits are known")
    _label(axis, 0, -found.elbo, f"rate {found.rate:.2f}: its bits", "right")


def _add_rate(axis: Axes, found: Evaluation) -> None:
    """Draw the rate, where it is a part of −ELBO, as mutual information + marginal KL."""
    known = found.distortion + found.mutual_information
    _add_bar(axis, 1, found.distortion, found.mutual_information, GREEN)
    _add_bar(axis, 1, known, found.marginal_kl, ORANGE)
    text = f"mutual information {found.mutual_information:.2f}: what the bits know of the word"
    if known > LEFT * axis.get_xlim()[1]:
        _label(axis, 1, known, text, "right")
    else:
        _label(axis, 1, found.distortion, text)
    text = f"marginal KL {found.marginal_kl:.2f}: how far codes of words are from the prior"
    _label(axis, 1, -found.elbo, text, "right", below=True)


def _add_nll(axis: Axes, found: Evaluation, row: float, bits: int) -> None:
    """Draw the NLL, and the gap between it and −ELBO."""
    gap = -found.elbo - found.nll
    _add_bar(axis, row, 0, found.nll, GREY)
    if bits:
        _add_bar(axis, row, found.nll, gap, WHITE)
        _label(axis, row, 0, f"NLL {found.nll:.2f}: the word by itself")
        _label(axis, row, -found.elbo, f"gap of the bound {gap:.2f}", "right")
    else:
        _label(axis, row, 0, f"NLL {found.nll:.2f}: the word; there are no bits")


def _several(accounts: Sequence[Account]) -> Figure:
    bits = any(account.bits for account in accounts)
    values = [-account.metrics.elbo for account in accounts]
    values += [floor.nll for account in accounts for floor in account.floors]
    numbers = {name: i for i, name in enumerate(_floor_names(accounts))}
    with styled((1, 1), 1.0 + 0.28 * len(accounts)) as (figure, ((axis,),)):
        axis.set_xlim(0, 1.01 * max(values))
        for row, account in enumerate(accounts):
            _add_parts(axis, row, account)
            for floor in account.floors:
                axis.vlines(floor.nll, row - 0.5, row + 0.5, **level_style(numbers[floor.name]))
        _write(axis, -0.75, "−ELBO" if bits else "", "NLL")
        axis.set_yticks(range(len(accounts)), [literal(account.name) for account in accounts])
        axis.set_ylim(len(accounts) - 0.3, -0.6)
        _finish(axis, accounts)
        lines = [Line2D([], [], label=literal(n), **level_style(i)) for n, i in numbers.items()]
        handles, labels = axis.get_legend_handles_labels()
        shown = dict(zip(labels, handles, strict=True))
        nll = shown.pop("NLL")
        handles = [*shown.values(), nll, *lines]
        figure.legend(handles=handles, loc="outside lower left", ncols=min(6, len(handles)))
        if len({account.words for account in accounts}) > 1:
            figure.suptitle(UNLIKE, x=0.01, ha="left", fontsize=8)
    return figure


def _beside_plain(accounts: Sequence[Account]) -> list[Account]:
    """Return the accounts with the only model without bits as a floor of the others."""
    plain = [account for account in accounts if not account.bits]
    if len(plain) != 1:
        return [*accounts]
    floor = Floor(plain[0].name, plain[0].metrics.nll)
    return [
        replace(account, floors=[*account.floors, floor])
        if account.bits and account.words == plain[0].words
        else account
        for account in accounts
    ]


def _add_parts(axis: Axes, row: int, account: Account) -> None:
    """Draw the bar of one of several models, with its NLL marked and written."""
    found, start = account.metrics, 0.0
    parts = [("distortion", found.distortion, BLUE, WHITE)]
    if account.bits:
        parts.append(("mutual information", found.mutual_information, GREEN, WHITE))
        parts.append(("marginal KL", found.marginal_kl, ORANGE, DARK))
    for name, value, colour, of_text in parts:
        _add_bar(axis, row, start, value, colour, 0.62, name)
        if value > WIDE * axis.get_xlim()[1]:
            place = start + value / 2, row
            axis.text(*place, f"{value:.2f}", color=of_text, ha="center", va="center", fontsize=7)
        start += value
    axis.plot(found.nll, row + 0.4, "^", color=BLACK, label="NLL")
    _write(axis, row, f"{-found.elbo:.2f}" if account.bits else "", f"{found.nll:.2f}")


def _floor_names(accounts: Sequence[Account]) -> list[str]:
    """Return the name of each floor, once."""
    return [*dict.fromkeys(floor.name for account in accounts for floor in account.floors)]


def _write(axis: Axes, row: float, bound: str, nll: str) -> None:
    """Write −ELBO and NLL into the columns right of the bars."""
    for x, text in ((1.08, bound), (1.16, nll)):
        place = axis.get_yaxis_transform()
        axis.text(x, row, text, transform=place, ha="right", va="center", fontsize=7)


def _finish(axis: Axes, accounts: Sequence[Account]) -> None:
    """Say what is measured on how many words."""
    words = {account.metrics.words for account in accounts}
    of = f", mean of {words.pop():,} held-out words" if len(words) == 1 else ""
    axis.set_xlabel(f"nats per word{of}")
    axis.grid(visible=False, axis="y")
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)


def _add_bar(
    axis: Axes,
    row: float,
    start: float,
    width: float,
    colour: str,
    height: float = 0.36,
    label: str = "",
) -> None:
    """Draw a part, from where the one before it ends."""
    edge = GREY if colour == WHITE else WHITE
    axis.barh(row, width, height, start, color=colour, edgecolor=edge, linewidth=0.6, label=label)


def _label(
    axis: Axes, row: float, x: float, text: str, side: str = "left", below: bool = False
) -> None:
    """Write above a bar, or below it, from `x` on or up to there."""
    axis.annotate(
        text, (x, row + 0.18 if below else row - 0.18), (0, -1.5 if below else 1.5),
        textcoords="offset points", ha=side, va="top" if below else "bottom", fontsize=7,
        bbox={"facecolor": WHITE, "edgecolor": "none", "pad": 0.5},
    )  # fmt: skip

"""The course of a training, or of several on the same axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lexbits.figures.course import Course, comparable
from lexbits.figures.style import (
    BLUE,
    GREEN,
    VERMILLION,
    colour,
    dashes,
    integer_ticks,
    level,
    literal,
    markers,
    styled,
)

FAR = 30
"""Trainings of lengths this far apart have a logarithmic axis of steps."""

ABOVE = 4
"""Lines this many times as high as the curves are named and not drawn."""

LONG = 20
"""Epochs from which the first tenth no longer sets how high a panel is."""

LINES = {"o": "-", "s": "--", "^": (0, (4, 1, 1, 1))}
"""The line of each marker: what colours tell apart, these do too."""

DIFFERENT = "Not the same dev words: shapes compare, heights do not"

PER_WORD = "nats per word"


@dataclass(frozen=True)
class Panel:
    """A metric in a frame of its own.

    Attributes:
        title: what it is, with its unit.
        metric: its name in records, without the split.
        training: whether it is measured in training too.
        bits: whether it means something with bits only.
        from_zero: whether zero has a meaning that should be seen.
    """

    title: str
    metric: str
    training: bool = False
    bits: bool = False
    from_zero: bool = False


ELBO = Panel(f"ELBO, {PER_WORD}", "elbo", training=True, bits=True)
NLL = Panel(f"NLL, {PER_WORD}", "nll")
PERPLEXITY = Panel("Perplexity per symbol", "perplexity_per_symbol")
RATE = Panel(f"Rate (KL), {PER_WORD}", "rate", training=True, bits=True, from_zero=True)
INFORMATION = Panel("Mutual information, nats", "mutual_information", bits=True, from_zero=True)
DISTORTION = Panel(f"Distortion, {PER_WORD}", "distortion", training=True, bits=True)
ACTIVE = Panel("Active bits", "active_bits", bits=True, from_zero=True)


def training_figure(courses: Sequence[Course]) -> Figure:
    """Return the course of a training by epoch, or of several by step.

    Of one: its training and dev words, the floors as lines, and the best epoch. Of several: their
    dev words, with a dot at the best epoch, and a line above that says if these are not the same.
    """
    figure = _one(courses[0]) if len(courses) == 1 else _several(courses)
    if not comparable(courses):
        figure.suptitle(DIFFERENT, x=0.01, ha="left", fontsize=8)
    return figure


def _one(course: Course) -> Figure:
    if course.settings.bits:
        rows: tuple[tuple[Panel, ...], ...]
        rows = (ELBO, NLL, PERPLEXITY), (RATE, DISTORTION, ACTIVE)
    else:
        rows = ((NLL, PERPLEXITY),)
    epochs = course.values("epoch")
    with styled((len(rows), len(rows[0])), 2.3 * len(rows) + 0.3, sharex=True) as (figure, axes):
        for axis, panel in zip(axes.flat, (p for row in rows for p in row), strict=True):
            axis.set_title(panel.title)
            curves = _curves(panel, course)
            for metric, label, colour_, marker in curves:
                axis.plot(
                    epochs, course.values(metric), color=colour_, label=label,
                    marker=markers(epochs) and marker, linestyle=LINES[marker],
                )  # fmt: skip
            axis.axvline(course.best["epoch"], color="0.75", linewidth=0.8, zorder=0.9)
            lines = _levels(axis, panel, course)
            _fit(axis, panel, [course.values(metric) for metric, *_ in curves], lines)
            if panel in (ELBO, NLL, RATE):
                high = panel is RATE and max([0, *lines]) > 2 * max(course.values("dev_rate"))
                if high:  # below the line of what the bits can hold
                    axis.legend(loc="upper right", bbox_to_anchor=(1, 0.93))
                else:
                    axis.legend()
            integer_ticks(axis.xaxis)
            if panel is ACTIVE:
                integer_ticks(axis.yaxis)
        if len(epochs) == 1:
            axes[0, 0].set_xlim(0.5, 1.5)
        for axis in axes[-1]:
            axis.set_xlabel("epoch")
        axes[-1, 0].set_xlabel("epoch (grey: best dev NLL)")
    return figure


def _curves(panel: Panel, course: Course) -> list[tuple[str, str, str, str]]:
    """Return metric, label, colour and marker of each curve in a panel of one training."""
    curves = [(f"dev_{panel.metric}", "dev", VERMILLION, "o")]
    if panel.training:
        curves.insert(0, (f"train_{panel.metric}", "training", BLUE, "s"))
    if panel is NLL and not course.settings.bits:  # nothing is bounded: it is the distortion
        curves.insert(0, ("train_distortion", "training", BLUE, "s"))
    if panel is RATE:
        curves[0] = "train_rate", "", BLUE, "s"
        curves[1] = "dev_rate", "rate", VERMILLION, "o"
        curves.append(("dev_mutual_information", "mutual information", GREEN, "^"))
    return curves


def _levels(axis: Axes, panel: Panel, course: Course) -> list[float]:
    """Draw the lines that a panel of one training is read by; return where they are."""
    settings = course.settings
    lines: list[tuple[float, str]] = []
    if panel is NLL:
        lines = [(floor.nll, floor.name) for floor in course.floors]
    elif panel is RATE:
        if settings.rate_target:
            lines.append((settings.rate_target, "rate target"))
        elif settings.free_nats and settings.free_nats_per == "word":
            lines.append((settings.free_nats, "free nats"))
        lines.append(_ceiling(course))
    elif panel is ACTIVE:
        lines = [(settings.bits, "")]
    top = max(value for name in ("dev", "train") for value in course.values(f"{name}_rate"))
    return _draw_levels(axis, lines, top if panel is RATE else math.inf)


def _ceiling(course: Course) -> tuple[float, str]:
    """Return the most that bits can know, in nats, and what to call it."""
    bits = course.settings.bits
    most = bits * math.log(2)
    return most, f"{bits} bits: at most {most:.1f}"


def _draw_levels(axis: Axes, lines: Sequence[tuple[float, str]], top: float) -> list[float]:
    """Draw lines, and only name those far above the curves, which reach up to `top`."""
    drawn = [value for value, _ in lines if value <= ABOVE * top]
    for number, (value, label) in enumerate(lines):
        if value in drawn:
            level(axis, value, label, number)
        else:
            axis.plot([], [], " ", label=f"{label}, above")
    return drawn


def _several(courses: Sequence[Course]) -> Figure:
    if any(course.settings.bits for course in courses):
        panels: tuple[Panel, ...] = (ELBO, NLL, PERPLEXITY, RATE, INFORMATION, DISTORTION)
    else:
        panels = (NLL, PERPLEXITY)
    columns = min(3, len(panels))
    rows = len(panels) // columns
    legend = -(-len(courses) // 3)
    height = 2.2 * rows + 0.4 + 0.17 * legend
    with styled((rows, columns), height, sharex=True) as (figure, axes):
        for axis, panel in zip(axes.flat, panels, strict=True):
            axis.set_title(f"{panel.title} (dev)" if panel is panels[0] else panel.title)
            shown, curves = [], []
            for number, course in enumerate(courses):
                if panel.bits and not course.settings.bits:
                    continue
                shown.append(course.values(f"dev_{panel.metric}"))
                curves.append(_add_course(axis, course, f"dev_{panel.metric}", number))
            _fit(axis, panel, shown, _shared_levels(axis, panel, courses))
            if axis.get_legend_handles_labels()[1]:
                axis.legend()
            if panel is NLL:
                names = [literal(course.name) for course in courses]
                figure.legend(curves, names, loc="outside lower left", ncols=min(3, len(courses)))
        longest = [course.records[-1]["step"] for course in courses]
        if max(longest) > FAR * min(longest):
            axes[0, 0].set_xscale("log")
        for axis in axes[-1]:
            axis.set_xlabel("training steps")
    return figure


def _add_course(axis: Axes, course: Course, metric: str, number: int) -> Line2D:
    """Draw a metric of one of several trainings; return its curve."""
    steps, values = course.values("step"), course.values(metric)
    (curve,) = axis.plot(steps, values, color=colour(number), linestyle=dashes(number))
    best = course.best
    axis.plot(best["step"], best[metric], "o", color=colour(number), clip_on=False)
    return curve


def _shared_levels(axis: Axes, panel: Panel, courses: Sequence[Course]) -> list[float]:
    """Draw the line that all trainings share, or each its own; return where they are."""
    lines = {course: line for course in courses if (line := _line(panel, course))}
    if len({*lines.values()}) == 1 and (len(lines) == len(courses) or panel is INFORMATION):
        top = max(max(course.values(f"dev_{panel.metric}")) for course in courses)
        return _draw_levels(axis, [*{*lines.values()}], top)
    if panel is INFORMATION:
        return []
    for number, course in enumerate(courses):
        if course in lines:
            value, what = lines[course]
            label = "" if course is not next(iter(lines)) else f"each its {what}"
            level(axis, value, label, 1, color=colour(number))
    return [value for value, _ in lines.values()]


def _line(panel: Panel, course: Course) -> tuple[float, str] | None:
    """Return the line that a training has in a panel beside others, if it has one."""
    settings = course.settings
    if panel is NLL and course.floors:
        return course.floors[0].nll, course.floors[0].name
    if panel is RATE and settings.bits and settings.rate_target:
        return settings.rate_target, "rate target"
    if panel is INFORMATION and settings.bits:
        return _ceiling(course)
    return None


def _fit(
    axis: Axes, panel: Panel, curves: Sequence[Sequence[float]], lines: Sequence[float]
) -> None:
    """Let a panel be as high as it needs to be, from zero or after the steep beginning."""
    begins = [
        0 if panel.from_zero or len(values) < LONG else len(values) // 10 for values in curves
    ]
    shown = [v for values, begin in zip(curves, begins, strict=True) for v in values[begin:]]
    if not shown:
        return
    ends = [*shown, *lines, *([0.0] if panel.from_zero else [])]
    margin = 0.06 * (max(ends) - min(ends)) or 0.5
    axis.set_ylim(min(ends) - margin, max(ends) + margin)

"""The rows of minutes.py as tables and as figures."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from minutes_jobs import DATA, LEXBITS, MODELS, NGRAM

Rows = list[dict[str, Any]]
KNOWN = {"MI": "mutual_information", "rate": "rate", "marginal KL": "marginal_kl"}
"""What is said of the bits of lexbits."""
MARKERS = ("o", "s", "", "v", "D", "^")
FAR = 1.5
"""A model so many times further from the lowest NLL than the others are has a panel of its own."""


def tables(rows: Rows) -> str:
    """Return, for each list, its test NLL and how it came about, as Markdown."""
    parts = []
    for data in DATA:
        of_data = [row for row in rows if row["data"] == data]
        if of_data:
            words = max(row["words"] for row in of_data)
            parts += [f"### {data}", f"{source(data)}, {words:,} test words. {machines(of_data)}"]
            parts += [likelihoods(of_data), errors(of_data), trainings(of_data)]
    return "\n\n".join(parts)


def source(data: str) -> str:
    """Return how lexbits calls a list."""
    limit = DATA[data].get("limit")
    return f"`{DATA[data]['data']}`" + (f", {limit:,} forms" if limit else "")


def machines(rows: Rows) -> str:
    """Say where and when rows were made."""
    dates = sorted({row["date"] for row in rows})
    steps = [row["notebook_step_ms"] for row in rows if row["notebook_step_ms"]]
    stretch = [row["stretch"] for row in rows if row["minutes"]]
    said = [dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"]
    kinds = {(row["processor"], row["bf16"], row["cores"], row["threads"]) for row in rows}
    said += [
        f"{processor}{', bf16' if bf16 else ''}, {cores} cores, {threads} threads"
        for processor, bf16, cores, threads in sorted(kinds)
    ]
    said += sorted({f"Python {row['python']}, PyTorch {row['torch']}" for row in rows})
    said += sorted({f"lexbits {row['lexbits']}" for row in rows})
    if steps:
        said.append(f"notebook {spread(steps, 1)} ms a step")
    if stretch:
        said.append(f"budgets × {spread(stretch, 2)}")
    return "; ".join(said) + "."


def likelihoods(rows: Rows) -> str:
    """Return the NLL of all models over minutes, the lowest in bold, and what the bits know."""
    models = [model for model in MODELS if any(row["model"] == model for row in rows)]
    bits = [*KNOWN] if LEXBITS in models else []
    lines = [f"| minutes | {' | '.join([*models, *bits])} |"]
    lines.append("|---" * (1 + len(models) + len(bits)) + "|")
    for minutes in budgets(rows):
        found = {model: chosen(rows, model, minutes) for model in models}
        means = {model: mean(group, "nll") for model, group in found.items() if group}
        cells = [f"{minutes:g}"]
        for model, group in found.items():
            cell = spread([row["nll"] for row in group], 3) if group else ""
            cells.append(f"**{cell}**" if group and means[model] == min(means.values()) else cell)
        cells += [
            spread([row[KNOWN[name]] for row in found[LEXBITS]], 2) if found[LEXBITS] else ""
            for name in bits
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def errors(rows: Rows) -> str:
    """Say how much of the NLL is the chance of which words are in test."""
    found = {model: [row for row in rows if row["model"] == model] for model in MODELS}
    said = [f"{model} {mean(group, 'nll_se'):.3f}" for model, group in found.items() if group]
    return f"Standard error over test words: {', '.join(said)}."


def trainings(rows: Rows) -> str:
    """Return how long trainings took, and with which settings, those of all seeds together."""
    lines = [
        "| minutes | model | seeds | seconds | steps | best epoch | settings |",
        "|---" * 7 + "|",
    ]
    for minutes in budgets(rows):
        for model in MODELS:
            group = chosen(rows, model, minutes) if model != NGRAM else []
            if group:
                seconds, budget = ([r[n] for r in group] for n in ("seconds", "budget_seconds"))
                cells = [
                    f"{minutes:g}",
                    model,
                    ", ".join(str(row["seed"]) for row in group),
                    f"{spread(seconds, 0)} of {spread(budget, 0)}",
                    spread([row["steps"] for row in group], 0),
                    spread([row["best_epoch"] for row in group], 0),
                    settings(group),
                ]
                lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def settings(rows: Rows) -> str:
    """Return the settings that rows chose: of seeds that chose differently, each."""
    names = dict.fromkeys(name for row in rows for name in row["settings"])
    said = []
    for name in names:
        values = [str(row["settings"].get(name, "default")) for row in rows]
        said.append(f"{name} {' / '.join(values if len(set(values)) > 1 else values[:1])}")
    return ", ".join(said)


def budgets(rows: Rows) -> list[float]:
    """Return the minutes that there are trainings of."""
    return sorted({row["minutes"] for row in rows if row["model"] != NGRAM})


def chosen(rows: Rows, model: str, minutes: float) -> Rows:
    """Return the rows of a model at a budget, by seed; of the n-gram, its one row at each."""
    found = [r for r in rows if r["model"] == model and (model == NGRAM or r["minutes"] == minutes)]
    return sorted(found, key=lambda row: row["seed"])


def mean(rows: Rows, name: str) -> float:
    """Return the mean of a figure."""
    return float(statistics.mean(row[name] for row in rows))


def spread(values: list[float], digits: int) -> str:
    """Return the mean of values, and the lowest and the highest where they differ."""
    shown = f"{statistics.mean(values):.{digits}f}"
    low, high = f"{min(values):.{digits}f}", f"{max(values):.{digits}f}"
    return shown if low == high else f"{shown} ({low}–{high})"


def draw(rows: Rows, folder: Path) -> None:
    """Draw a figure of each list: NLL over minutes, a line for each model, means over seeds."""
    from lexbits.figures.style import as_file

    folder.mkdir(parents=True, exist_ok=True)
    for data in DATA:
        of_data = [row for row in rows if row["data"] == data]
        if budgets(of_data):
            path = folder / f"minutes-{data}.png"
            path.write_bytes(as_file(figure(of_data, source(data).replace("`", "")), "png"))


def figure(rows: Rows, title: str) -> Any:  # noqa: ANN401 - a figure of matplotlib
    """Return the figure of one list.

    Models whose NLL is so high that the others could not be told apart have a panel above.
    """
    from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

    from lexbits.figures.style import colour, level, styled

    curves = {model: curve(rows, model) for model in MODELS if model != NGRAM}
    curves = {model: points for model, points in curves.items() if points}
    floor = [row["nll"] for row in rows if row["model"] == NGRAM]
    near, far = apart({model: points[-1][1] for model, points in curves.items()}, floor)
    groups = [group for group in (far, near) if group]
    heights = [1, 3] if len(groups) == 2 else [1]
    with styled((len(groups), 1), 3.6, sharex=True, height_ratios=heights) as (drawn, axes):
        for axis, group in zip(axes[:, 0], groups, strict=True):
            for model in group:
                minutes, nll, low, high = (list(each) for each in zip(*curves[model], strict=True))
                number = MODELS.index(model)
                style: dict[str, Any] = {
                    "color": colour(number),
                    "marker": MARKERS[number],
                    "label": model,
                }
                style |= {"linewidth": 2.2, "zorder": 4} if model == LEXBITS else {"zorder": 3}
                axis.plot(minutes, nll, **style)
                axis.fill_between(minutes, low, high, color=colour(number), alpha=0.15, linewidth=0)
            if group is near and floor:
                level(axis, floor[0], NGRAM)
            axis.legend(loc="upper right")
            axis.set_xscale("log")
            axis.xaxis.set_major_locator(FixedLocator(budgets(rows)))
            axis.xaxis.set_minor_locator(NullLocator())
            axis.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes[0, 0].set_title(title)
        axes[-1, 0].set_xlabel("minutes of training")
        axes[-1, 0].set_ylabel("test NLL, nats per word")
    return drawn


def curve(rows: Rows, model: str) -> list[tuple[float, float, float, float]]:
    """Return minutes, mean, lowest and highest NLL of a model."""
    points = []
    for minutes in budgets(rows):
        nll = [row["nll"] for row in chosen(rows, model, minutes)]
        if nll:
            points.append((minutes, statistics.mean(nll), min(nll), max(nll)))
    return points


def apart(last: dict[str, float], floor: list[float]) -> tuple[list[str], list[str]]:
    """Return the models that are drawn together, and those far above them.

    Args:
        last: the NLL that each model ends with.
        floor: that of the n-gram, if it is known.
    """
    order = sorted(last, key=lambda model: last[model])
    for i in range(2, len(order)):
        values = [last[model] for model in order[:i]] + floor
        if last[order[i]] - min(values) > FAR * max(1.0, max(values) - min(values)):
            return order[:i], order[i:]
    return order, []

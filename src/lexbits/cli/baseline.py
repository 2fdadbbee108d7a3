"""`lexbits baseline`: what a model of words has to beat."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from lexbits.cli.arguments import NO_DATA_SETTINGS, Data, DataFlags, RunPath, flags_given
from lexbits.cli.columns import DIFFERENCES, ORDERS, TABLES
from lexbits.cli.output import TABLE, Format, Output, print_json, print_records, print_table, say
from lexbits.config import resolve
from lexbits.errors import UsageError

if TYPE_CHECKING:
    from lexbits.studies.baseline import Comparison, NGramBaseline

app = App(name="baseline", help="Floors: what a model of words has to beat.")
USUAL_ORDERS = ("2..8",)
HIGHEST_ORDER = 50
USUAL_SAMPLES = 100
NAMES = {"ngram": "n-gram", "model": "model", "mixture": "mixture"}


@app.command
def ngram(
    *data: Data,
    orders: Annotated[
        list[str] | None,
        Parameter(help="Orders to choose from by dev, such as 3 4 5 or 3..5 [default: 2..8]"),
    ] = None,
    with_run: Annotated[
        RunPath | None,
        Parameter(
            name="--with",
            help="Run whose model to compare, and to mix with; without DATA, on the run's words. "
            "Else the n-gram is measured alone.",
        ),
    ] = None,
    samples: Annotated[
        int | None,
        Parameter(help="S, importance samples of RUN's model for each word [default: 100]"),
    ] = None,
    settings: DataFlags = NO_DATA_SETTINGS,
    output: Output = TABLE,
) -> None:
    """Measure an interpolated modified Kneser-Ney model on the splits that `train` would make.

    Nats per word, the end of the word counted. With a run, also its model and the mixture of both,
    its weight chosen on dev: what it gains over the model is what the n-gram knows besides.
    """
    tried = _parse_orders(USUAL_ORDERS if orders is None else orders)
    if samples is not None and with_run is None:
        raise UsageError("--samples are those of a run's model: give --with RUN")
    if samples is not None and samples < 1:
        raise UsageError(f"--samples: expected at least 1, found {samples}")
    flags = flags_given(data, settings)
    if with_run and not data and flags.keys() - {"seed"}:
        name = min(flags.keys() - {"seed"}).replace("_", "-")
        raise UsageError(f"--{name}: without DATA the words are those of the run; give DATA too")
    from lexbits.measures.diagnosis import describe_unseen
    from lexbits.runs.folder import RunFolder
    from lexbits.runs.words import read_words
    from lexbits.studies.baseline import ngram_baseline, refuse_other_words, words_of_model
    from lexbits.word_model import WordModel

    wanted = resolve(flags)
    run = RunFolder.open(with_run) if with_run else None
    model = WordModel.load(run.path) if run else None
    words = words_of_model(model) if model and not data else read_words(wanted, say)
    if run and model and data:
        refuse_other_words(run, model, words)
    if run:
        say(f"Scoring with the model of {run.shown}")
    weighting = model.settings if model and not data else wanted
    samples = samples or USUAL_SAMPLES
    found = ngram_baseline(words, tried, model, samples, wanted.seed, weighting)
    if output.json:
        print_json(dataclasses.asdict(found))
        return
    if output.tsv:
        _print_models(found, found.comparison, output)
        return
    rows = [[o, nll, "chosen" if int(o) == found.order else ""] for o, nll in found.dev_nll.items()]
    print_table(ORDERS, rows)
    say(
        f"Order {found.order} on {found.words:,} test words: NLL {found.nll:.3f} ± "
        f"{found.nll_se:.3f}, perplexity per symbol {found.perplexity_per_symbol:.3f}"
    )
    if found.comparison:
        _print_comparison(found, found.comparison)
    unseen = describe_unseen(found)
    if unseen:
        say(unseen)


def _print_models(found: NGramBaseline, comparison: Comparison | None, output: Format) -> None:
    from lexbits.studies.baseline import Likelihood

    floor = {field.name: getattr(found, field.name) for field in dataclasses.fields(Likelihood)}
    rows = [{"model": "ngram", **floor, "dev_nll": found.dev_nll[str(found.order)]}]
    if comparison:
        others = {"model": comparison.model, "mixture": comparison.mixture}
        rows += [{"model": name, **dataclasses.asdict(its)} for name, its in others.items()]
    columns = TABLES["baseline ngram"]
    shown = [c.name for c in columns if c.name != "seen_nll" or found.unseen_words]
    print_records(rows, columns, output, shown=shown, cells={"model": lambda r: NAMES[r["model"]]})


def _print_comparison(found: NGramBaseline, comparison: Comparison) -> None:
    _print_models(found, comparison, TABLE)
    print_table(
        DIFFERENCES,
        [[f"{NAMES[d.model]} - {NAMES[d.than]}", d.nll, d.se] for d in comparison.differences],
    )
    weight = comparison.ngram_weight
    say(
        f"The mixture is one of {comparison.mixed}: {weight:.3f} n-gram + {1 - weight:.3f} model, "
        f"chosen on dev; samples of the model: {comparison.samples}"
    )


def _parse_orders(given: Sequence[str]) -> list[int]:
    """Return the orders that numbers and ranges such as "3..6" stand for."""
    found: set[int] = set()
    for token in given:
        first, dots, last = token.partition("..")
        try:
            orders = range(int(first), int(last if dots else first) + 1)
        except ValueError:
            orders = range(0)
        if not orders or orders[0] < 1 or orders[-1] > HIGHEST_ORDER:
            raise UsageError(
                f"--orders: expected numbers from 1 to {HIGHEST_ORDER}, or a range such as 3..6, "
                f"found {token!r}"
            )
        found.update(orders)
    if not found:
        raise UsageError("--orders: expected numbers from 1, found none")
    return sorted(found)

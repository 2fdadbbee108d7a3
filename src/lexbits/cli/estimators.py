"""`lexbits estimators`: which there are, how they do on your words, whether yours is sound."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from lexbits.cli.arguments import NO_READING_SETTINGS, ReadingFlags, Run, reading_of_other
from lexbits.cli.columns import TABLES
from lexbits.cli.output import TABLE, Format, Output, messages, print_json, print_records, say
from lexbits.errors import UsageError

if TYPE_CHECKING:
    from lexbits.checking import Check, Marks

app = App(name="estimators", help="List, compare and check estimators of gradients for bits.")


@app.command(name="list", sort_key=1)
def list_estimators(*, output: Output = TABLE) -> None:
    """List the estimators: what each needs and costs, its bias, its bound, where it comes from."""
    from lexbits.estimators.registry import available

    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "summary": kind.summary,
            "bound": kind.bound,
            "unbiased": kind.unbiased,
            "bias": kind.bias,
            "evaluations": kind.cost,
            "least_samples": kind.least_samples,
            "needs_factorised_posterior": kind.needs_factorised_q,
            "needs_differentiable_decoder": kind.needs_differentiable_f,
            "most_bits": kind.most_bits,
            "reference": kind.reference,
        }
        for name, kind in available().items()
    ]
    cells = {"unbiased": _bias, "needs": _needs}
    print_records(rows, TABLES["estimators list"], output, cells=cells)
    if output.for_people:
        say("--estimator auto takes the best that --samples evaluations allow.")


@app.command(sort_key=2)
def compare(
    run: Run,
    data: Annotated[
        str | None, Parameter(help="Words to measure on; else the run's dev words.")
    ] = None,
    /,
    *,
    budget: Annotated[int, Parameter(help="Evaluations of the decoder for each word.")] = 4,
    words: Annotated[int, Parameter(help="Words in the batch, drawn at random.")] = 64,
    repeats: Annotated[int, Parameter(help="Estimates of each estimator.")] = 100,
    estimators: Annotated[
        list[str] | None,
        Parameter(help="Only these, also MODULE:NAME or FILE.py:NAME; else all that fit."),
    ] = None,
    exact_limit: Annotated[
        int, Parameter(help="Most bits for which the true gradient is summed over all codes.")
    ] = 10,
    seed: Annotated[int, Parameter(help="Seed of words and noise.")] = 0,
    out: Annotated[
        Path | None,
        Parameter(
            help="Folder for estimators.json and the figure [default: the run; of "
            "pretrained:LANG none]"
        ),
    ] = None,
    reading: ReadingFlags = NO_READING_SETTINGS,
    output: Output = TABLE,
) -> None:
    """Compare estimators on a model and words: gradient variance, direction, bias and time.

    All get the same budget. The gradient is that of the inference network; the reference for cosine
    and bias is exact up to --exact-limit bits, else a long average. Writes estimators.json and a
    figure into the run folder, or into that of --out.
    """
    for name, value, least in (("budget", budget, 1), ("words", words, 1), ("repeats", repeats, 2)):
        if value < least:
            raise UsageError(f"--{name}: expected at least {least}, found {value}")
    from lexbits.estimators.registry import available, estimator_class
    from lexbits.runs.folder import RunFolder
    from lexbits.studies.estimators import compare_estimators

    folder = RunFolder.open(run)
    how = reading_of_other(folder.settings(), reading)
    kinds = {name: estimator_class(name) for name in estimators} if estimators else available()
    with messages().status("Comparing estimators") as status:
        document = compare_estimators(
            folder, data, kinds, budget, words, repeats, exact_limit, seed, status.update, how, out
        )
    if output.json:
        print_json(document)
        return
    ranked = sorted(document["estimators"], key=lambda row: (row["bound"], row["variance"]))
    print_records(ranked, TABLES["estimators compare"], output)
    for name, reason in document["left_out"].items():
        say(f"left out: {name}, {reason}")
    for reference in dict.fromkeys(row["reference"] for row in ranked):
        names = ", ".join(r["estimator"] for r in ranked if r["reference"] == reference)
        say(f"reference gradient: {reference} ({names})")
    where = "estimators.json" if document["files"] else "the columns of --tsv"
    say(
        f"{document['words']} words, {budget} evaluations a word, {repeats} estimates; "
        f"the bias of an unbiased estimator is noise: see bias_noise in {where}"
    )
    for file in document["files"]:
        say(file)
    if not document["files"]:
        say(f"Nothing is written to {document['run']}: --out FOLDER keeps it, --json prints all")


@app.command(sort_key=3)
def check(
    estimator: Annotated[
        str | None,
        Parameter(
            help="MODULE:NAME, FILE.py:NAME, or a name; else all of the list. NAME may be a "
            "function too: an exercise."
        ),
    ] = None,
    /,
    *,
    toy: Annotated[
        Path | None, Parameter(help="JSON file of toys to measure on; else built-in ones.")
    ] = None,
    output: Output = TABLE,
) -> None:
    """Check estimators: bias and variance by enumeration of their noise, and how they behave.

    An estimator of your own, in a file, is imported and run; one that is biased is told which usual
    mistake it looks like. A function, such as elbo(q, prior, log_likelihood, samples) or
    reinforce(q, f, samples), is marked as an exercise. Ends with status 1 if a check fails.
    Without an estimator, all are measured on the toys, as with --toy.
    """
    from lexbits.checking import built_in_toys, check_estimator, mark, read_toys
    from lexbits.estimators.own import checked, is_own, named
    from lexbits.estimators.registry import available, estimator_class

    toys = read_toys(toy) if toy else built_in_toys()
    own = named(estimator)[0] if estimator and is_own(estimator) else None
    if isinstance(own, FunctionType):
        failed = _print_checks(_rows(mark(own)), output)
    elif estimator is None or (toy and output.json):
        kinds = {estimator: estimator_class(estimator)} if estimator else available()
        failed = _measure_all(kinds, toys, output)
    else:
        checks = check_estimator(checked(estimator, own) if own else estimator, toys)
        failed = _print_checks(checks, output)
    if failed:
        counted = "1 check" if len(failed) == 1 else f"{len(failed)} checks"
        say(f"lexbits: {counted} failed: {', '.join(dict.fromkeys(failed))}")
        sys.exit(1)


def _print_checks(checks: list[Check], output: Format) -> list[str]:
    """Print checks; return the names of those that fail."""
    verdicts = {True: "ok", False: "FAILED", None: ""}
    cells = {"passed": lambda found: verdicts[found.passed]}
    print_records(checks, TABLES["estimators check FILE.py:NAME"], output, cells=cells)
    return [found.name for found in checks if found.passed is False]


def _rows(marks: Marks) -> list[Check]:
    """Return what is said of an exercise as checks: of its parts, of mistakes, and notes."""
    from lexbits.checking import Check

    rows = [Check(marks.exercise or "exercise", marks.right, f"{marks.name} {marks.summary}")]
    rows += [Check("mistake", None, f"{m.name}. {m.effect} Hint: {m.hint}") for m in marks.mistakes]
    rows += [Check("note", None, note) for note in marks.notes]
    for part in marks.measured:
        said = f"{part.found:.6g}, expected {part.expected:.6g}"
        said += f"; largest error {part.largest_error:.2g}"
        rows.append(Check(part.part, part.right, said))
    return rows


def _measure_all(kinds: dict[str, Any], toys: list[Any], output: Format) -> list[str]:
    """Print bias and variance of every estimator; return those that are not what they declare."""
    from lexbits.checking import measured, samples_to_try

    rows: list[dict[str, Any]] = []
    for name, kind in kinds.items():
        for toy in (toy for toy in toys if toy.joint == (kind.bound != "elbo")):
            for samples in samples_to_try(kind):
                found = dataclasses.asdict(measured(kind, toy, samples))
                if found["z_score"] is None:
                    del found["z_score"]
                rows.append(
                    {"estimator": name, **found, "declared_unbiased": kind.unbiased,
                     "bound": kind.bound, "toy": toy.name, "note": kind.bias}
                )  # fmt: skip
    print_records(rows, TABLES["estimators check"], output)
    return [r["estimator"] for r in rows if r["declared_unbiased"] and not r["unbiased"]]


def _bias(row: dict[str, Any]) -> str:
    if not row["unbiased"]:
        return "no"
    return "up to scale" if row["bias"] else "yes"


def _needs(row: dict[str, Any]) -> str:
    needs = [
        "Q" if row["needs_factorised_posterior"] else "",
        "dz" if row["needs_differentiable_decoder"] else "",
        f"K ≤ {row['most_bits']}" if row["most_bits"] else "",
        f"S ≥ {row['least_samples']}" if row["least_samples"] > 1 else "",
    ]
    return ", ".join(need for need in needs if need)

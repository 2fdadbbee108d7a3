"""How the gradient estimators of other libraries agree with an exact gradient.

    python benchmarks/estimators.py --toys ../shared/facts/toys.json --draws 20000 \
        --json others.json

Every library that the interpreter can import draws gradients in the logits of three bits; the mean
is compared with the exact gradient by its z-score over the draws, whose number is fixed
beforehand. For lexbits all outcomes of the noise are summed where it is discrete. Libraries that
exclude each other are run in environments of their own: `--merge` takes the rows of such a run.
Prints a table, and below it the reason for each disagreement.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import os
import time
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")

from libraries import genjax, numpyro, pyro, storchastic, tensorflow_probability
from libraries.toys import Case, Library, Toys, judge, load

LEXBITS = Library("lexbits", "lexbits", "pip install -e .", lambda toys, draws: iter(()))
LIBRARIES = (
    pyro.LIBRARY,
    storchastic.LIBRARY,
    numpyro.LIBRARY,
    tensorflow_probability.LIBRARY,
    genjax.LIBRARY,
)
COLUMNS = {
    "library": "library",
    "estimator": "estimator",
    "toy": "toy",
    "samples": "S",
    "evaluations": "evaluations of f",
    "z_score": "largest z",
    "max_abs_bias": "largest bias",
    "total_variance": "variance",
    "verdict": "verdict",
}


def main() -> None:
    """Run what can be imported, print the table, write the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toys", type=Path, help="default: two toys drawn with a fixed seed")
    parser.add_argument("--draws", type=int, default=20_000)
    parser.add_argument("--merge", type=Path, nargs="*", default=[], help="rows of earlier runs")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    toys = load(options.toys)
    rows = lexbits_rows(toys)
    earlier = [json.loads(path.read_text("utf-8")) for path in options.merge]
    for library in LIBRARIES:
        rows += merged(library_rows(library, toys, options.draws), earlier)
    print(table(rows))
    print(reasons(rows))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def lexbits_rows(toys: Toys) -> list[dict[str, Any]]:
    """Return the rows of lexbits itself, its noise enumerated where it is discrete."""
    try:
        checking = importlib.import_module("lexbits.checking")
        estimators = importlib.import_module("lexbits.estimators").ESTIMATORS
    except ImportError as error:
        return [empty(LEXBITS) | {"verdict": message(error), "why": LEXBITS.install}]
    rows = []
    for name, kind in estimators.items():
        single = kind.bound == "elbo"
        numbers = asdict(toys.single if single else toys.multi)
        fields = {"W": "weight", "c": "bias", "v": "out", "phi": "phi"}
        given = {field: numbers[ours].tolist() for field, ours in fields.items()}
        toy = checking.Toy(
            "toy", checking.ToyNumbers(**given, offset=numbers["offset"]), joint=not single
        )
        for samples in checking.samples_to_try(kind):
            found = asdict(checking.measured(kind, toy, samples))
            agrees = "agrees" if found.pop("unbiased") else "disagrees"
            agrees = agrees if kind.unbiased else "declared biased"
            declared = "" if kind.unbiased else kind.bias
            rows.append(
                empty(LEXBITS)
                | {"version": importlib.metadata.version("lexbits"), "estimator": name}
                | {"toy": "single" if single else "multi", "verdict": agrees, "why": declared}
                | {key: found[key] for key in found.keys() & empty(LEXBITS).keys()}
            )
    return rows


def library_rows(library: Library, toys: Toys, draws: int) -> list[dict[str, Any]]:
    """Return a row for each estimator of a library, or one that says why there is none."""
    try:
        version = importlib.metadata.version(library.name)
    except importlib.metadata.PackageNotFoundError:
        return [empty(library) | {"verdict": "not installed", "why": library.install}]
    known = empty(library) | {"version": version}
    try:
        importlib.import_module(library.module)
        return [case_row(known, case) for case in library.cases(toys, draws)]
    except Exception as error:  # other people's code may raise anything
        return [known | {"verdict": message(error), "why": library.install}]


def merged(rows: list[dict[str, Any]], earlier: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the rows, or those of earlier runs where this one had no estimators to show."""
    if any(row["estimator"] for row in rows):
        return rows
    name = rows[0]["library"]
    found = ([row for row in run if row["library"] == name and row["estimator"]] for run in earlier)
    return next(filter(None, found), rows)


def empty(library: Library) -> dict[str, Any]:
    """Return a row without an estimator."""
    names = "version estimator toy samples evaluations draws mean_gradient exact_gradient z_score"
    row = dict.fromkeys([*names.split(), "max_abs_bias", "total_variance", "seconds"])
    return {"library": library.name, **row, "method": "sampling", "verdict": "", "why": ""}


def case_row(known: dict[str, Any], case: Case) -> dict[str, Any]:
    """Run one estimator."""
    row = known | {"estimator": case.estimator, "toy": case.toy, "samples": case.samples}
    row["exact_gradient"] = case.exact.tolist()
    start = time.perf_counter()
    try:
        row |= judge(case, case.run())
    except Exception as error:  # other people's code may raise anything
        row["verdict"] = message(error)
    row["seconds"] = round(time.perf_counter() - start, 2)
    return row | {"why": "" if row["verdict"] == "agrees" else case.why}


def message(error: Exception) -> str:
    """Return an exception in one line."""
    text = str(error).strip().split("\n")[0]
    return f"error: {type(error).__name__}: {text}".removesuffix(": ")


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows as a table in Markdown."""
    lines = ["| " + " | ".join(COLUMNS.values()) + " |", "|---" * len(COLUMNS) + "|"]
    lines += ["| " + " | ".join(cell(row, name) for name in COLUMNS) + " |" for row in rows]
    return "\n".join(lines)


def cell(row: dict[str, Any], name: str) -> str:
    """Return one cell of the table."""
    value = row[name]
    if name == "library" and row["version"]:
        return f"{value} {row['version']}"
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.1f}" if name == "z_score" else f"{value:.4g}"
    return str(value).replace("|", "\\|")


def reasons(rows: list[dict[str, Any]]) -> str:
    """Return, for each row that does not agree, why."""
    named: dict[str, list[str]] = {}
    for row in rows:
        if row["why"]:
            names = named.setdefault(f"{row['library']}: {row['why']}", [])
            names += [row["estimator"] or row["verdict"]]
    return "\n".join(f"- {why} ({'; '.join(dict.fromkeys(names))})" for why, names in named.items())


if __name__ == "__main__":
    main()

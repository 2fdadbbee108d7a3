"""`lexbits evaluate`: the measurements of a model."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from lexbits.cli.arguments import Json, Run
from lexbits.cli.figures_table import figure_rows
from lexbits.cli.output import counting, duration, print_json, print_table, say
from lexbits.errors import UsageError

if TYPE_CHECKING:
    from lexbits.api import WordModel
    from lexbits.data.source import SplitName


def evaluate(
    run: Run,
    data: Annotated[
        str | None, Parameter(help="Other words to measure on; else the run's.")
    ] = None,
    /,
    *,
    split: Annotated[
        Literal["train", "dev", "test"], Parameter(help="Which words of the run, or of DATA.")
    ] = "test",
    samples: Annotated[int, Parameter(help="S, importance samples for each word.")] = 100,
    layout: Annotated[
        Literal["auto", "sigmorphon", "unimorph", "words"], Parameter(help="Columns of DATA.")
    ] = "auto",
    data_folder: Annotated[str | None, Parameter(help="Folder with SIGMORPHON files.")] = None,
    unseen_only: Annotated[
        bool, Parameter(negative="", help="Leave out words that the model was trained on.")
    ] = False,
    words: Annotated[
        int | None, Parameter(help="Measure on so many words, drawn at random; else on all.")
    ] = None,
    exact: Annotated[
        bool,
        Parameter(
            negative="",
            help="Sum over all codes: exact likelihood, ELBO and the parts of the gap. With more "
            "bits than --exact-limit, bound the likelihood by each word's --codes best codes.",
        ),
    ] = False,
    exact_limit: Annotated[int, Parameter(help="Most bits of which all codes are summed.")] = 20,
    codes: Annotated[int, Parameter(help="Codes for each word above that limit.")] = 1000,
    seed: Annotated[int, Parameter(help="Seed of the samples, and of --words.")] = 0,
    json: Json = False,
) -> None:
    """Measure likelihood, ELBO, rate and distortion on words, in nats per word.

    Of the run's own dev words, those that occur in training are always left out and counted.
    """
    for name, value in (("samples", samples), ("codes", codes), ("words", words)):
        if value is not None and value < 1:
            raise UsageError(f"--{name}: expected at least 1, found {value}")
    from lexbits.api import WordModel
    from lexbits.inference.diagnosis import collapse_advice, describe_information

    model = WordModel.load(run)
    forms, removed = _forms(run, model, data, split, layout, data_folder)
    forms, overlap = _against_training(model, forms, unseen_only, split)
    if words is not None and words < len(forms):
        forms = random.Random(seed).sample(forms, words)
    figures = model.evaluate(forms, samples=samples, seed=seed)
    source = data or "the run's own words"
    document = {
        "run": str(run),
        "data": data,
        "split": split,
        **dataclasses.asdict(figures),
        "dev_overlap_removed": removed,
        "train_overlap": overlap,
        "unseen_only": unseen_only,
        "information": describe_information(figures, model.settings.bits),
    }
    if exact:
        document |= _exact(model, forms, exact_limit, codes)
    if json:
        print_json(document)
        return
    say(
        f"{split} split of {source}: {figures.words:,} words, {figures.symbols:,} symbols, "
        f"{figures.samples} samples; nats per word"
    )
    if split == "dev" and data is None and removed:
        say(f"{removed:,} dev rows whose form occurs in training are left out.")
    print_table(("measure", "value", "meaning"), figure_rows(document))
    by_samples = ", ".join(f"{v:.3f} (S={s})" for s, v in figures.nll_by_samples.items())
    say(f"NLL by importance samples: {by_samples}")
    for line in (document["information"], collapse_advice(figures, model.settings.bits)):
        if line:
            say(str(line))


def _forms(
    run: Path, model: WordModel, data: str | None, split: SplitName, layout: str,
    data_folder: str | None,
) -> tuple[list[str], int]:  # fmt: skip
    """Return the words to measure on, and how many of dev were left out for being in training."""
    from lexbits.data import load_entries
    from lexbits.run import RunFolder
    from lexbits.summary import split_forms

    if data is None:
        return split_forms(RunFolder.open(run), split)
    folder = data_folder or model.settings.data_folder
    how = model.settings.model_copy(update={"layout": layout, "data_folder": folder})
    entries, notes = load_entries(data, how, split, say)
    for note in notes:
        say(note)
    return [entry.form for entry in entries], 0


def _against_training(
    model: WordModel, forms: list[str], unseen_only: bool, split: str
) -> tuple[list[str], int]:
    """Return the words, without those of training if asked for, and how many of those there are."""
    known = {word for word, where in model.words.items() if where == "train"}
    overlap = sum(form in known for form in forms)
    if unseen_only and split != "train":
        forms = [form for form in forms if form not in known]
        if not forms:
            raise UsageError("--unseen-only leaves no words: the model was trained on all of them")
    elif overlap and split != "train":
        say(
            f"Note: {overlap:,} of {len(forms):,} words occur in the training words, which "
            "flatters the model; --unseen-only leaves them out."
        )
    return forms, overlap


def _exact(model: WordModel, forms: list[str], limit: int, codes: int) -> dict[str, Any]:
    """Sum over all codes if they are few enough, else over the best; say first what it takes."""
    bits = model.settings.bits
    if bits > limit:
        say(
            f"{bits} bits are more than --exact-limit {limit}: bounding the likelihood by the "
            f"{codes:,} most probable codes of each word"
        )
        return dataclasses.asdict(model.lower_bound(forms, codes=codes))
    cost = model.exact_cost(forms)
    say(
        f"Exact: {cost.codes:,} codes × {cost.prefixes:,} prefixes of {len(forms):,} words, about "
        f"{duration(cost.seconds)} and {cost.bytes / 2**20:,.0f} MB"
    )
    with counting("pairs of a code and a word") as progress:
        return dataclasses.asdict(model.exact(forms, limit=limit, progress=progress))

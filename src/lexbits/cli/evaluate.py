"""`lexbits evaluate`: the measurements of a model."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

from cyclopts import Parameter

from lexbits.cli.arguments import Json, Run
from lexbits.cli.figures_table import figure_rows
from lexbits.cli.output import print_json, print_table, say
from lexbits.errors import UsageError


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
    seed: Annotated[int, Parameter(help="Seed of the samples.")] = 0,
    json: Json = False,
) -> None:
    """Measure likelihood, ELBO, rate and distortion on words, in nats per word.

    Of the run's own dev words, those that occur in training are always left out and counted.
    """
    if samples < 1:
        raise UsageError(f"--samples: expected at least 1, found {samples}")
    from lexbits.api import WordModel
    from lexbits.data import load_entries
    from lexbits.inference.diagnosis import collapse_advice, describe_information
    from lexbits.run import RunFolder
    from lexbits.summary import split_forms

    folder = RunFolder.open(run)
    model = WordModel.load(run)
    known = {word for word, where in model.words.items() if where == "train"}
    removed = 0
    if data is None:
        forms, removed = split_forms(folder, split)
    else:
        folder_given = data_folder or model.settings.data_folder
        how = model.settings.model_copy(update={"layout": layout, "data_folder": folder_given})
        entries, notes = load_entries(data, how, split, say)
        for note in notes:
            say(note)
        forms = [entry.form for entry in entries]
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
    for line in (document["information"], collapse_advice(figures, model.settings.bits)):
        if line:
            say(str(line))

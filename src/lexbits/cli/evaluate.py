"""`lexbits evaluate`: the measurements of a model."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from lexbits.cli.arguments import (
    NO_READING_SETTINGS,
    Device,
    Precision,
    ReadingFlags,
    Run,
    reading_of_other,
)
from lexbits.cli.columns import TABLES
from lexbits.cli.measurements import print_measurements
from lexbits.cli.metrics_table import scalars
from lexbits.cli.output import TABLE, Output, counting, duration, print_json, print_table, say
from lexbits.cli.usage import Switch
from lexbits.errors import UsageError

if TYPE_CHECKING:
    from lexbits.config import Settings
    from lexbits.data import Entry
    from lexbits.data.source import SplitName
    from lexbits.measures import Evaluation
    from lexbits.word_model import WordModel

EXACT_LIMIT = 20
CODES = 1000
QUALITY_SAMPLES = 3000


def evaluate(
    run: Run,
    /,
    *data: Annotated[
        str, Parameter(help="Other words to measure on, files as one list; else the run's.")
    ],
    split: Annotated[
        Literal["train", "dev", "test"], Parameter(help="Which words of the run, or of DATA.")
    ] = "test",
    samples: Annotated[int, Parameter(help="S, importance samples for each word.")] = 100,
    reading: ReadingFlags = NO_READING_SETTINGS,
    unseen_only: Annotated[
        bool, Switch(help="Leave out words that the model was trained on.")
    ] = False,
    words: Annotated[
        int | None, Parameter(help="Measure on this many words, drawn at random; else on all.")
    ] = None,
    exact: Annotated[
        bool,
        Switch(
            help="Sum over all codes: exact likelihood, ELBO and the parts of the gap. With more "
            "bits than --exact-limit, bound the likelihood by each word's --codes best codes.",
        ),
    ] = False,
    exact_limit: Annotated[
        int, Parameter(help="Most bits of which all codes are summed.")
    ] = EXACT_LIMIT,
    codes: Annotated[int, Parameter(help="Codes for each word above that limit.")] = CODES,
    search_codes: Annotated[
        bool, Switch(help="Also rebuild words from codes that are searched for.")
    ] = False,
    gain_words: Annotated[
        int | Literal["all"],
        Parameter(help="Words on which the nats saved at each position are measured."),
    ] = 2000,
    sample_quality: Annotated[
        bool,
        Switch(
            help="Compare the words that the model makes up with those of an n-gram and with the "
            "run's dev and test words: new ones, copies, distances, nats under n-grams.",
        ),
    ] = False,
    quality_samples: Annotated[
        int, Parameter(help="Words drawn for --sample-quality.")
    ] = QUALITY_SAMPLES,
    seed: Annotated[int, Parameter(help="Seed of the samples, and of --words.")] = 0,
    device: Device = "cpu",
    precision: Precision = "fp32",
    output: Output = TABLE,
) -> None:
    """Measure likelihood, ELBO, rate and distortion on words, in nats per word.

    Of the run's own dev words, those that occur in training are always left out and counted.
    """
    counts = {
        "samples": samples, "codes": codes, "words": words, "gain-words": gain_words,
        "quality-samples": quality_samples,
    }  # fmt: skip
    for name, value in counts.items():
        if isinstance(value, int) and value < 1:
            raise UsageError(f"--{name}: expected at least 1, found {value}")
    for name, changed, needed, given in (
        ("exact-limit", exact_limit != EXACT_LIMIT, "exact", exact),
        ("codes", codes != CODES, "exact", exact),
        ("quality-samples", quality_samples != QUALITY_SAMPLES, "sample-quality", sample_quality),
    ):
        if changed and not given:
            raise UsageError(f"--{name} would change nothing: give --{needed} too")
    from lexbits.cli.next_steps import lines_of_steps, next_measurements
    from lexbits.data import forms_of
    from lexbits.data.source import name_of
    from lexbits.measures.diagnosis import collapse_advice, describe_negative, describe_unseen
    from lexbits.word_model import WordModel

    model = WordModel.load(run, device, precision)
    if sample_quality and not model.words.splits.get("train"):
        raise UsageError(
            f"--sample-quality: {model.source} has no training words to compare samples with"
        )
    entries, removed = _entries(model, data, split, reading)
    entries, overlap = _against_training(model, entries, unseen_only, data, split)
    if words is not None and words < len(entries):
        entries = random.Random(seed).sample(entries, words)
    forms = forms_of(entries)
    metrics = model.evaluate(forms, samples=samples, seed=seed)
    document = {
        "run": model.source,
        "data": name_of(data) if data else None,
        "split": split,
        **dataclasses.asdict(metrics),
        "dev_overlap_removed": removed,
        "train_overlap": overlap,
        "unseen_only": unseen_only,
        "unseen": describe_unseen(metrics),
        "negative": describe_negative(metrics),
        **_bits_in_use(
            model, forms, metrics, None if gain_words == "all" else gain_words, search_codes
        ),
    }
    if exact:
        document |= _exact(model, forms, exact_limit, codes)
    if sample_quality:
        document["sample_quality"] = _sample_quality(model, quality_samples, seed)
    if output.json:
        print_json(document)
        return
    if output.tsv:
        print_table(TABLES["evaluate"], scalars(document), output)
        return
    advice = collapse_advice(metrics, model.settings)
    print_measurements(document, name_of(data) if data else "the run's own words", advice)
    for line in lines_of_steps(next_measurements(model.source, model.settings.bits, document)):
        say(line)


def _bits_in_use(
    model: WordModel, forms: list[str], metrics: Evaluation, gain_words: int | None, search: bool
) -> dict[str, Any]:
    """Return what comes back from the bits, where in a word they help, and that in words."""
    from lexbits.measures.diagnosis import describe_information

    rebuilt = gain = None
    if model.settings.bits:
        rebuilt = dataclasses.asdict(model.reconstruction(forms, search=search))
        gain = model.position_gain(forms, most=gain_words)
    found = dataclasses.asdict(gain) if gain else {}
    return {
        "reconstruction": rebuilt,
        "gain_words": found.get("words"),
        "gain_total": found.get("total"),
        "gain_from_start": found.get("from_start", []),
        "gain_from_end": found.get("from_end", []),
        "information": describe_information(metrics, model.settings.bits, gain),
    }


def _sample_quality(model: WordModel, samples: int, seed: int) -> dict[str, Any]:
    say(f"Drawing {samples:,} words from the model and from an n-gram")
    return dataclasses.asdict(model.sample_quality(samples, seed=seed))


def _entries(
    model: WordModel, data: Sequence[str], split: SplitName, reading: Settings
) -> tuple[Sequence[Entry], int]:
    """Return the words to measure on, and how many of dev were left out for being in training."""
    from lexbits.data import load_entries
    from lexbits.studies.summary import split_entries

    if not data:
        entries, removed = split_entries(model.words, split)
        if not entries:
            raise UsageError(f"the run holds no {split} words; give DATA, or another --split")
        return entries, removed
    first, *more = data
    how = reading_of_other(model.settings, reading)
    entries, notes = load_entries(first, how, split, say, more)
    for note in notes:
        say(note)
    return entries, 0


def _against_training(
    model: WordModel, entries: Sequence[Entry], unseen_only: bool, data: Sequence[str], split: str
) -> tuple[Sequence[Entry], int]:
    """Return the words, without those of training if asked for, and how many of those there are."""
    if not data and split == "train":
        return entries, len(entries)
    unseen = [entry for entry in entries if model.words.get(entry.form) != "train"]
    overlap = len(entries) - len(unseen)
    if unseen_only and split != "train":
        entries = unseen
        if not entries:
            raise UsageError("--unseen-only leaves no words: the model was trained on all of them")
    elif overlap and split != "train":
        say(
            f"Note: {overlap:,} of {len(entries):,} words occur in the training words, which "
            "flatters the model; --unseen-only leaves them out."
        )
    return entries, overlap


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

"""Train and measure the models that come with lexbits, and put them into the package.

    python benchmarks/pretrain.py --runs FOLDER              # all ten languages: hours
    python benchmarks/pretrain.py es --runs FOLDER

FOLDER/LANG is an ordinary run, `best` on the words of simplemma, seed 0. One that is there is
resumed, and a finished one is taken as it is, so that this can be stopped at any time and given
again. Then the model is rounded to half precision, measured on all dev and test words beside its
first teacher (the plain model) and an n-gram, and written to src/lexbits/pretrained/models/LANG,
whole or not at all: the folder of the run without its words and what only a training needs.
"""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import lexbits.pretrained.places
from lexbits import WordModel
from lexbits.data import forms_of
from lexbits.data.dictionary_index import DictionaryIndex
from lexbits.measures.percentiles import Percentiles
from lexbits.pretrained import Card
from lexbits.pretrained.places import CARD, PREFIX
from lexbits.runs.checkpoints import MODEL, pack_model, read_model, read_progress
from lexbits.runs.floors import FLOORS
from lexbits.runs.folder import ENVIRONMENT, METRICS, RunFolder
from lexbits.runs.identity import ALPHABET, FACTS, IDENTITY, sha256
from lexbits.runs.lookup import LOOKUP, pack_lookup
from lexbits.runs.text import json_text

LANGUAGES = ["es", "en", "de", "fr", "it", "pt", "nl", "tr", "fi", "ru"]
FLAGS = ("--preset", "best", "--precision", "bf16", "--seed", "0")
KEPT = (
    *("config.toml", ALPHABET, IDENTITY, FACTS, ENVIRONMENT, METRICS),
    f"teachers/1/{METRICS}",  # for the line of it in the figure of the training
)
CHECKED_WORDS, CHECKED_SAMPLES = 500, 10


def main() -> None:
    """Train what is not trained yet, measure it, and write it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("languages", nargs="*", default=LANGUAGES, metavar="LANG")
    parser.add_argument("--runs", type=Path, required=True, help="folder of the runs")
    parser.add_argument(
        "--out", type=Path, default=lexbits.pretrained.places.MODELS, help="folder of the models"
    )
    options = parser.parse_args()
    for language in options.languages:
        run = train(language, options.runs / language)
        card = write(run, options.out / language, PREFIX + language)
        print(f"{card.name}: written to {options.out / language}")


def train(language: str, folder: Path) -> RunFolder:
    """Return the finished run of a language; what is missing of it is trained."""
    run = RunFolder.open(folder) if RunFolder.is_at(folder) else None
    progress = read_progress(run) if run else None
    if run is None or not (progress and progress.finished):
        begin = [f"simplemma:{language}", *FLAGS, "--out", str(folder)]
        arguments = ["--resume", str(folder)] if run else begin
        subprocess.run([sys.executable, "-m", "lexbits", "train", *arguments], check=True)
    return RunFolder.open(folder)


def write(run: RunFolder, out: Path, name: str) -> Card:
    """Write the model of a run, in half precision, and its card, to the folder `out`."""
    network, records = read_model(run)
    network.half()
    facts = {"epochs": len(records)}
    content = pack_model(network, facts, run.digest(), records)
    model = WordModel.load(run.path)
    model.network.load_state_dict(network.state_dict())
    words = forms_of(run.split("test"))[:CHECKED_WORDS]
    checked = model.evaluate(words, samples=CHECKED_SAMPLES, seed=0)
    card = dataclasses.replace(
        model.card(),
        name=name,
        precision="float16",
        bytes=len(content),
        sha256=sha256(content),
        command=f"python benchmarks/pretrain.py {name.removeprefix(PREFIX)} --runs FOLDER",
        checked_words=len(words),
        checked_nll=checked.nll,
    )
    scores = Percentiles(model.network, model.alphabet, forms_of(run.split("test"))).scored()
    lookup = pack_lookup(run, DictionaryIndex.of(name.removeprefix(PREFIX)), scores)
    floors = {"ngram": {"name": f"{card.ngram_order}-gram", "dev_nll": card.ngram_dev_nll}}
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".partial-") as place:
        draft = Path(place) / "model"
        draft.mkdir()
        for file in filter(run.has, KEPT):
            (draft / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(run.path / file, draft / file)
        (draft / FLOORS).write_text(json_text(floors), "utf-8")
        (draft / MODEL).write_bytes(content)
        (draft / LOOKUP).write_bytes(lookup)
        (draft / CARD).write_text(json_text(card.to_dict()), "utf-8")
        if out.exists():
            out.rename(Path(place) / "earlier")
        draft.rename(out)
    return card


if __name__ == "__main__":
    main()

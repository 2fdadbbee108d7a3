"""500 words of a domain: learned by a trained model, and from nothing.

    python benchmarks/fine_tuning.py --models es=pretrained:es en=pretrained:en de=pretrained:de \
        --out runs --json fine-tuning.json

The domains are dictionary forms of the embedded words with certain suffixes, such as medicine
names. Left out are the words of the pre-trained model, whatever their split, and those of which it
has another form of the same lemma. The others are grouped by their first six letters, their stem:
500 words to learn from, 300 by which the defaults of fine-tuning were chosen, and at most 400 test
words, no stem in two of them. Of the 500, a tenth selects the best epoch, as for any list.

    lexbits train LIST --test TEST --seed N --start-from MODEL --out RUN      fine-tuned
    lexbits train LIST --test TEST --seed N --out RUN                         from nothing

The latter with --preset if one is given here, as is fair where the model is a small one.

Beside them the pre-trained model as it is and the Kneser-Ney n-gram of the 500 words. Test words
have no character that the 500 lack, so all models spell the same. Runs in --out and rows in --json
are kept, so that a stopped benchmark goes on. One thread for each process.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

DOMAINS: dict[str, dict[str, str]] = {
    "es": {
        "substances": "ina ol azol ida asa osa",
        "medicine": "itis osis oma emia algia patía uria plejia iasis scopia tomía ectomía grafía "
        "logía terapia",
    },
    "en": {
        "substances": "ine ide ol in azole ane ene ase",
        "medicine": "itis osis oma emia aemia algia pathy uria plegia iasis ectomy otomy scopy "
        "graphy logy therapy plasty",
    },
    "de": {
        "science": "logisch pathisch itisch otisch ämisch grafisch graphisch metrisch skopisch "
        "nomisch tropisch phonisch lytisch atisch etisch istisch",
        "-bar, -los, -haft": "bar los haft",
    },
}
"""Suffixes of dictionary forms. German nouns have capitals and are not among the embedded words."""

STEM = 6
TRAIN, DEVELOPMENT, MOST_TEST = 500, 300, 400
TUNED, SCRATCH, AS_IS, NGRAM = "fine-tuned", "from nothing", "pre-trained, as it is", "n-gram"


def main() -> None:
    """Run what is missing and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", nargs="+", required=True, metavar="LANG=RUN")
    parser.add_argument("--domains", nargs="+", help="only these, such as es/medicine")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--samples", type=int, default=100, help="S, on the test words")
    parser.add_argument("--steps", help="of the fine-tuning; else its default")
    parser.add_argument("--preset", default="default", help="of the trainings from nothing")
    parser.add_argument("--out", type=Path, required=True, help="folder for lists and runs")
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    models = dict(model.split("=", 1) for model in options.models)
    rows = json.loads(options.json.read_text("utf-8")) if options.json.exists() else []
    lists = {
        f"{language}/{domain}": model
        for language, model in models.items()
        for domain in DOMAINS[language]
        if not options.domains or f"{language}/{domain}" in options.domains
    }
    for name, model in lists.items():
        write_lists(name, model, options.out)
    wanted = [(name, way, 0) for name in lists for way in (AS_IS, NGRAM)] + [
        (name, way, seed) for seed in options.seeds for name in lists for way in (TUNED, SCRATCH)
    ]
    done = {(row["list"], row["way"], row["seed"]) for row in rows}
    missing = [job for job in wanted if job not in done]
    with ThreadPoolExecutor(options.processes) as pool:
        for row in pool.map(lambda job: measured(options, lists, *job), missing):
            rows.append(row)
            options.json.write_text(json.dumps(rows) + "\n", encoding="utf-8")
    print(table(rows))


def write_lists(name: str, model: str, out: Path) -> None:
    """Write the words of a domain to learn from and to test by, as text and without the learned."""
    from lexbits import WordModel
    from lexbits.data.embedded import load_embedded

    language, domain = name.split("/", 1)
    train_file, test_file = files(out, name)
    if test_file.exists():
        return
    entries, _ = load_embedded(language, "all", 30)
    known = WordModel.load(model).words
    lemmas = {entry.lemma for entry in entries if entry.form in known}
    suffixes = tuple(DOMAINS[language][domain].split())
    forms = [
        entry.form
        for entry in entries
        if entry.form == entry.lemma and entry.form.endswith(suffixes) and entry.form not in lemmas
    ]
    stems = sorted({form[:STEM] for form in forms})
    random.Random(0).shuffle(stems)
    order = {stem: place for place, stem in enumerate(stems)}
    forms.sort(key=lambda form: (order[form[:STEM]], form))
    train, before = forms[:TRAIN], {form[:STEM] for form in forms[: TRAIN + DEVELOPMENT]}
    characters = set("".join(train))
    test = [
        form
        for form in forms[TRAIN + DEVELOPMENT :]
        if form[:STEM] not in before and characters.issuperset(form)
    ][:MOST_TEST]
    train_file.parent.mkdir(parents=True, exist_ok=True)
    train_file.write_text("\n".join(train) + "\n", encoding="utf-8")
    test_file.write_text("\n".join(test) + "\n", encoding="utf-8")


def files(out: Path, name: str) -> tuple[Path, Path]:
    """Return the files of the words to learn from and to test by."""
    place = out / "".join(c if c.isalnum() else "-" for c in name)
    return place / "words.txt", place / "test.txt"


def measured(
    options: argparse.Namespace, models: dict[str, str], name: str, way: str, seed: int
) -> dict[str, Any]:
    """Return the NLL of each test word, training first if there is a training."""
    words, test = files(options.out, name)
    row: dict[str, Any] = {"list": name, "way": way, "seed": seed}
    forms = test.read_text("utf-8").split()
    if way == NGRAM:
        return row | {"nll": ngram(words.read_text("utf-8").split(), forms)}
    place = models[name]
    if way != AS_IS:
        run = words.parent / f"{way.replace(' ', '-')}-{seed}"
        start = ["--start-from", place] if way == TUNED else ["--preset", options.preset]
        if way == TUNED and options.steps:
            start += ["--steps", options.steps]
        given = (str(words), "--test", str(test), "--seed", str(seed), *start, "--out", str(run))
        train(["--resume", str(run)] if (run / "config.toml").exists() else [*given])
        row |= course(run)
        place = str(run)
    return row | {"nll": score(place, forms, options.samples)}


def train(arguments: Iterable[str]) -> None:
    """Train in a process of its own, of one thread."""
    command = [sys.executable, "-m", "lexbits", "train", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run(command, check=True, stdout=sys.stderr, env=environment)


def course(run: Path) -> dict[str, Any]:
    """Return what the training of a run was."""
    from lexbits.runs.folder import RunFolder
    from lexbits.training.records import best_record

    records = RunFolder.open(run).metrics()
    return {
        "epochs": len(records),
        "best_epoch": best_record(records)["epoch"],
        "seconds": sum(record["seconds"] for record in records),
    }


def score(place: str, forms: list[str], samples: int) -> list[float]:
    """Return −log P of each word by a model, in nats."""
    from lexbits import WordModel

    found = WordModel.load(place).score(forms, samples=samples, seed=0)
    return [-each.log_prob for each in found]


def ngram(words: list[str], forms: list[str]) -> list[float]:
    """Return −log P of each word by the n-gram of the order that is best on a tenth of `words`."""
    from lexbits.alphabet import Alphabet
    from lexbits.data.corpus import Corpus
    from lexbits.ngram import NGram, choose_order

    alphabet = Alphabet.from_words(words)
    held_out = random.Random(0).sample(words, len(words) // 10)
    kept = [word for word in words if word not in held_out]
    counted, dev, every, test = (
        Corpus.from_words(part, alphabet) for part in (kept, held_out, words, forms)
    )
    _, nll_by_order = choose_order(counted, dev, alphabet, range(2, 9))
    order = min(nll_by_order, key=lambda order: nll_by_order[order])
    return [float(-value) for value in NGram.fit(every, alphabet, order).log_prob(test)]


def table(rows: list[dict[str, Any]]) -> str:
    """Return the test NLL as a table in Markdown: means over seeds, differences word by word."""
    from lexbits.measures.bootstrap import paired_bootstrap

    ways = (AS_IS, NGRAM, SCRATCH, TUNED)
    lines = [
        f"| domain | test words | {' | '.join(ways)} | − from nothing [95 %] | − n-gram [95 %] "
        "| seeds | best epoch | training, s (from nothing) |",
        "|" + "---|" * 11,
    ]
    for name in dict.fromkeys(row["list"] for row in rows):
        found = {way: [r for r in rows if (r["list"], r["way"]) == (name, way)] for way in ways}
        seeds = {row["seed"] for row in found[TUNED]} & {row["seed"] for row in found[SCRATCH]}
        for way in (TUNED, SCRATCH):
            found[way] = [row for row in found[way] if row["seed"] in seeds]
        if not all(found.values()):
            continue
        nll = {way: np.array([row["nll"] for row in found[way]]) for way in ways}
        means = {way: values.mean(1) for way, values in nll.items()}
        cells = [name, str(nll[NGRAM].shape[1])]
        for way in ways:
            spread = f" ({means[way].min():.2f}–{means[way].max():.2f})" if len(seeds) > 1 else ""
            cells.append(f"{means[way].mean():.2f}{spread if way in (TUNED, SCRATCH) else ''}")
        for way in (SCRATCH, NGRAM):
            by_word = nll[TUNED].mean(0) - nll[way].mean(0)
            low, high = paired_bootstrap(by_word)
            cells.append(f"{by_word.mean():+.2f} [{low:+.2f}, {high:+.2f}]")
        epochs = [f"{row['best_epoch']} of {row['epochs']}" for row in found[TUNED]]
        seconds = (statistics.mean(row["seconds"] for row in found[w]) for w in (TUNED, SCRATCH))
        cells += [str(len(seeds)), ", ".join(epochs), "{:.0f} ({:.0f})".format(*seconds)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()

"""Seconds of training, evaluation and decoding, alternating with the founding notebook.

    python benchmarks/speed.py --baseline ../shared/baseline \
        --data ../shared/data/sigmorphon2016 --json speed.json

Without --baseline only lexbits is timed. Each measurement is a process of its own, the sizes are
the notebook's (embedding 256, hidden 256, 16 bits, batch 64, one sample, bidirectional encoder),
and nothing else should run. A ratio is notebook / lexbits, of the medians over rounds:

- training: milliseconds a step of 64 words, data preparation included, in fp32 and in bf16 where
  the processor has it;
- evaluation: the importance-sampled NLL of test words, S = 100. The notebook reads 256 of them,
  each at the same cost. lexbits reads all, with a trained model of hidden size 256 and 16 bits:
  words share what has been read of others with the same code, the more the more there are and the
  surer the codes. Its seconds are those of as many symbols as the 256 words have. Without --run
  the preset `default` is trained first, once;
- evaluation, untrained: the same 256 words by an untrained model, where nearly all codes differ;
- decoding: 1,000 random codes greedily. The notebook decodes 50 symbols of each whatever they are,
  lexbits stops when all words have ended, so it has first learned for 200 steps what ends one. A
  beam of 8 is timed beside it.

    python benchmarks/speed.py --data ../shared/data/sigmorphon2016 --precisions RUN ... \
        --json precisions.json

compares fp32 with bf16 instead: steps of the preset `default` with networks of several sizes, and
what each run takes to score and to decode, with the difference of its NLL. All in one process and
one thread, alternating, in seconds of that thread, so other programs may run beside it.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

SIZES = {"lstm": (16, 32, 64, 128, 256, 512), "gru": (64, 128, 256, 512)}
"""Hidden sizes whose steps are compared in fp32 and bf16."""
COMPARED_WORDS = 1000
HERE = Path(__file__).resolve().parent
WORDS, SAMPLES, CODES, LEARNING_STEPS, LIMIT = 256, 100, 1000, 200, 50
LEXBITS = {
    "fp32": "training_ratio_fp32",
    "bf16": "training_ratio_bf16",
    "evaluation": "evaluation_ratio",
    "evaluation, untrained": "evaluation_ratio_untrained",
    "decoding": "decoding_ratio",
    "beam": "beam_ratio",
}
"""What is timed of lexbits, and the name of its ratio."""
NOTEBOOK = {
    "fp32": "training",
    "bf16": "training",
    "evaluation, untrained": "evaluation",
    "beam": "decoding",
}
"""What of the notebook that is compared with, where the names differ."""


def main() -> None:
    """Time in alternating rounds, print a table, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baseline", type=Path, help="folder with notebook_baseline.py")
    parser.add_argument("--data", type=Path, help="folder with spanish-task1-{train,dev,test}")
    parser.add_argument("--run", type=Path, help="a trained run to evaluate")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--precisions", nargs="*", metavar="RUN", help="compare fp32 with bf16")
    parser.add_argument("--measure", choices=("fp32", "bf16", "reading"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.baseline and not options.data:
        options.data = options.baseline.parent / "data" / "sigmorphon2016"
    if options.precisions is not None:
        rows = compare_precisions(options)
        print(table_of_precisions(rows))
        if options.json:
            options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
        return
    if options.measure == "reading":
        print(json.dumps(measure_reading(options.data, options.run)))
        return
    if options.measure:
        print(json.dumps(measure_training(options.data, options.measure, options.steps)))
        return
    with tempfile.TemporaryDirectory() as folder:
        options.run = options.run or learn(options.data, Path(folder) / "run")
        result = summarise(rounds(options), options)
    print(table(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def source(data: Path | None) -> dict[str, str]:
    """Return the settings that name the words to learn from."""
    return {"data": "sigmorphon2016:spanish", "data_folder": str(data)} if data else {}


def learn(data: Path | None, out: Path) -> Path:
    """Train the preset `default` as a user would and return its folder."""
    words = [f"--data-folder={data}", source(data)["data"]] if data else []
    print("training the model to evaluate", file=sys.stderr)
    command = [sys.executable, "-m", "lexbits", "train", f"--out={out}", *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return out


def rounds(options: argparse.Namespace) -> dict[str, list[float]]:
    """Return all times, in the order of the rounds."""
    from lexbits.training.devices import cpu_has_bf16

    precisions = ("fp32", "bf16") if cpu_has_bf16() else ("fp32",)
    times: dict[str, list[float]] = {}
    for i in range(options.rounds):
        found: dict[str, float] = {}
        if options.baseline:
            found |= {f"notebook {name}": value for name, value in time_notebook(options).items()}
        for kind in (*precisions, "reading"):
            found |= time_lexbits(options, kind)
        for name, value in found.items():
            times.setdefault(name, []).append(value)
        print(f"round {i + 1}: { ({k: round(v, 4) for k, v in found.items()}) }", file=sys.stderr)
    return times


def time_notebook(options: argparse.Namespace) -> dict[str, float]:
    """Return the notebook's seconds: a training step (its median), evaluation, decoding."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "speed.json"
        training = (
            options.baseline / "notebook_baseline.py",
            *("--data", options.data, "--steps", options.steps, "--out", out),
        )
        reading = (
            *(HERE / "notebook_run.py", options.baseline, options.data, out),
            *("--speed", WORDS, SAMPLES, CODES),
        )
        found = []
        for command in (training, reading):
            subprocess.run(
                [sys.executable, *map(str, command)],
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            found.append(json.loads(out.read_text(encoding="utf-8")))
    return {"training": found[0]["train_ms_per_step"] / 1e3, **found[1]}


def time_lexbits(options: argparse.Namespace, kind: str) -> dict[str, float]:
    """Return lexbits' seconds, measured in a fresh process."""
    command = [sys.executable, __file__, "--measure", kind, "--steps", str(options.steps)]
    command += ["--run", str(options.run)]
    if options.data:
        command += ["--data", str(options.data)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def start(
    data: Path | None, precision: str = "fp32", preset: str = "notebook", **sizes: int | str
) -> tuple[Any, list[str]]:
    """Return a session with a preset and these sizes, and test words."""
    from lexbits.alphabet import Alphabet
    from lexbits.config import resolve
    from lexbits.training.session import Session

    settings = resolve({**source(data), "precision": precision, **sizes}, preset=preset)
    forms, test = words_of(data)
    session = Session.start(settings, Alphabet.from_words(forms), forms, forms[:10])
    return session, test


@cache
def words_of(data: Path | None) -> tuple[list[str], list[str]]:
    """Return the words to learn from, and test words."""
    from lexbits.config import resolve
    from lexbits.data import load_splits

    words = load_splits(resolve(source(data)))
    return [entry.form for entry in words.train], [entry.form for entry in words.test]


def measure_training(data: Path | None, precision: str, steps: int) -> dict[str, float]:
    """Return the median seconds of a training step."""
    from lexbits.training.loop import train

    session, _ = start(data, precision)
    clock = Clock(steps)
    train(session, clock)
    return {precision: statistics.median(clock.seconds[5:])}


def measure_reading(data: Path | None, run: Path) -> dict[str, float]:
    """Return the seconds of evaluation and decoding."""
    import torch

    from lexbits.data.corpus import Corpus
    from lexbits.decoding import beam, greedy
    from lexbits.likelihood import score_words
    from lexbits.training.loop import train
    from lexbits.word_model import WordModel

    session, test = start(data)
    model = session.model.eval()
    some = Corpus.from_words(test[:WORDS], session.alphabet)
    result = {"evaluation, untrained": seconds(lambda: score_words(model, some, SAMPLES))}
    trained = WordModel.load(run)
    whole = Corpus.from_words(test, trained.alphabet)
    took = seconds(lambda: score_words(trained.network, whole, SAMPLES))
    result["evaluation"] = took * float(some.lengths.sum() / whole.lengths.sum())
    train(session, Clock(LEARNING_STEPS))
    model.eval()
    z = torch.randint(2, (CODES, model.bits)).float()
    with torch.no_grad():
        for name, decode in (("decoding", greedy), ("beam", beam)):
            decoding = partial(decode, model.decoder, z, LIMIT)
            decoding()  # the first call is slow
            result[name] = seconds(decoding)
    return result


def compare_precisions(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return a row for each size of networks whose steps are compared, and for each run."""
    import torch

    torch.set_num_threads(1)
    rows = []
    for cell, hidden in SIZES.items():
        for size in hidden:
            sessions = {}
            for precision in ("fp32", "bf16"):
                sizes = {"hidden_size": size, "encoder_hidden_size": size}
                session, _ = start(options.data, precision, "default", cell=cell, **sizes)
                sessions[precision] = partial(time_steps, session, options.steps)
            rows.append(compared(f"step, {cell} {size}", sessions, options.rounds))
    for run in options.precisions:
        rows += compare_reading(run, options.rounds)
    return rows


def time_steps(session: Any, steps: int) -> float:  # noqa: ANN401
    """Return the median seconds of this thread for a training step."""
    from lexbits.training.loop import train

    clock = Clock(steps, time.thread_time)
    train(session, clock)
    return statistics.median(clock.seconds)


def compare_reading(run: str, rounds: int) -> list[dict[str, Any]]:
    """Return how long a run takes to score dev words and to decode codes, and its NLL."""
    import random

    import torch

    from lexbits.data import forms_of
    from lexbits.word_model import WordModel

    model = WordModel.load(run)
    words = forms_of(model.words.unseen_dev[0])
    words = random.Random(0).sample(words, min(COMPARED_WORDS, len(words)))
    bits = torch.randint(2, (CODES, model.settings.bits)).tolist()
    codes = ["".join(map(str, row)) for row in bits]
    nll: dict[str, list[float]] = {}

    def read(precision: str, what: str) -> float:
        model.precision = precision  # type: ignore[assignment]
        began = time.process_time()  # workers are threads of their own
        if what == "score":
            nll[precision] = [-score.log_prob for score in model.score(words, samples=10)]
        else:
            model.decode(codes)
        return time.process_time() - began

    rows = []
    for what in ("score", *(("decode",) if model.settings.bits else ())):
        works = {name: partial(read, name, what) for name in ("fp32", "bf16")}
        rows.append(compared(f"{what}, {run}", works, rounds))
    apart = [two - one for one, two in zip(nll["fp32"], nll["bf16"], strict=True)]
    rows[0]["nll"] = statistics.mean(nll["fp32"])
    rows[0]["nll_difference"] = statistics.mean(apart)
    rows[0]["nll_difference_se"] = statistics.stdev(apart) / len(apart) ** 0.5
    return rows


def compared(name: str, works: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, Any]:
    """Return the seconds of both in alternating rounds, after one to warm up, and their ratio."""
    found: dict[str, list[float]] = {precision: [] for precision in works}
    for i in range(rounds + 1):
        for precision, work in works.items():
            took = work()
            if i:
                found[precision].append(took)
    ratios = [one / two for one, two in zip(found["fp32"], found["bf16"], strict=True)]
    row = {"what": name, **found, "ratio": statistics.median(ratios), "ratios": ratios}
    print(f"{name}: {row['ratio']:.2f}", file=sys.stderr)
    return row


def table_of_precisions(rows: list[dict[str, Any]]) -> str:
    """Return the comparison as a table in Markdown."""
    lines = ["| | fp32, ms | bf16, ms | fp32 / bf16 (least, most) | NLL, bf16 − fp32 |"]
    lines.append("|---|---|---|---|---|")
    for row in rows:
        both = " | ".join(f"{1e3 * statistics.median(row[p]):.1f}" for p in ("fp32", "bf16"))
        apart = row.get("nll_difference")
        said = "" if apart is None else f"{apart:+.4f} ± {row['nll_difference_se']:.4f}"
        spread = f"**{row['ratio']:.2f}** ({min(row['ratios']):.2f}, {max(row['ratios']):.2f})"
        lines.append(f"| {row['what']} | {both} | {spread} | {said} |")
    return "\n".join(lines)


def seconds(work: Callable[[], Any]) -> float:
    """Return how long some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


class Clock:
    """Hooks that time every step and stop after the last."""

    def __init__(self, steps: int, now: Callable[[], float] = time.perf_counter) -> None:
        self.steps = steps
        self.seconds: list[float] = []
        self._now = now
        self._before = now()

    def step_done(self, session: Any) -> None:  # noqa: ANN401 - a session is not looked at
        """Note the time since the step before."""
        now = self._now()
        self.seconds.append(now - self._before)
        self._before = now

    def save_due(self) -> bool:
        """Never save."""
        return False

    def stop_requested(self) -> bool:
        """Stop after the last step."""
        return len(self.seconds) >= self.steps

    def save(self, session: Any) -> None:  # noqa: ANN401
        """Save nothing."""

    def epoch_done(self, session: Any, record: Any, is_best: bool) -> None:  # noqa: ANN401
        """Keep nothing."""


def summarise(times: dict[str, list[float]], options: argparse.Namespace) -> dict[str, Any]:
    """Return medians, spreads and ratios."""
    import torch

    medians = {name: statistics.median(values) for name, values in times.items()}
    result: dict[str, Any] = {
        "unit": "seconds, of training for a step of 64 words",
        "rounds": options.rounds,
        "steps": options.steps,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
        "seconds": times,
        "medians": medians,
    }
    for name, ratio in LEXBITS.items():
        notebook = medians.get(f"notebook {NOTEBOOK.get(name, name)}")
        if notebook and name in medians:
            result[ratio] = notebook / medians[name]
    trained = [result[LEXBITS[name]] for name in ("fp32", "bf16") if LEXBITS[name] in result]
    if trained:
        result["training_ratio"] = max(trained)
    return result


def table(result: dict[str, Any]) -> str:
    """Return the result as a table in Markdown."""
    lines = ["| | ms, median (least, most) | notebook / lexbits |", "|---|---|---|"]
    for name, values in result["seconds"].items():
        milliseconds = [1e3 * value for value in values]
        ratio = result.get(LEXBITS.get(name, ""))
        lines.append(
            f"| {name} | {statistics.median(milliseconds):.1f} "
            f"({min(milliseconds):.1f}, {max(milliseconds):.1f}) "
            f"| {f'{ratio:.2f}' if ratio else ''} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()

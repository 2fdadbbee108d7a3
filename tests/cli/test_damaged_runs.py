"""A damaged run gives one clear line or the right answer, whatever the damage and the command.

Random truncations, flipped bits and deletions of every file of a run, at three stages of its
training: before its first epoch, in the middle, and at its end. It has a teacher and words drawn by
it, so that all files there can be are there.
"""

import json
import os
import random
import shutil

import pytest

from lexbits.config import MAY_CHANGE
from lexbits.runs.folder import RunFolder
from lexbits.runs.training import train_in_folder

DAMAGES = int(os.environ.get("LEXBITS_DAMAGES", "80"))
"""How many in all; with 1,000 this takes minutes."""

SIZES = (
    "--bits", "3", "--hidden-size", "6", "--encoder-hidden-size", "4", "--embedding-size", "4",
    "--batch-size", "16", "--dev-samples", "2", "--dev-words", "5", "--free-nats", "1",
    "--epochs", "3", "--teachers", "1", "--teacher-epochs", "1", "--synthetic-words", "1",
)  # fmt: skip
OF_EPOCHS = ("state", "model.safetensors", "metrics.jsonl", "samples", "figures", "summary.json")
COMMANDS = {
    "info": ("--json",),
    "sample": ("-n", "5", "--seed", "1", "--json"),
    "evaluate": ("--samples", "2", "--gain-words", "5", "--json"),
}


class Silent:
    def __getattr__(self, name):
        return lambda *_: None


def stop_after(steps):
    done = iter(range(steps))
    return lambda: next(done, None) is None


@pytest.fixture(scope="module")
def stages(tmp_path_factory, lexbits_here, words_file):
    """The same run at each stage, by its name."""
    folder = tmp_path_factory.mktemp("stages")
    few = folder / "words.txt"
    few.write_text("".join(words_file.read_text("utf-8").splitlines(keepends=True)[:90]), "utf-8")
    done = lexbits_here("train", few, "--out", folder / "finished", *SIZES)
    assert done.returncode == 0, done.stderr
    for name in ("young", "middle"):
        shutil.copytree(
            folder / "finished",
            folder / name,
            ignore=lambda place, _: OF_EPOCHS if place == str(folder / "finished") else (),
        )
    train_in_folder(RunFolder.open(folder / "middle"), Silent(), stop_after(13))
    assert len(RunFolder.open(folder / "middle").metrics()) == 1
    return {name: folder / name for name in ("young", "middle", "finished")}


def answers(run, lexbits_here):
    """Return what each command says of a run, or that it refused."""
    found = {}
    for name, options in COMMANDS.items():
        found[name] = answer(lexbits_here(name, run, *options))
    copy = run.with_name("resumed")
    shutil.copytree(run, copy)
    found["resume"] = answer(lexbits_here("train", "--resume", copy, "--json"))
    shutil.rmtree(copy)
    return found


def answer(done):
    """Return the metrics that a command prints, or None if it ends with one clear line."""
    if done.returncode == 0:
        return without_times(json.loads(done.stdout))
    assert done.returncode in (1, 2)
    assert done.stderr.strip("\n").rsplit("\n", 1)[-1].startswith("lexbits: ")
    return None


def without_times(document):
    if isinstance(document, dict) and isinstance(document.get("settings"), dict):
        for name in MAY_CHANGE:
            document["settings"].pop(name, None)
    if isinstance(document, dict):
        return {k: v for k, v in document.items() if k not in ("run", "seconds")}
    return document


def damage(path, chance):
    """Damage the file at `path`; return what was done to it."""
    content = path.read_bytes()
    kind = chance.choice(["deleted", "cut", "cut at a line's end", "flipped", "flipped"])
    if kind == "deleted" or not content:
        path.unlink()
        return "deleted"
    place = chance.randrange(len(content))
    if kind == "flipped":
        bit = chance.randrange(8)
        path.write_bytes(
            content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]
        )
        return f"bit {bit} of byte {place} flipped"
    if kind == "cut at a line's end":
        place = content.rfind(b"\n", 0, place) + 1
    path.write_bytes(content[:place])
    return f"cut to {place} bytes"


@pytest.fixture(scope="module")
def whole(stages, lexbits_here):
    """The answers of the undamaged run at each stage."""
    return {name: answers(run, lexbits_here) for name, run in stages.items()}


def test_an_undamaged_run_answers_the_same_at_the_end_of_its_training(whole):
    assert whole["young"]["resume"] == whole["middle"]["resume"] == whole["finished"]["resume"]
    assert all(whole["middle"].values())
    assert whole["young"]["sample"] is whole["young"]["evaluate"] is None


PARTS = 4


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_a_damaged_run_is_refused_or_answers_the_same(part, stages, whole, lexbits_here, tmp_path):
    chance, run = random.Random(part), tmp_path / "run"
    for _ in range(DAMAGES // PARTS):
        stage = chance.choice(list(stages))
        shutil.copytree(stages[stage], run)
        files = sorted(path for path in run.rglob("*") if path.is_file())
        path = chance.choice([path for path in files if path.parent.name != "figures"])
        done = damage(path, chance)
        found = answers(run, lexbits_here)
        for command, right in whole[stage].items():
            if path.name == "last.safetensors" and command == "info" and not path.exists():
                continue
            what = f"{command} of the {stage} run, {path.relative_to(run)} {done}"
            assert found[command] is None or found[command] == right, what
        shutil.rmtree(run)

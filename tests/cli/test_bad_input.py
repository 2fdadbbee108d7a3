"""Whatever a user gives: one clear line, a non-zero status, no traceback, nothing half-written."""

import gzip
import pickle
import shutil
import subprocess

import pytest
import torch

from lexbits.training.checkpoint import pack, unpack

from .conftest import TINY, command


def refused(done, status, *expected):
    assert done.returncode == status, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    for part in expected:
        assert str(part) in last, last
    return last


BAD_FILES = {
    "empty": (b"", ("expected words",)),
    "only blank lines": (b"\n\n  \n", ("expected words",)),
    "not UTF-8": ("año\n".encode() + "año\n".encode("latin-1"), ("line 2", "UTF-8")),
    "NUL bytes": (b"uno\ndos\0\n", ("line 2", "NUL")),
    "wrong number of columns": (b"a\tV;PRS\tb\na\tV;PRS\n" * 20, ("line 2", "3")),
    "a line of a million characters": (b"uno\n" + b"x" * 1_000_000, ("line 2", "longer")),
    "too few words": (b"uno\ndos\ntres\n", ("found 3",)),
    "damaged gzip": (gzip.compress(b"uno\n" * 5000)[:40], ("gzip",)),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_refused_by_name_and_line(kind, lexbits_here, tmp_path):
    content, expected = BAD_FILES[kind]
    path = tmp_path / "bad.txt"
    path.write_bytes(content)
    refused(lexbits_here("train", path, "--out", tmp_path / "run"), 1, path, *expected)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.txt"]


def test_bom_crlf_gzip_and_standard_input_are_accepted(lexbits_here, tmp_path, words_file):
    text = words_file.read_text(encoding="utf-8")
    path = tmp_path / "words.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()))
    shown = lexbits_here("data", "show", path, "--json")
    read = lexbits_here("data", "show", "-", "--json", text=text)
    assert shown.stdout.replace(str(path), "-") == read.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "expected"),
    [
        (["missing.txt"], 1, ["missing.txt"]),
        (["simplemma:xx"], 2, ["xx"]),
        (["simplema:es"], 2, ["simplemma:es"]),
        (["sigmorphon2016:klingon"], 2, ["klingon"]),
        (["words", "--bitz", "3"], 2, ["--bitz", "--bits"]),
        (["words", "--bits", "-1"], 2, ["bits", "-1"]),
        (["words", "--hidden-size", "0"], 2, ["hidden_size", "0"]),
        (["words", "--batch-size", "many"], 2, ["batch_size", "many"]),
        (["words", "--learning-rate", "nan"], 2, ["learning_rate"]),
        (["words", "--hidden-size", "200000"], 2, ["memory", "2,3", "GB", "reduce hidden_size"]),
        (["words", "--samples", "2.9"], 2, ["samples", "2.9"]),
        (["words", "--epochs", "2", "--steps", "100"], 2, ["epochs 2 and steps 100"]),
        (["words", "--teacher-epochs", "3"], 2, ["teacher_epochs 3", "no teachers"]),
        (["words", "--samples", "0"], 2, ["samples", "0"]),
        (["words", "--samples", "1"], 2, ["rloo", "2 samples"]),
        (["words", "--estimator", "reinforc"], 2, ["estimator"]),
        (["words", "--preset", "notebok"], 2, ["notebok", "notebook"]),
        (["words", "--alpha", "0.5", "0.5", "--bits", "3"], 2, ["alpha"]),
        (["words", "--dev-share", "0.6", "--test-share", "0.6"], 2, ["dev_share"]),
        (["words", "--device", "abacus"], 2, ["abacus", "cpu"]),
        (["words", "--config", "missing.toml"], 2, ["missing.toml"]),
    ],
)
def test_bad_requests_are_refused(
    arguments, status, expected, lexbits_here, tmp_path, words_file, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    given = [words_file if argument == "words" else argument for argument in arguments]
    refused(lexbits_here("train", *given, "--out", tmp_path / "run"), status, *expected)
    assert list(tmp_path.iterdir()) == []


def test_a_setting_that_does_not_exist_is_named_with_its_file(lexbits_here, tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text("hidden_sise = 3\n", encoding="utf-8")
    refused(
        lexbits_here("train", "--config", path, "--print-config"),
        2,
        path,
        "hidden_sise",
        "hidden_size",
    )


def test_an_existing_folder_is_kept_unless_overwritten(
    run_folder, lexbits_here, tmp_path, words_file
):
    copy = tmp_path / "run"
    shutil.copytree(run_folder, copy)
    before = (copy / "model.safetensors").read_bytes()
    refused(lexbits_here("train", words_file, "--out", copy), 1, copy, "--overwrite")
    assert (copy / "model.safetensors").read_bytes() == before
    done = lexbits_here("train", words_file, "--out", copy, "--overwrite", "--epochs", "1", *TINY)
    assert done.returncode == 0, done.stderr
    assert (copy / "model.safetensors").read_bytes() != before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_folder_that_is_no_run_is_never_replaced(lexbits_here, tmp_path, words_file):
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    done = lexbits_here("train", words_file, "--out", tmp_path, "--overwrite")
    refused(done, 1, "not a run folder")
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "years of work"
    done = lexbits_here("train", words_file, "--out", tmp_path / "thesis.txt", "--overwrite")
    refused(done, 1, "not a run folder")
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "years of work"


@pytest.fixture
def damaged(run_folder, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(run_folder, copy)
    return copy


def damage(content: bytes, kind: str) -> bytes:
    if kind == "truncated":
        return content[: len(content) // 2]
    if kind == "edited":
        middle = len(content) * 3 // 4
        return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    if kind == "newer":
        return content.replace(b'\\"format\\": 1', b'\\"format\\": 9')
    return b""


@pytest.mark.parametrize("kind", ["truncated", "edited", "newer", "empty"])
@pytest.mark.parametrize("name", ["model.safetensors", "state/last.safetensors"])
def test_damaged_and_newer_checkpoints_are_refused(kind, name, damaged, lexbits_here):
    path = damaged / name
    path.write_bytes(damage(path.read_bytes(), kind))
    arguments = ("sample", damaged) if name.startswith("model") else ("train", "--resume", damaged)
    refused(lexbits_here(*arguments), 1, path, "upgrade" if kind == "newer" else "")


def test_a_state_of_another_version_is_refused(damaged, lexbits_here):
    path = damaged / "state" / "last.safetensors"
    tensors, facts = unpack("state", path.read_bytes(), "state")
    path.write_bytes(pack("state", tensors, {**facts, "mood": 1}, "0.0.1"))
    refused(lexbits_here("info", damaged), 1, path, "mood", "another version")


class Bomb:
    def __reduce__(self):
        return (open, ("exploded", "w"))


@pytest.mark.parametrize("kind", ["pickle", "torch.save"])
@pytest.mark.parametrize("name", ["model.safetensors", "state/last.safetensors"])
def test_a_pickle_is_refused_and_runs_nothing(
    kind, name, damaged, lexbits_here, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    if kind == "pickle":
        (damaged / name).write_bytes(pickle.dumps(Bomb()))
    else:
        torch.save(Bomb(), damaged / name)
    arguments = ("sample", damaged) if name.startswith("model") else ("train", "--resume", damaged)
    refused(lexbits_here(*arguments), 1, name, "pickle")
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.toml", "bits = \n"),
        ("config.toml", "bitz = 3\n"),
        ("alphabet.json", "{"),
        ("alphabet.json", '{"characters": ["ab"]}'),
        ("splits/train.tsv", "nonsense\n"),
        ("metrics.jsonl", "{\n"),
    ],
)
def test_damaged_text_files_of_a_run_are_named(name, content, damaged, lexbits_here):
    (damaged / name).write_text(content, encoding="utf-8")
    refused(lexbits_here("sample", damaged), 1, name)


def test_settings_that_do_not_fit_the_weights_are_refused(damaged, lexbits_here):
    text = (damaged / "config.toml").read_text(encoding="utf-8")
    (damaged / "config.toml").write_text(text.replace("bits = 4", "bits = 5"), encoding="utf-8")
    refused(lexbits_here("sample", damaged), 1, "model.safetensors", "fit")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["sample", "--code", "01"], ["4 bits", "found 2"]),
        (["decode", "01012"], ["01012"]),
        (["decode", "010101"], ["4 bits", "found 6"]),
        (["sample", "-n", "0"], ["at least 1"]),
        (["sample", "--temperature", "-1"], ["temperature"]),
        (["sample", "--decode", "greedy", "--temperature", "2"], ["temperature"]),
        (["evaluate", "--samples", "0"], ["--samples"]),
        (["score", "--samples", "0", "canto"], ["at least 1"]),
        (["reconstruct", "--samples", "-1", "canto"], ["at least 0"]),
        (["interpolate", "--steps", "1", "canto", "hablo"], ["at least 2"]),
        (["evaluate", "--split", "tset"], ["split"]),
        (["evaluate", "--codes", "5"], ["--codes", "--exact"]),
        (["evaluate", "--exact-limit", "5"], ["--exact-limit", "--exact"]),
        (["evaluate", "--quality-samples", "5"], ["--quality-samples", "--sample-quality"]),
        (["evaluate", "--gain-words", "2.5"], ["--gain-words", "2.5"]),
        (["sample", "-n", "2.9"], ["-n", "2.9", "see lexbits sample --help"]),
    ],
)
def test_bad_arguments_to_a_trained_model_are_refused(
    arguments, expected, run_folder, lexbits_here
):
    refused(lexbits_here(arguments[0], run_folder, *arguments[1:]), 2, *expected)


def test_other_words_in_another_layout_than_the_one_forced_are_refused(
    run_folder, lexbits_here, words_file
):
    done = lexbits_here("evaluate", run_folder, words_file, "--layout", "unimorph")
    refused(done, 1, words_file, "line 1", "3 tab-separated columns")


def test_words_with_unseen_characters_are_scored_and_named(run_folder, lexbits_here):
    done = lexbits_here("score", run_folder, "канто")
    assert done.returncode == 0
    assert "never seen" in done.stderr


def test_nothing_on_standard_input_is_refused(run_folder, lexbits_here):
    refused(lexbits_here("score", run_folder, text=""), 1, "expected words")
    refused(lexbits_here("score", run_folder, text="\n\n"), 1, "expected words")


def test_a_loss_that_is_no_number_stops_with_the_step_and_keeps_the_last_good_state(
    lexbits_here, tmp_path, words_file
):
    path = tmp_path / "run"
    done = lexbits_here(
        "train", words_file, "--out", path, "--epochs", "50", *TINY, "--learning-rate", "1e38",
        "--schedule", "constant", "--gradient-clip", "0",
    )  # fmt: skip
    refused(done, 1, "step")
    assert lexbits_here("info", path).returncode == 0


def test_a_full_disk_is_one_clear_line_and_keeps_what_was_written(
    run_folder, lexbits, tmp_path, words_file
):
    # a limit on the size of a file is the portable stand-in for a full disk
    line = " ".join(map(str, command("train", words_file, "--out", tmp_path / "run", *TINY)))
    done = subprocess.run(
        ["bash", "-c", f"trap '' XFSZ; ulimit -f 8; {line}"],
        capture_output=True,
        text=True,
        check=False,
    )
    refused(done, 1, "disk is full")
    assert not [path for path in tmp_path.rglob("*") if ".partial-" in path.name]


def test_no_network_is_one_clear_line(lexbits_here, tmp_path, monkeypatch):
    nowhere = "http://127.0.0.1:9"
    for name, value in {
        "LEXBITS_DATA": "",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "https_proxy": nowhere,
        "HTTPS_PROXY": nowhere,
    }.items():
        monkeypatch.setenv(name, value)
    done = lexbits_here("train", "sigmorphon2016:maltese", "--out", tmp_path / "run")
    refused(done, 1, "maltese-task1")


def test_a_file_with_a_wrong_hash_is_refused(lexbits_here, tmp_path):
    for split in ("train", "dev", "test"):
        (tmp_path / f"spanish-task1-{split}").write_text("a\tV\tb\n", encoding="utf-8")
    done = lexbits_here(
        "train", "sigmorphon2016:spanish", "--data-folder", tmp_path, "--out", tmp_path / "run"
    )
    refused(done, 1, "spanish-task1-train")

"""`lexbits info` says how large the splits are and what each bit is used for."""

import json

import pytest

from lexbits import WordModel


def test_every_bit_is_listed_with_what_it_knows(run_folder, lexbits_here):
    found = json.loads(lexbits_here("info", run_folder, "--json").stdout)
    assert found["words"].keys() == {"train", "dev", "test"}
    model = WordModel.load(run_folder)
    usage = model.bit_usage([word for word, split in model.words.items() if split == "test"])
    assert [use["bit"] for use in found["bit_usage"]] == [1, 2, 3, 4]
    assert [use["nats"] for use in found["bit_usage"]] == pytest.approx([u.nats for u in usage])
    shown = lexbits_here("info", run_folder)
    assert f"{found['words']['train']:,} train, " in shown.stdout
    assert shown.stdout.count(" yes") + shown.stdout.count(" no") >= 4
    assert "of 4 bits are active" in shown.stderr


def test_tsv_has_all_that_json_has(run_folder, lexbits_here):
    found = json.loads(lexbits_here("info", run_folder, "--json").stdout)
    header, *rows = lexbits_here("info", run_folder, "--tsv").stdout.splitlines()
    assert header == "name\tvalue"
    names = [row.split("\t")[0] for row in rows]
    assert len(set(names)) == len(names)
    assert {*found["settings"], "words_train", "best_dev_nll", "bit_4_nats"} <= {*names}


def test_a_plain_model_has_no_bits_to_list(plain_folder, lexbits_here):
    assert json.loads(lexbits_here("info", plain_folder, "--json").stdout)["bit_usage"] == []
    assert "active" not in lexbits_here("info", plain_folder).stdout


def test_a_saved_model_without_words_says_so(run_folder, lexbits_here, tmp_path):
    model = WordModel.load(run_folder)
    model.words.__dict__.update(splits={}, unseen_dev=([], 0))
    model.save(tmp_path / "saved")
    done = lexbits_here("info", tmp_path / "saved")
    assert done.returncode == 0, done.stderr
    assert "no dev or test words of its own" in done.stderr

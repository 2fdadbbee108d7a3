"""The same jobs from Python."""

import copy
import errno
import math
import os
import pickle

import pytest

from lexbits import WordModel
from lexbits.errors import DataError, RunError, UsageError
from tests.word_model.conftest import WORDS, fit


def test_fitting_twice_with_a_seed_gives_the_same_model(model):
    again = fit(WORDS)
    assert again.history[-1]["dev_nll"] == model.history[-1]["dev_nll"]
    assert [s.log_prob for s in again.score(["canto"])] == [
        s.log_prob for s in model.score(["canto"])
    ]


def test_a_saved_model_loads_to_the_same_answers(model, tmp_path):
    model.save(tmp_path / "model")
    loaded = WordModel.load(tmp_path / "model")
    assert loaded.score(["canto", "xyz"]) == model.score(["canto", "xyz"])
    assert loaded.sample(5, seed=1) == model.sample(5, seed=1)
    assert loaded.words == model.words
    with pytest.raises(RunError, match="exists"):
        model.save(tmp_path / "model")
    model.save(tmp_path / "model", overwrite=True)


@pytest.mark.parametrize("number", [1, 4, 8, 12, 20])
def test_a_disk_that_fills_while_a_model_is_saved_over_another_keeps_that_one(
    number, model, plain, tmp_path, monkeypatch
):
    plain.save(tmp_path / "model")
    calls, fsync = 0, os.fsync

    def limited(descriptor):
        nonlocal calls
        calls += 1
        if calls >= number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", limited)
        with pytest.raises(RunError, match="disk is full"):
            model.save(tmp_path / "model", overwrite=True)
    assert WordModel.load(tmp_path / "model").score(["canto"]) == plain.score(["canto"])
    model.save(tmp_path / "model", overwrite=True)
    assert WordModel.load(tmp_path / "model").settings.bits == model.settings.bits


def test_the_words_of_a_run_are_read_when_they_are_asked_for(model, tmp_path):
    model.save(tmp_path / "model")
    (tmp_path / "model" / "splits" / "train.tsv").write_text("nonsense\n", encoding="utf-8")
    loaded = WordModel.load(tmp_path / "model")
    assert loaded.score(["canto"]) == model.score(["canto"])
    with pytest.raises(DataError, match=r"train\.tsv"):
        loaded.sample(1)


@pytest.mark.parametrize(
    "again", [lambda model: pickle.loads(pickle.dumps(model)), copy.copy, copy.deepcopy]
)
@pytest.mark.parametrize("kind", ["fitted", "loaded", "plain"])
def test_a_pickle_and_a_copy_of_a_model_answer_the_same(again, kind, model, plain, tmp_path):
    first = plain if kind == "plain" else model
    if kind == "loaded":
        model.save(tmp_path / "model")
        first = WordModel.load(tmp_path / "model")
    other = again(first)
    assert type(other) is WordModel
    assert repr(other) == repr(first)
    assert other.score(["canto", "xyz"]) == first.score(["canto", "xyz"])
    assert other.sample(5, seed=1) == first.sample(5, seed=1)
    assert other.words == first.words
    other.save(tmp_path / "other")
    assert WordModel.load(tmp_path / "other").score(["canto"]) == first.score(["canto"])


def test_the_weights_in_a_pickle_are_data_and_a_damaged_one_is_refused(model):
    pickled = pickle.dumps(model)
    assert b"torch" not in pickled.replace(b"lexbits", b"")
    weight = next(model.network.parameters()).detach().numpy().tobytes()
    damaged = pickled.replace(weight, bytes(len(weight)))
    assert damaged != pickled
    with pytest.raises(RunError, match=r"the pickled model: .* digest"):
        pickle.loads(damaged)


def test_a_pickle_of_a_device_that_is_not_here_works_on_the_cpu(model):
    state = {**model.__getstate__(), "device": "nowhere"}
    other = WordModel.__new__(WordModel)
    other.__setstate__(state)
    assert other.score(["canto"]) == model.score(["canto"])


def test_fit_keeps_the_epoch_with_the_best_dev_nll(model):
    best = min(record["dev_nll"] for record in model.history)
    dev = [word for word, split in model.words.items() if split == "dev"]
    assert model.evaluate(dev, samples=500).nll == pytest.approx(best, abs=0.3)


def test_words_are_composed_to_nfc_on_the_way_in(model):
    assert model.score(["cante\N{COMBINING ACUTE ACCENT}"])[0].word == "canté"


def test_score_of_a_plain_model_is_exact_and_independent_of_the_company(plain):
    alone = plain.score(["canto"])[0]
    assert alone.standard_error == 0
    together = plain.score(["hablaban", "canto", "o"])[1]
    assert together.log_prob == pytest.approx(alone.log_prob, abs=1e-4)
    assert alone.bits_per_symbol == pytest.approx(-alone.log_prob / math.log(2) / 6)


def test_one_importance_sample_leaves_the_standard_error_unknown(model):
    assert model.score(["canto"], samples=1)[0].standard_error is None


def test_samples_carry_their_code_and_status(model):
    for sample in model.sample(20, seed=0):
        assert len(sample.code) == 4
        assert sample.status == model.words.get(sample.word, "new")


def test_new_only_gives_distinct_words_that_the_data_lacks(model):
    words = [sample.word for sample in model.sample(10, new_only=True, seed=0)]
    assert len(set(words)) == 10
    assert not set(words) & set(WORDS)


def test_new_only_gives_up_where_there_is_nothing_new(model):
    assert len(model.sample(3, decode="greedy", code="0000", new_only=True)) <= 1


def test_encoding_reconstruction_and_path_agree_on_codes(model):
    first, second = model.encode(["canto", "hablan"])
    assert [str(first), str(second)] == [first.code, second.code]
    assert model.reconstruct(["canto"])[0].code == first.code
    path = model.interpolate("canto", "hablan", steps=3, through="bits")
    assert [path[0].code, path[-1].code] == [first.code, second.code]
    assert str(model.decode([first.code])[0]) == model.reconstruct(["canto"])[0].mode


def test_an_evaluation_adds_up(model):
    metrics = model.evaluate(WORDS, samples=3)
    assert metrics.words == len(WORDS)
    assert metrics.symbols == sum(len(word) + 1 for word in WORDS)
    assert metrics.elbo == pytest.approx(-metrics.rate - metrics.distortion)
    assert metrics.rate == pytest.approx(metrics.mutual_information + metrics.marginal_kl)
    assert -metrics.elbo >= metrics.nll


def test_an_empty_list_and_a_bare_string_are_refused(model):
    for words in ([], "canto", [""], ["  "]):
        with pytest.raises(UsageError):
            model.score(words)


def test_settings_are_checked(model):
    with pytest.raises(UsageError, match="did you mean 'bits'"):
        WordModel.fit(WORDS, bitz=3)
    with pytest.raises(DataError, match="at least 10"):
        WordModel.fit(["a", "b"])
    with pytest.raises(UsageError):
        model.decode(["01"])


def test_a_model_without_bits_refuses_what_needs_bits(plain):
    for job in (
        lambda: plain.encode(["canto"]),
        lambda: plain.decode(["01"]),
        lambda: plain.reconstruct(["canto"]),
        lambda: plain.interpolate("canto", "hablo"),
        lambda: plain.sample(1, code="0"),
    ):
        with pytest.raises(UsageError, match="no bits"):
            job()
    assert len(plain.sample(3)) == 3


def test_the_global_random_numbers_of_the_caller_are_left_alone(model, tmp_path):
    import torch

    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    copy.deepcopy(model).save(tmp_path / "model")
    WordModel.load(tmp_path / "model").sample(3, seed=0)
    model.score(["canto"])
    assert torch.rand(1) == expected

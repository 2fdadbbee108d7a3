"""Which trainings make up a sweep, and which runs are kept."""

import pytest

from lexbits.alphabet import Alphabet
from lexbits.config import Settings, resolve
from lexbits.data import Entry
from lexbits.errors import RunError, UsageError
from lexbits.runs.folder import SYNTHETIC, RunFolder
from lexbits.runs.study import StudyFolder
from lexbits.runs.words import Words
from lexbits.studies.rates import PLAIN, SWEEP, is_regularised, open_runs, plan, share_teachers
from lexbits.training.devices import settled

TRAIN, DEV, TEST = [Entry("uno"), Entry("nuo")], [Entry("dos")], [Entry("tres")]


def words(**splits):
    entries = {"train": TRAIN, "dev": DEV, "test": TEST} | splits
    return Words(entries, entries["dev"], Alphabet.from_words(["uno"]), {})


def planned(rates=(1.0, 2.5), plain=True, **flags):
    return plan({"bits": 8, **flags}, None, {}, rates, plain)


def test_trainings_with_bits_differ_in_nothing_but_the_target():
    found = planned(alpha=[0.5] * 8, kl_weight=1.0, dropout=0.2)
    assert list(found) == [PLAIN, "rate-1", "rate-2.5"]
    base = Settings(bits=8, alpha=[0.5] * 8, dropout=0.2, free_nats=0.0)
    for name, rate in (("rate-1", 1.0), ("rate-2.5", 2.5)):
        assert found[name] == base.model_copy(update={"rate_target": rate})
    assert list(planned(plain=False)) == ["rate-1", "rate-2.5"]


def test_the_plain_model_has_data_and_sizes_of_the_others_and_a_regularisation_of_its_own():
    flags = {"data": "words.txt", "hidden_size": 99, "dropout": 0.01, "seed": 3, "teachers": 2}
    found = planned(**flags)[PLAIN]
    found.refuse_contradictions()
    recipe = resolve({"data": "words.txt", "hidden_size": 99, "seed": 3}, "plain")
    assert found == recipe.model_copy(update={"embedding_size": Settings().embedding_size,
                                              "dev_words": Settings().dev_words})  # fmt: skip
    assert planned(epochs=3, patience=0)[PLAIN].epochs == 3


def test_a_plain_model_of_0_1_0_which_had_the_settings_of_the_others_is_kept(tmp_path):
    folder = StudyFolder.open(tmp_path / "sweep", SWEEP)
    others = planned()
    old = others["rate-1"].model_copy(update={"bits": 0, "rate_target": 0.0})
    assert not is_regularised(old)
    assert is_regularised(others[PLAIN])
    open_runs(folder, {PLAIN: old}, words())
    kept = open_runs(folder, others, words())[PLAIN]
    assert kept.settings() == settled(old)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"rates": (2.0, 6.0)}, "9 bits"),
        ({"rates": ()}, "--rates"),
        ({"rates": (0.0,)}, "--rates"),
        ({"rates": (float("nan"),)}, "--rates"),
        ({"free_nats": 2.0}, "free_nats"),
        ({"rate_target": 2.0}, "--rates"),
        ({"bits": 0}, "--bits"),
    ],
)
def test_what_cannot_be_is_refused(given, expected):
    with pytest.raises(UsageError, match=expected):
        planned(**given)


def test_a_run_of_the_same_settings_and_words_is_kept(tmp_path):
    folder = StudyFolder.open(tmp_path / "sweep", SWEEP)
    first = open_runs(folder, planned(), words())
    assert folder.has(SWEEP)
    first["rate-1"].write("model.safetensors", b"trained")
    found = open_runs(folder, planned(rates=(1.0, 3.0), save_seconds=1.0, device="cuda"), words())
    assert found["rate-1"].read("model.safetensors") == b"trained"
    assert {name: run.path.name for name, run in found.items()} == {
        name: name for name in (PLAIN, "rate-1", "rate-3")
    }


@pytest.mark.parametrize(
    ("flags", "splits", "expected"),
    [
        ({"dropout": 0.4}, {}, r"rate-1: .* its dropout is 0\.1, 0\.4"),
        ({"hidden_size": 9}, {}, r"plain: .* its hidden_size is 256, 9"),
        ({}, {"test": [Entry("seis")]}, "its test words"),
        ({}, {"train": TRAIN[:1]}, "its train words"),
    ],
)
def test_a_run_of_others_is_refused_before_anything_is_made(tmp_path, flags, splits, expected):
    folder = StudyFolder.open(tmp_path / "sweep", SWEEP)
    open_runs(folder, planned(), words())
    before = sorted(folder.path.iterdir())
    with pytest.raises(RunError, match=expected):
        open_runs(folder, planned(rates=(1.0, 4.0), **flags), words(**splits))
    assert sorted(folder.path.iterdir()) == before


def test_the_words_of_one_run_s_teachers_serve_all_runs(tmp_path):
    folder = StudyFolder.open(tmp_path / "sweep", SWEEP)
    plain, first, second = open_runs(folder, planned(teachers=1), words()).values()
    share_teachers(first, [plain, first, second])
    assert not first.has(SYNTHETIC)  # nobody has synthetic words yet
    RunFolder.create(first.teacher(0), Settings(bits=0), first.alphabet(), {})
    first.write_synthetic(["uno"])
    for run in (plain, second):
        share_teachers(run, [plain, first, second])
    assert second.synthetic() == ["uno"]
    assert second.teacher(0).is_dir()
    assert not plain.has(SYNTHETIC)  # it learns from the real words alone
    untaught = open_runs(folder, planned(rates=(7.0 / 2,), plain=False), words())["rate-3.5"]
    share_teachers(untaught, [first])
    assert not untaught.has(SYNTHETIC)

"""Which trainings make up a sweep, and which runs are kept."""

import pytest

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.data import Entry
from lexbits.errors import RunError, UsageError
from lexbits.runs.folder import DRAWN, RunFolder, StudyFolder
from lexbits.runs.words import Words
from lexbits.studies.rates import PLAIN, SWEEP, open_runs, plan, share_teachers

TRAIN, DEV, TEST = [Entry("uno"), Entry("nuo")], [Entry("dos")], [Entry("tres")]


def words(**splits):
    entries = {"train": TRAIN, "dev": DEV, "test": TEST} | splits
    return Words(entries, entries["dev"], Alphabet.from_words(["uno"]), {})


def planned(rates=(1.0, 2.5), plain=True, **flags):
    return plan({"bits": 8, **flags}, None, None, rates, plain)


def test_trainings_differ_in_nothing_but_the_target_and_the_plain_one_in_having_no_bits():
    found = planned(alpha=[0.5] * 8, kl_weight=1.0, dropout=0.2)
    assert list(found) == [PLAIN, "rate-1", "rate-2.5"]
    base = Settings(bits=8, alpha=[0.5] * 8, dropout=0.2, free_nats=0.0)
    for name, rate in (("rate-1", 1.0), ("rate-2.5", 2.5)):
        assert found[name] == base.model_copy(update={"rate_target": rate})
    found[PLAIN].refuse_contradictions()
    assert found[PLAIN] == base.model_copy(update={"bits": 0, "alpha": [0.5]})
    assert list(planned(plain=False)) == ["rate-1", "rate-2.5"]


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
    found = open_runs(folder, planned(rates=(1.0, 3.0), save_seconds=1.0), words())
    assert found["rate-1"].read("model.safetensors") == b"trained"
    assert {name: run.path.name for name, run in found.items()} == {
        name: name for name in (PLAIN, "rate-1", "rate-3")
    }


@pytest.mark.parametrize(
    ("flags", "splits", "expected"),
    [
        ({"dropout": 0.4}, {}, r"plain: .* its dropout is 0\.1, 0\.4"),
        ({}, {"test": [Entry("seis")]}, "its test words"),
        ({}, {"train": TRAIN[:1]}, "its train words"),
    ],
)
def test_a_run_of_others_is_refused_before_anything_is_made(tmp_path, flags, splits, expected):
    folder = StudyFolder.open(tmp_path / "sweep", SWEEP)
    open_runs(folder, planned(), words())
    before = sorted(folder.path.iterdir())
    with pytest.raises(RunError, match=expected):
        open_runs(folder, planned(rates=(4.0,), **flags), words(**splits))
    assert sorted(folder.path.iterdir()) == before


def test_the_words_of_one_run_s_teachers_serve_all_runs(tmp_path):
    folder = StudyFolder.open(tmp_path / "sweep", SWEEP)
    plain, first, second = open_runs(folder, planned(teachers=1), words()).values()
    share_teachers(plain, [plain, first, second])
    assert not plain.has(DRAWN)  # nobody has drawn words yet
    RunFolder.create(plain.teacher(0), Settings(bits=0), plain.alphabet(), {})
    plain.write_drawn(["uno"])
    share_teachers(first, [plain, first, second])
    assert first.drawn() == ["uno"]
    assert first.teacher(0).is_dir()
    untaught = open_runs(folder, planned(rates=(7.0 / 2,), plain=False), words())["rate-3.5"]
    share_teachers(untaught, [plain])
    assert not untaught.has(DRAWN)

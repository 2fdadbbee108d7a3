"""How to have a model again is said as it was, and gives the same settings."""

import shutil
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from lexbits import WordModel
from lexbits.config import Settings
from lexbits.word_model import provenance as module
from lexbits.word_model.provenance import in_python, provenance, trained_with

from .conftest import TINY


def test_a_model_from_python_is_had_again_by_the_same_call(model):
    found = provenance(model)
    assert found.python
    given = eval(found.command.replace("WordModel.fit(words, ", "dict(").split("  #")[0])
    assert given == {name: TINY[name] for name in TINY if TINY[name] != getattr(Settings(), name)}
    assert (found.versions, found.machine, found.digests) == ((), (), ())
    assert trained_with(model) == ("", "")


def test_all_settings_are_told_with_their_defaults_and_meanings(model):
    found = {setting.name: setting for setting in provenance(model).settings}
    assert found.keys() == Settings.model_fields.keys()
    assert (found["bits"].value, found["bits"].default) == ("4", "16")
    assert found["bits"].meaning == "K, the number of bits; 0 is the plain language model."


def test_a_run_tells_its_command_versions_and_digests(model, tmp_path):
    model.save(tmp_path / "run")
    loaded = WordModel.load(tmp_path / "run")
    found = provenance(loaded)
    versions = dict(found.versions)
    assert versions["lexbits"] == trained_with(loaded)[0]
    assert "torch" in versions
    assert "cores" in dict(found.machine)
    digests = dict(found.digests)
    assert {"alphabet.json", "splits/train.tsv", "identity.json"} <= digests.keys()
    assert all(len(digest) == 64 for digest in digests.values())


@pytest.mark.parametrize("lost", ["environment", "run"])
def test_a_lost_folder_is_no_reason_to_have_no_page(model, tmp_path, lost):
    model.save(tmp_path / "run")
    loaded = WordModel.load(tmp_path / "run")
    if lost == "run":
        shutil.rmtree(tmp_path / "run")
    else:
        (tmp_path / "run" / "environment.json").write_text("{", encoding="utf-8")
    found = provenance(loaded)
    assert (found.versions, found.digests) == ((), ())
    with pytest.warns() if lost == "run" else nullcontext():
        assert loaded.report(tmp_path / "page.html").stat().st_size > 50_000


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (SimpleNamespace(leg_epoch=3, finished=True), ["Its training was extended after epoch 3."]),
        (SimpleNamespace(leg_epoch=0, finished=False), ["The training is not finished."]),
        (SimpleNamespace(leg_epoch=0, finished=True), []),
        (None, []),
    ],
)
def test_what_came_after_the_command_is_said(model, tmp_path, monkeypatch, progress, said):
    model.save(tmp_path / "run")
    monkeypatch.setattr(module, "read_history", lambda run: ([], progress))
    assert list(provenance(WordModel.load(tmp_path / "run")).remarks) == said


def test_a_model_that_started_from_another_says_which(model):
    started = WordModel.__new__(WordModel)
    vars(started).update(vars(model) | {"facts": {"start_from": {"path": "runs/first"}}})
    assert provenance(started).remarks == (
        "It started from the weights of another model, runs/first.",
    )


@pytest.mark.parametrize(
    ("summary", "advice"),
    [
        ('{"findings": ["Try more words."]}', ("Try more words.",)),
        ('{"advice": ""}', ()),
        ("{", ()),
    ],
)
def test_advice_is_that_of_the_summary(model, tmp_path, summary, advice):
    model.save(tmp_path / "run")
    (tmp_path / "run" / "summary.json").write_text(summary, encoding="utf-8")
    assert provenance(WordModel.load(tmp_path / "run")).advice == advice


def test_folders_of_files_are_left_out_of_notes(model):
    read = WordModel.__new__(WordModel)
    settings = model.settings.model_copy(update={"data": "/home/jane/words.txt"})
    notes = ["/home/jane/words.txt: layout: words"]
    vars(read).update(vars(model) | {"settings": settings, "facts": {"notes": notes}})
    assert provenance(read).notes == ("words.txt: layout: words",)


def test_python_names_what_is_not_the_default():
    assert in_python(Settings(bits=8, prior="made")).startswith(
        "WordModel.fit(words, bits=8, prior='made')"
    )

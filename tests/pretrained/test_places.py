"""`pretrained:LANG` is a folder that is read and never written."""

from pathlib import Path

import pytest

from lexbits import WordModel
from lexbits.errors import RunError, UsageError
from lexbits.pretrained import available
from lexbits.pretrained.places import MODELS, folder_of, is_packaged, languages, shown
from lexbits.runs.folder import RunFolder


def test_a_name_stands_for_a_folder_of_the_package():
    assert folder_of("pretrained:es") == MODELS / "es"
    assert is_packaged(MODELS / "es")
    assert shown(MODELS / "es" / "model.safetensors") == "pretrained:es/model.safetensors"


@pytest.mark.parametrize("path", ["runs/es", "./pretrained:es", "/tmp/pretrained:es"])
def test_other_names_are_paths(path):
    assert folder_of(path) == Path(path)
    assert not is_packaged(Path(path))
    assert shown(Path(path)) == str(Path(path))


@pytest.mark.parametrize(
    "name", ["pretrained:", "pretrained:xx", "pretrained:../es", "pretrained:ES"]
)
def test_an_unknown_language_is_refused_with_those_there_are(name):
    with pytest.raises(UsageError, match=r"no such model.*pretrained:es"):
        folder_of(name)


def test_there_is_a_card_for_each():
    assert [card.name for card in available()] == [f"pretrained:{name}" for name in languages()]


def test_nothing_is_written_to_the_package():
    run = RunFolder.open(folder_of("pretrained:es"))
    before = sorted(run.path.rglob("*"))
    with pytest.raises(RunError, match=r"^pretrained:es: comes with lexbits and is never changed"):
        run.write_json("floors.json", {})
    with pytest.raises(RunError, match="--start-from pretrained:es"), run.locked():
        pass
    assert sorted(run.path.rglob("*")) == before


def test_a_model_is_loaded_by_its_language_or_its_name():
    model, same = WordModel.pretrained("es"), WordModel.load("pretrained:es")
    assert model.source == same.source == "pretrained:es"
    assert str(model.score(["casa"])) == str(same.score(["casa"]))
    assert model.card() == available()[languages().index("es")]

"""Each model that comes with lexbits is whole, and is what its card says."""

import shutil
import stat
import warnings

import pytest

from lexbits import WordModel
from lexbits.config import Settings
from lexbits.data import forms_of
from lexbits.pretrained import available
from lexbits.pretrained.card import NAMES
from lexbits.pretrained.places import MODELS, folder_of, languages
from lexbits.runs.checkpoints import MODEL
from lexbits.runs.folder import RunFolder
from lexbits.runs.identity import sha256

CHEAP = ("es",)
"""Of these the words are read in a second or two."""


@pytest.mark.parametrize("card", available(), ids=lambda card: card.language)
def test_its_files_are_those_of_its_card(card):
    run = RunFolder.open(folder_of(card.name))
    content = run.read(MODEL)
    assert (len(content), sha256(content)) == (card.bytes, card.sha256)
    assert card.precision == "float16"
    written = Settings(**card.settings)  # by the version that trained it, which had fewer
    assert written.model_dump(exclude_none=True) == run.settings().model_dump(exclude_none=True)
    assert card.words == run.sizes()
    assert card.language in NAMES
    assert not (run.path / "splits").exists()


@pytest.mark.parametrize(
    "language",
    [pytest.param(n, marks=() if n in CHEAP else pytest.mark.slow) for n in languages()],
)
def test_its_nll_on_500_of_its_words_is_that_of_its_card(language):
    model = WordModel.pretrained(language)
    card = model.card()
    words = forms_of(model.words.splits["test"])[: card.checked_words]
    assert len(words) == 500
    assert model.evaluate(words, samples=10, seed=0).nll == pytest.approx(
        card.checked_nll, abs=1e-3
    )


def test_all_of_them_together_are_small():
    files = [file for file in MODELS.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 3.3e6 * len(languages())


def _files(folder):
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*")]


def test_a_folder_that_may_only_be_read_is_enough(tmp_path, monkeypatch):
    models = tmp_path / "models"
    shutil.copytree(MODELS / "es", models / "es")
    for path in [models, *models.rglob("*")]:
        path.chmod(stat.S_IRUSR | (stat.S_IXUSR if path.is_dir() else 0))
    monkeypatch.setattr("lexbits.pretrained.places.MODELS", models)
    try:
        model = WordModel.pretrained("es")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model.sample(2, seed=0, score=True)
            model.figure()
        assert {*_files(models / "es")} == {*_files(MODELS / "es")}
    finally:
        for path in [models, *models.rglob("*")]:
            path.chmod(stat.S_IRWXU)

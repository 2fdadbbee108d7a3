"""Words that a run folder does not keep are read again, and are the same or refused."""

import shutil

import pytest

from lexbits import WordModel
from lexbits.config import resolve
from lexbits.data.known import KnownWords
from lexbits.errors import DataError, LexbitsWarning, RunError
from lexbits.runs import again
from lexbits.runs.folder import SPLITS, RunFolder
from lexbits.runs.words import create_run, read_words


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    settings = resolve({"data": "simplemma:ms", "limit": 300})
    words = read_words(settings, lambda _: None)
    with create_run(tmp_path_factory.mktemp("runs") / "run", settings, words) as run:
        return run


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(again, "kept_words", lambda digest: tmp_path / "cache" / digest)
    again._texts.cache_clear()
    return tmp_path / "cache"


@pytest.fixture
def without(original, tmp_path, cache):
    """The same run without its words."""
    path = tmp_path / "run"
    shutil.copytree(original.path, path)
    shutil.rmtree(path / "splits")
    return RunFolder.open(path)


def test_they_are_the_same(original, without):
    assert without.splits() == original.splits()


def test_they_are_read_once_and_then_kept(original, without, cache, monkeypatch):
    without.splits()
    assert len(list(cache.iterdir())) == len(SPLITS)
    monkeypatch.setattr(again, "_texts", None)
    assert without.splits() == original.splits()


def test_a_damaged_cache_is_not_believed(original, without, cache):
    without.splits()
    for kept in cache.iterdir():
        kept.write_text("#form\nother\n")
    assert without.splits() == original.splits()


def test_without_a_cache_they_are_read_too(original, without, cache):
    cache.write_text("a file, where the folder would be")
    assert without.splits() == original.splits()


def test_other_words_are_refused_in_a_line(without, monkeypatch):
    monkeypatch.setattr(again, "_texts", lambda _: dict.fromkeys(SPLITS, "#form\nother\n"))
    monkeypatch.setattr(again, "version", lambda _: "9.9")
    with pytest.raises(DataError) as caught:
        without.split("train")
    assert "simplemma 9.9 has others: install simplemma==2" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_run_that_lacks_one_of_its_files_is_refused_as_ever(original, tmp_path):
    path = tmp_path / "run"
    shutil.copytree(original.path, path)
    (path / "splits" / "dev.tsv").unlink()
    with pytest.raises(RunError, match="missing"):
        RunFolder.open(path).split("dev")


def test_what_needs_no_words_works_with_another_version(monkeypatch, cache):
    monkeypatch.setattr(again, "_texts", lambda _: dict.fromkeys(SPLITS, "#form\nother\n"))
    monkeypatch.setattr("lexbits.data.dictionary_index.version", lambda _: "9.9")
    model = WordModel.pretrained("es")
    with pytest.warns(LexbitsWarning, match="words count as new .* its train words are those of"):
        found = model.sample(3, score=True, seed=0)
    assert all(sample.percentile is not None for sample in found)
    assert {sample.status for sample in found} <= {"new", "train", "dev", "test"}
    with pytest.raises(DataError, match="pretrained:es: its train words"):
        model.bit_usage()


def test_sampling_reads_no_words(monkeypatch):
    monkeypatch.setattr(KnownWords, "splits", property(lambda _: pytest.fail("words were read")))
    found = WordModel.pretrained("es").sample(20, score=True, seed=0)
    assert {sample.status for sample in found} >= {"new", "source"}

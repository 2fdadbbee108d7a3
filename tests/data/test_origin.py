"""What the words of a run are a sample of, and whether that is still at hand."""

import pickle
import unicodedata
from functools import partial

import pytest

from lexbits.config import resolve
from lexbits.data import embedded
from lexbits.data.known import KnownWords
from lexbits.data.origin import WHOLE, find_origin, forms_in
from lexbits.data.source import load_splits
from lexbits.errors import LexbitsWarning

WORDS = sorted(a + b + c for a in "bdfg" for b in "aeiou" for c in ("l", "m", "na"))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "names.txt"
    path.write_text("".join(f"{word}\n" for word in WORDS), encoding="utf-8")
    return path


def known(data, **settings):
    """Return the words of a run on `data` as its model knows them."""
    settings = resolve({"data": str(data), **settings})
    words = load_splits(settings)
    splits = {"train": words.train, "dev": words.dev, "test": words.test}
    sizes = {name: len(entries) for name, entries in splits.items()}
    return KnownWords(
        lambda: splits, sizes, lambda train: find_origin(str(data), settings, sizes, train)
    )


def test_a_word_of_the_file_that_the_sample_lacks_is_of_the_source(file):
    words = known(file, limit=40)
    left_out = [word for word in WORDS if word not in words]
    assert len(left_out) == len(WORDS) - 40
    assert {words.status(word) for word in left_out} == {"source"}
    assert {words.status(word) for word in words} == {"train", "dev", "test"}
    assert words.status("zzz") == "new"
    assert str(file) in words.meaning()


def test_splits_that_hold_all_words_need_no_file(file):
    words = known(file)
    file.unlink()
    assert words.origin is WHOLE
    assert words.status("zzz") == "new"
    assert "model's own words" in words.meaning()


@pytest.mark.parametrize("how", ["removed", "changed"])
def test_a_file_that_is_no_longer_the_same_is_said_once(file, how):
    words = known(file, limit=40)
    if how == "removed":
        file.unlink()
    else:
        file.write_text("one\ntwo\n", encoding="utf-8")
    with pytest.warns(LexbitsWarning, match=str(file)) as caught:
        assert words.status(next(w for w in WORDS if w not in words)) == "new"
        assert words.status("zzz") == "new"
    assert len(caught) == 1


def test_a_file_that_has_grown_is_still_the_source(file):
    words = known(file, limit=40)
    file.write_text(file.read_text(encoding="utf-8") + "zzz\n", encoding="utf-8")
    assert words.status("zzz") == "source"


def test_a_sample_of_a_dictionary_is_of_all_its_forms():
    words = known("simplemma:es", limit=200)
    clean, _ = embedded.load_embedded("es", "all", 30)
    left_out = [entry.form for entry in clean[::5000] if entry.form not in words]
    assert {words.status(form) for form in left_out} == {"source"}
    assert words.status("zzzzz") == "new"


def test_every_form_of_a_dictionary_is_found_in_its_normal_form():
    for language in ("hi", "ga"):
        has = embedded.membership(language)
        _, dictionary = embedded._dictionary(language)
        assert all(has(unicodedata.normalize("NFC", key)) for key in dictionary)


def test_without_a_name_nothing_is_claimed():
    origin = find_origin(None, resolve({}), {}, ())
    assert "not known" in origin.missing
    assert not origin.has("casa")


def test_the_forms_of_any_data_set_can_be_asked_for(file):
    has = forms_in(str(file), resolve({"limit": 10}))
    assert all(map(has, WORDS))
    assert not has("zzz")
    assert forms_in("simplemma:es", resolve({"limit": 10}))("casa")


def test_words_go_to_another_process_after_their_source_was_asked(file):
    settings = resolve({"data": str(file), "limit": 40})
    splits = {"train": load_splits(settings).train}
    words = KnownWords(
        partial(dict, splits), {"train": 40}, partial(find_origin, str(file), settings, {})
    )
    assert words.status("zzz") == "new"
    again = pickle.loads(pickle.dumps(words))
    assert [again.status(w) for w in WORDS] == [words.status(w) for w in WORDS]


def test_a_data_set_that_is_not_at_hand_is_said_with_how_to_have_it(monkeypatch, tmp_path):
    monkeypatch.delenv("LEXBITS_DATA", raising=False)
    monkeypatch.setattr("lexbits.data.remote.cache_folder", lambda: tmp_path)
    settings = resolve({"data": "sigmorphon2016:turkish", "limit": 5})
    missing = find_origin(settings.data, settings, {"train": 5}, []).missing
    assert "LEXBITS_DATA" in missing
    assert "lexbits data fetch sigmorphon2016:turkish" in missing

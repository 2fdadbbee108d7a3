import unicodedata

import pytest

from lexbits.data import embedded
from lexbits.data.embedded import languages, load_embedded
from lexbits.data.entry import Entry
from lexbits.errors import UsageError

SPANISH = set("abcdefghijklmnopqrstuvwxyzáéíóúüñ")


@pytest.fixture
def dictionary(monkeypatch):
    """Put a small dictionary in place of every language's own."""
    words = {}
    monkeypatch.setattr(embedded, "_dictionary", lambda _: ("9.9", words))
    return words


@pytest.fixture(scope="module")
def spanish():
    return load_embedded("es", "all", 30)


def forms(language="de", limit="all", max_length=30):
    return [entry.form for entry in load_embedded(language, limit, max_length)[0]]


def test_there_are_fifty_four_languages():
    assert len(languages()) == 54
    assert {"es", "de", "hi", "ar", "grc"} <= set(languages())


def test_an_unknown_language_gets_the_nearest_and_where_to_look():
    for language in ("ess", "ES", "Spanish"):
        with pytest.raises(UsageError, match=r"did you mean simplemma:es\? `lexbits data list`"):
            load_embedded(language, "auto", 30)
    with pytest.raises(UsageError, match="'x1'; `lexbits data list`"):
        load_embedded("x1", "auto", 30)


def test_spanish_words_are_clean(spanish):
    entries, _ = spanish
    words = [entry.form for entry in entries]
    assert len(words) == len(set(words)) > 800_000
    assert set().union(*words) == SPANISH
    assert max(map(len, words)) <= 30
    assert not any(entry.lemma.endswith("rse") for entry in entries)
    assert Entry("niños", "niño") in set(entries)


def test_spanish_notes_count_what_was_left_out_and_the_counts_add_up(spanish):
    entries, notes = spanish
    counts = [int(note.split(" forms")[0].split(" ")[-1].replace(",", "")) for note in notes]
    assert notes[0].startswith("simplemma 2.")
    assert counts[0] - sum(counts[1:]) == len(entries)
    assert any("under lemmas in -rse left out" in note for note in notes)


def test_the_spanish_dictionary_is_the_documented_one(spanish):
    assert not any("documented figures" in note for note in spanish[1])


def test_another_spanish_dictionary_is_noted(dictionary):
    dictionary |= {"uno": "uno"}
    assert any("not that of simplemma 2.0.0" in note for note in load_embedded("es", "all", 30)[1])


def test_garbled_reflexive_forms_and_foreign_letters_leave_spanish(dictionary):
    dictionary |= {"va": "ir", "irse": "irse", "façade": "façade", "kiwi": "kiwi"}
    assert forms("es") == ["kiwi", "va"]
    assert forms("gl") == ["façade", "irse", "kiwi", "va"]


def test_capitals_digits_and_signs_are_left_out(dictionary):
    dictionary |= dict.fromkeys(
        ["Haus", "abC", "a1", "a-b", "a b", "a.", "", "haus", "ǆ", "ǅ"], "x"
    )
    entries, notes = load_embedded("de", "all", 30)
    assert [entry.form for entry in entries] == ["haus", "ǆ"]
    assert "8 forms with capitals or with other signs than letters left out" in notes


@pytest.mark.parametrize("word", ["كتاب", "हिन्दी", "מילה", "ქართული", "മലയാളം", "ßtraße"])
def test_words_of_every_script_survive(dictionary, word):
    dictionary[word] = word
    assert forms("hi") == [word]


def test_rare_characters_count_as_foreign(dictionary):
    common = ("".join(chr(97 + i // 26**p % 26) for p in range(3)) for i in range(4000))
    dictionary |= dict.fromkeys(common, "x")
    dictionary |= {"çb": "x", "ñb": "x", "ñc": "x", "ñd": "x"}
    words = forms("de")
    assert "çb" not in words
    assert {"ñb", "ñc", "ñd"} < set(words)


def test_forms_and_lemmas_are_nfc_and_equal_forms_are_one(dictionary):
    decomposed = unicodedata.normalize("NFD", "niño")
    dictionary |= {decomposed: decomposed, "niño": "niño"}
    assert load_embedded("es", "all", 30)[0] == [Entry("niño", "niño")]


def test_long_forms_are_left_out_before_the_sample_is_drawn(dictionary):
    dictionary |= {"a" * n: "x" for n in range(1, 21)}
    entries, notes = load_embedded("de", 10, 10)
    assert sorted(len(entry.form) for entry in entries) == list(range(1, 11))
    assert "10 forms longer than 10 characters left out" in notes


def test_a_sample_has_exactly_the_size_asked_is_nested_and_does_not_depend_on_order(dictionary):
    words = ["".join(chr(97 + i // 26**p % 26) for p in range(4)) for i in range(3000)]
    dictionary |= dict.fromkeys(words, "x")
    small, large = forms(limit=100), forms(limit=1000)
    assert (len(small), len(large)) == (100, 1000)
    assert set(small) < set(large)
    dictionary.clear()
    dictionary |= dict.fromkeys(reversed(words), "x")
    assert forms(limit=100) == small
    assert "a sample of 100 of the remaining 3,000 forms" in load_embedded("de", 100, 30)[1]


def test_auto_takes_thirty_thousand_and_a_limit_above_the_size_takes_all(dictionary):
    words = ["".join(chr(97 + i // 26**p % 26) for p in range(4)) for i in range(31_000)]
    dictionary |= dict.fromkeys(words, "x")
    assert len(forms(limit="auto")) == 30_000
    assert len(forms(limit=10**9)) == len(forms(limit="all")) == 31_000


@pytest.mark.slow
@pytest.mark.parametrize("language", ["de", "ar", "hi", "he", "ka"])
def test_cleaning_keeps_nearly_all_lower_case_words_of_a_language(language):
    _, dictionary = embedded._dictionary(language)
    lower = [form for form in dictionary if form == form.lower() and form.isprintable()]
    lower = [form for form in lower if not set(form) & set(" -.'’1234567890")]
    assert len(forms(language)) > 0.97 * len(lower)

"""The page of what is odd in a list: each kind is found, counted, shown and advised on."""

import pytest

from lexbits.config import resolve
from lexbits.data import load_splits
from lexbits.data.packing import pack_words
from lexbits.studies import list_page as module
from lexbits.studies.list_page import list_page

PLAIN = [a + b + c + d for a in "bdfglmnp" for b in "aeiou" for c in "lnrst" for d in "aeo"]


@pytest.fixture
def page(tmp_path):
    """Return the page of a file with these lines."""

    def of(*lines, **settings):
        path = tmp_path / "words.txt"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return list_page(load_splits(resolve({"data": str(path), **settings})))

    return of


def kinds(page):
    return {odd.kind: odd for odd in page.oddities}


def test_nothing_is_odd_in_plain_words(page):
    found = page(*PLAIN)
    assert found.oddities == []
    assert (found.rows, found.forms, found.sampled) == (600, 600, None)
    assert found.lengths == {1: 0, 2: 0, 3: 0, 4: 600}


@pytest.mark.parametrize(
    ("form", "kind", "advice"),
    [
        ("b52", "digits", "another column"),
        ("canto/SM", "separators", "--delimiter"),
        ("a priori", "spaces", ""),
        ("<b>", "markup", ""),
        ("# words", "comments", "--comment"),
        ('"casa"', "quotes", "--delimiter"),
        ("hola!", "punctuation", ""),
        ("l'eau", "apostrophes", ""),
        ("pre-", "hyphens", "affixes"),
        ("-ción", "hyphens", "affixes"),
        ("the 22038615", "counts", "--weights 2"),
        ("NASA", "all_capitals", "abbreviations"),
        ("Madrid", "capitals", "--lowercase"),
        ("aÃ±o", "mojibake", "iconv -f UTF-8 -t CP1252"),
        ("caf\ufffd", "lost_letters", "get it again"),
        ("c\u0430sa", "mixed_scripts", "correct it"),
        ("слово", "foreign_script", "take them out"),
        ("co\xadoperar", "invisible_00ad", ""),
        ("x", "short", ""),
        ("supercalifragilisticoespialidoso"[:28], "long", "--max-length 15"),
        ("żona", "rare_characters", "slips"),
    ],
)
def test_what_is_odd_is_found_with_its_line_and_what_to_do(page, form, kind, advice):
    found = kinds(page(*PLAIN, form))[kind]
    assert found.count == 1
    assert [(e.form, e.place) for e in found.examples] == [(form, "line 601")]
    assert advice in found.advice


def test_what_a_wrongly_decoded_word_was_meant_to_be_is_said(page):
    found = kinds(page(*PLAIN, "aÃ±o", "â€™til"))["mojibake"]
    assert [example.detail for example in found.examples] == ["meant is 'año'", "meant is '’til'"]


def test_another_alphabet_that_was_read_as_latin_is_noticed(page, tmp_path):
    russian = [a + b + c for a in "бвгдк" for b in "аеиоу" for c in ("ла", "ний", "рый")]
    lines = [form.encode("cp1251").decode("cp1252") for form in russian]
    found = kinds(page(*lines))["misread"]
    assert found.count == len(russian)
    assert "--encoding cp1251" in found.advice
    assert "misread" not in kinds(page(*russian))


def test_letters_of_another_script_are_named(page):
    found = kinds(page(*PLAIN, "c\u0430sa"))["mixed_scripts"]
    assert "cyrillic small letter a" in found.examples[0].detail


def test_scripts_that_one_language_mixes_are_not_odd(page):
    assert "mixed_scripts" not in kinds(page(*PLAIN, "食べる", "コーヒー豆"))


def test_repeats_are_rows(page):
    found = kinds(page(*PLAIN, PLAIN[3], PLAIN[3], PLAIN[5]))["duplicates"]
    assert (found.count, found.of) == (3, "rows")
    assert str(found.examples[0]) == f"{PLAIN[3]} (line 4, 3 times)"
    assert "sort -u" in found.advice


def test_words_that_are_nearly_the_same_are_shown_beside_each_other(page):
    found = kinds(page(*PLAIN, "Bala", "l'eau", "l’eau", "ﬁn", "fin"))
    assert str(found["case"].examples[0]) == "Bala (line 601, beside 'bala')"
    assert found["spelling"].count == 2
    assert 'beside "l\'eau"' in str(found["spelling"].examples[0])


def test_a_heading_of_a_plain_list_is_noticed(page):
    assert "--column word" in kinds(page("word", *PLAIN))["heading"].advice
    assert "heading" not in kinds(page("word", *PLAIN, column="word"))
    assert "heading" not in kinds(page(*PLAIN, "word"))


def test_columns_of_numbers_that_are_not_read_are_offered_as_weights(page):
    rows = [f"{word}\t{7 * i + 1}\tpos=N,num=SG" for i, word in enumerate(PLAIN)]
    found = kinds(page("Word\tFreq\tTags", *rows, column="word"))
    assert "--weights Freq" in found["numbers"].advice
    assert "--layout" in found["features"].advice
    weighted = kinds(page("Word\tFreq\tTags", *rows, column="word", weights="Freq"))
    assert "numbers" not in weighted


def test_other_numbers_beside_weights_are_not_offered_and_names_are_quoted(page):
    rows = [f"casa{'s' * i}\t{7 * i + 3}\t{i}.25" for i in range(12)]
    header = "Word\tFreq\tFreq norm"
    weighted = kinds(page(header, *rows, column="word", weights="Freq"))
    assert "numbers" not in weighted
    unweighted = page(header, *rows, column="word").oddities
    assert any("--weights 'Freq norm'" in found.advice for found in unweighted)


def test_the_least_word_like_words_come_first(page):
    found = page(*PLAIN, "qxzk", "kqzx")
    assert {word.form for word in found.least_word_like[:2]} == {"qxzk", "kqzx"}
    assert len(found.least_word_like) == 20
    nats = [word.nats_per_symbol for word in found.least_word_like]
    assert nats == sorted(nats, reverse=True)
    assert nats[0] > nats[2] + 1
    assert found.least_word_like[0].place in ("line 601", "line 602")


def test_of_few_words_no_least_likely_are_named(page):
    assert page(*PLAIN[:30]).least_word_like == []


def test_of_a_long_list_a_sample_is_looked_at(page, monkeypatch):
    monkeypatch.setattr(module, "MOST", 200)
    found = page(*PLAIN)
    assert (found.rows, found.sampled) == (200, 600)
    assert found == page(*PLAIN)


def test_packed_and_embedded_words_have_a_page_without_lines(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("".join(f"{word}\n" for word in [*PLAIN, "b52"]))
    pack_words([str(path)], tmp_path / "packed", resolve({}), lambda _: None)
    for data in (str(tmp_path / "packed"), "simplemma:es"):
        found = list_page(load_splits(resolve({"data": data, "limit": 700})))
        assert found.least_word_like
        assert all(word.place == "" for word in found.least_word_like)

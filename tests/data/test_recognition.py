from pathlib import Path

import pytest

from lexbits.data.recognition import recognise, refuse_hidden_columns
from lexbits.errors import DataError

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "sigmorphon2016"
needs_files = pytest.mark.skipif(not SHARED.is_dir(), reason="the SIGMORPHON files are not here")

SPANISH = ["la casa", "el perro", "un gato", "dos gatas", "su vida", "mi mesa"]


def numbered(lines):
    return list(enumerate(lines, 1))


def recognised(*lines, delimiter=None):
    return recognise(numbered(lines), "f.tsv", delimiter).name


def refusal(*lines, delimiter=None):
    with pytest.raises(DataError) as caught:
        recognised(*lines, delimiter=delimiter)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("f.tsv")
    return str(caught.value)


@pytest.mark.parametrize(
    ("layout", "lines"),
    [
        ("sigmorphon", ["ababol\tpos=N,num=PL\tababoles", "ábaco\tpos=N,num=SG\tábaco"]),
        ("unimorph", ["abdicar\tabdicó\tV;IND;PST;3;SG", "abeja\tabejas\tN;PL"]),
        ("unimorph", ["abeja\tabejas\tN", "abdicar\tabdicó\tV"]),
        ("sigmorphon", ["abeja\tN\tabejas", "abdicar\tV\tabdicó"]),
        ("unimorph", ["abeja\tabejas\t", "abdicar\tabdicó\t"]),
        ("sigmorphon", ["a\tplural\taes", "b\tplural\tbes", "c\tsingular\tce", "d\tplural\tdes"]),
        ("unimorph", ["a\taes\tplural", "b\tbes\tplural", "c\tce\tsingular", "d\tdes\tplural"]),
        ("words", ["uno", "dos", "tres y medio"]),
        ("words", ["a=b", "N;PL"]),
        ("words", ["uno\t", "dos\t", "tres\t"]),
        ("sigmorphon", ["abeja\tN;PL\tabejas\t", "abdicar\tV;PST\tabdicó\t"]),
    ],
)
def test_layouts_are_recognised(layout, lines):
    assert recognised(*lines) == layout


def test_a_layout_is_recognised_between_other_delimiters():
    lines = ["abeja,N,abejas", "abdicar,V,abdicó"]
    assert recognised(*lines, delimiter=",") == "sigmorphon"
    assert recognised('"casa"', '"perro"', delimiter=",") == "words"


@needs_files
@pytest.mark.parametrize("language", ["spanish", "german", "turkish"])
def test_official_files_are_recognised(language):
    lines = (SHARED / f"{language}-task1-dev").read_text("utf-8").splitlines()[:1000]
    assert recognised(*lines) == "sigmorphon"
    turned = ["\t".join((lemma, form, f)) for lemma, f, form in (x.split("\t") for x in lines)]
    assert recognised(*turned) == "unimorph"


def test_one_stray_row_does_not_change_the_layout():
    rows = [f"l{i}\tpos=N,num={i}\tf{i}" for i in range(20)]
    assert recognised(*rows, "l\tN\tX;Y", "ABC\tpos=N\tABC") == "sigmorphon"
    assert recognised(*rows, "l\tN") == "sigmorphon"
    assert recognised("uno", "dos", "tr\tes") == "words"


DOUBTFUL = {
    "syllables and a frequency, as of Wuggy": ["abacus\ta-ba-cus\t1.2", "casa\tca-sa\t12.3"],
    "a translation and a part of speech": ["casa\thouse\tN", "perro\tdog\tN", "rojo\tred\tA"],
    "a word, its count and its share": ["la\t18438\t0.12", "el\t17012\t0.11"],
    "two columns": ["la\t18438", "el\t17012", "de\t16000"],
    "two columns and a tab at the end": ["la\t18438\t", "el\t17012\t"],
    "four columns": ["la\tDET\tf\t18438", "el\tDET\tm\t17012"],
    "two columns and four": ["la\tDET\tf\t18438", "el\tDET"] * 10,
}


@pytest.mark.parametrize("kind", DOUBTFUL)
def test_columns_in_doubt_are_asked_for(kind):
    message = refusal(*DOUBTFUL[kind])
    assert "--column 1" in message
    assert "--column 2" in message


def test_the_choices_show_what_the_columns_hold():
    message = refusal("la\t18438", "el\t17012", "de\t16000")
    assert "2 columns in all lines" in message
    assert "--column 1 ('el') or --column 2 ('17012')" in message


def test_three_columns_offer_the_orders_of_lemma_form_and_features():
    message = refusal("a\tb\tc", "d\te\tf")
    assert message.startswith("f.tsv, line 1: ")
    assert "--layout sigmorphon or --layout unimorph" in message
    assert "--layout" not in refusal("abacus\ta-ba-cus\t1.2", "casa\tca-sa\t12.3")


def test_rows_of_many_widths_are_counted_and_the_first_odd_one_is_named():
    message = refusal(*["a\tN;X\tb", "a\tN;X"] * 20)
    assert "3 columns in 20 of 40 lines" in message
    assert "line 2" in message


HIDDEN = {
    "CSV": (["Mary,F,7065", "Anna,F,2604", "Emma,F,2003"], "--delimiter ,"),
    "CSV with semicolons": (["uno;1", "dos;2", "tres;3"], "--delimiter ';'"),
    "hunspell": (["57344", "canto/SM", "casa", "perro/S", "gato/S"], "--delimiter /"),
    "a ruled table": (["| a | b |", "|---|---|", "| c | d |"], "--delimiter '|'"),
    "counts after a space": (["la 18438", "el 17012", "de 16000"], "--delimiter space"),
    "counts before a space": (["18438 la", "17012 el", "16000 de"], "--delimiter space"),
    "segmentations": (["en @@thrall", "dis @@cover", "un @@do"], "--delimiter space"),
}


@pytest.mark.parametrize("kind", HIDDEN)
def test_lines_without_tabs_that_look_like_columns_are_asked_about(kind):
    lines, flag = HIDDEN[kind]
    message = refusal(*lines)
    assert flag in message
    assert "--column 2" in message
    assert "--layout words" in message


def test_running_text_and_markup_are_no_lists():
    text = ["In a village of La Mancha, the name of which", "I have no desire to call to mind"]
    assert "running text" in refusal(*text * 3)
    assert "markup" in refusal("<html>", "<p>casa</p>", "<p>perro</p>")
    assert "JSON" in refusal('["casa", "perro"]')
    assert "JSON" in refusal('{"word": "casa", "n": 1}', '{"word": "perro", "n": 2}')


def test_a_few_names_of_several_words_are_fine():
    assert recognised(*["casa", "perro", "gato", "vida"] * 5, *SPANISH[:5]) == "words"
    assert "spaces in" in refusal(*SPANISH)


def test_single_words_have_no_hidden_columns():
    refuse_hidden_columns(numbered(["ad-hoc", "l'eau", "naïve", "a.m.", "B52", "re:"]), "f")


def test_a_single_row_of_two_columns_is_asked_about():
    assert "--column 2" in refusal("uno\tdos")

import io

import pytest

from lexbits.config import Settings, resolve
from lexbits.data import load_splits
from lexbits.data.reading import read_entries
from lexbits.errors import DataError, UsageError
from tests.data.stdin import on_stdin

ROWS = [("the", 22038615), ("of", 12545825), ("house", 514201), ("año", 3)]
EXPECTED = {form: float(weight) for form, weight in ROWS}


def read(text, **settings):
    with on_stdin(io.BytesIO(text.encode())):
        return read_entries("-", Settings(**settings))


def weights(text, **settings):
    return {entry.form: entry.weight for entry in read(text, **settings).entries}


def table(mark, header="", quote="", first=""):
    rows = [f"{quote}{w}{quote}{mark}{n}\n" for w, n in ROWS]
    if first:
        rows = [f"{quote}{i}{quote}{mark}{row}" for i, row in enumerate(rows)]
    return header + "".join(rows)


@pytest.mark.parametrize("mark", ["\t", ",", ";", "|", " ", "   "])
def test_a_frequency_list_needs_the_column_of_frequencies_only(mark):
    assert weights(table(mark), weights=2) == EXPECTED
    assert weights(table(mark, f"Word{mark}Freq\n"), weights=2) == EXPECTED
    assert weights(table(mark, f"Word{mark}Freq\n"), weights="freq") == EXPECTED


@pytest.mark.parametrize("mark", ["\t", ",", ";", " "])
@pytest.mark.parametrize("first", ["", "names of rows"])
def test_tables_that_r_has_written_lose_their_quotes_and_names_of_rows(mark, first):
    text = table(mark, f'"word"{mark}"freq"\n', '"', first)
    assert weights(text, column="word", weights="freq") == EXPECTED


def test_fields_of_csv_files_may_have_commas_and_doubled_quotes_in_them():
    text = 'id,word,n\n1,"a,b",2\n2,"say ""hi""",3\n3, c ,4\n'
    assert weights(text, column="word", weights="n") == {"a,b": 2, 'say "hi"': 3, "c": 4}


@pytest.mark.parametrize(
    ("above", "said"),
    [
        ("# exported 2024\n", "line 2 names it: --comment '#' leaves out what is above it"),
        ("# a\n# b\n", "line 3 names it: --comment '#' leaves out what is above it"),
        ("List of names\n", "line 2 names it: take away what is above it"),
    ],
)
def test_names_of_columns_below_other_lines_are_found_for_the_user(above, said):
    text = above + "Name,Count\nAva,3\nEmma,4\nLiam,5\n"
    with pytest.raises(DataError, match=rf"line 1: expected a column named 'Name'.*; {said}$"):
        read(text, column="Name", delimiter=",")
    if "#" in above:
        assert weights(text, column="name", weights="count", delimiter=",", comment="#") == {
            "Ava": 3, "Emma": 4, "Liam": 5,
        }  # fmt: skip


def test_a_field_that_goes_on_in_the_next_line_is_refused():
    with pytest.raises(DataError, match=r"line 3: expected cells whose quotes end on the line"):
        read('word,n\na,1\n"b\nc",2\n', column="word")


def test_a_column_is_found_by_its_name_whatever_its_case():
    text = "Word\tFREQcount\tword2\nThe\t5\tx\n"
    assert [e.form for e in read(text, column="WORD").entries] == ["The"]
    assert [e.form for e in read(text, column="word2").entries] == ["x"]
    assert "column word2" in read(text, column="word2").notes[0]


def test_of_names_that_differ_in_case_only_the_exact_one_is_taken():
    assert [e.form for e in read("word\tWord\na\tb\n", column="Word").entries] == ["b"]
    with pytest.raises(DataError, match="2 columns are named 'WORD'; say 1 or 2"):
        read("word\tWord\na\tb\n", column="WORD")


def test_a_missing_name_is_refused_with_those_there_are():
    with pytest.raises(DataError, match=r"line 1: .* 'wrd', found 'Word', 'Freq'; did you"):
        read("Word\tFreq\nthe\t5\n", column="wrd")
    with pytest.raises(DataError, match="found 'the', '5'; give a name or a number"):
        read("the\t5\nof\t4\n", column="word")


def test_the_words_beside_weights_are_asked_for_where_that_is_in_doubt():
    text = "the\tDET\t5\nof\tPREP\t4\n"
    with pytest.raises(DataError, match=r"weights are in column 3, .* --column 1 \('"):
        read(text, weights=3)
    assert weights(text, weights=3, column=1) == {"the": 5, "of": 4}
    assert weights("a\tWord\tn\nx\tthe\t5\n", weights="n") == {"the": 5}


def test_the_only_column_that_holds_no_numbers_holds_the_words():
    assert weights("101\tthe\t5\n102\tof\t4\n103\tto\t3\n", weights=3) == {
        "the": 5,
        "of": 4,
        "to": 3,
    }


def test_dev_words_are_read_from_the_column_that_weights_showed(tmp_path):
    rows = [f"{i} word{chr(97 + i % 26)}{chr(97 + i // 26)} {i + 1}\n" for i in range(100)]
    for name, part in (("train", rows[:80]), ("dev", rows[80:])):
        (tmp_path / name).write_text("".join(part))
    paths = {"data": str(tmp_path / "train"), "dev": str(tmp_path / "dev")}
    words = load_splits(resolve({**paths, "weights": 3}))
    assert len(words.dev) == 20
    assert all(e.weight == 1 and e.form.startswith("word") for e in words.dev)


def test_what_asks_for_a_column_offers_names_and_frequencies():
    text = "Word,Freq\n" + "".join(f"w{i},{7 * i}\n" for i in range(9))
    with pytest.raises(DataError, match=r"--column Word .* and --weights Freq if that is how"):
        read(text)
    with pytest.raises(DataError, match=r"--column 1 .* and --weights 2 if that is how"):
        read(text.removeprefix("Word,Freq\n"))


def test_weights_and_words_are_two_columns():
    with pytest.raises(UsageError, match="--weights names another one"):
        read("the\t5\nof\t4\n", column=1, weights=1)


def test_weights_can_stand_beside_lemma_and_features():
    text = "ser\tes\tV;PRS\t17\nser\tfue\tV;PST\t4\n"
    entries = read(text, layout="unimorph", weights=4).entries
    assert [(e.form, e.lemma, e.features, e.weight) for e in entries] == [
        ("es", "ser", "V;PRS", 17), ("fue", "ser", "V;PST", 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "found"),
    [("x\t0", "'0'"), ("x\t-1", "'-1'"), ("x\tmany", "'many'"), ("x\t", "nothing"),
     ("x", "found 1 column"), ("x\t1,234", "without signs between thousands")],
)  # fmt: skip
def test_a_row_without_a_weight_is_refused_with_its_line_or_left_out(row, found):
    text = "the\t5\nof\t4\nto\t3\n" + row + "\n"
    with pytest.raises(DataError, match=f"line 4.*{found}.*--skip-bad leaves such lines out"):
        read(text, weights=2)
    assert len(read(text, weights=2, skip_bad=True).entries) == 3


def test_a_number_is_a_number_and_not_a_name():
    assert Settings(column="2").column == 2
    assert Settings(column=" word ").column == "word"


def test_the_header_of_a_saved_split_names_its_columns():
    text = "#form\tweight\nel\t5\nla\t4\n"
    assert weights(text) == {"el": 1, "la": 1}
    assert weights(text, weights="weight") == {"el": 5, "la": 4}
    assert weights(text, column="form") == {"el": 1, "la": 1}


def test_a_decimal_comma_is_understood_where_it_can_be_nothing_else():
    rows = "Haus;3,5\nMaus;1,234\nAus;7\n"
    assert weights(rows, weights=2) == {"Haus": 3.5, "Maus": 1.234, "Aus": 7}
    with pytest.raises(DataError, match=r"line 1, column 2: .* found '1,234'; write it with"):
        weights("Haus;1,234\nMaus;2\n", weights=2)


def test_numbers_of_rows_are_not_offered_as_frequencies():
    text = "".join(f"{i}\tw{i}\t{i * i}\n" for i in range(1, 30))
    with pytest.raises(DataError, match="and --weights 3 if"):
        read(text)
    assert [column.place for column in read(text, column=2).unread] == [3]

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexbits.alphabet import END, UNKNOWN, UNKNOWN_SIGN, Alphabet
from lexbits.errors import RunError

WORDS = st.lists(st.text(max_size=8), min_size=1, max_size=8)
PRINTABLE = st.lists(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8), min_size=1, max_size=8
)


@given(WORDS)
def test_decoding_undoes_encoding(words):
    alphabet = Alphabet.from_words(words)
    assert [alphabet.decode(alphabet.encode(word)) for word in words] == words


@given(WORDS)
def test_every_encoded_word_ends_once_and_uses_only_symbols_that_can_be_predicted(words):
    alphabet = Alphabet.from_words(words)
    for word in words:
        symbols = alphabet.encode(word)
        assert len(symbols) == len(word) + 1
        assert symbols.index(END) == len(word)
        assert all(0 <= symbol < alphabet.size for symbol in symbols)


@given(st.text(), st.lists(st.text(max_size=5), max_size=5))
def test_characters_encoded_together_become_what_they_become_one_by_one(text, known):
    alphabet = Alphabet.from_words(known)
    assert alphabet.encode_characters(text).tolist() == alphabet.encode(text)[:-1]


def test_half_a_surrogate_pair_is_a_character():
    assert Alphabet(["\ud83d", "😀"]).encode_characters("😀\ud83d\ude00").tolist() == [
        3,
        2,
        UNKNOWN,
    ]


@given(WORDS)
def test_an_alphabet_does_not_depend_on_the_order_of_the_words(words):
    assert Alphabet.from_words(words) == Alphabet.from_words(reversed(words))


@given(PRINTABLE)
def test_json_keeps_an_alphabet(words):
    alphabet = Alphabet.from_words(words)
    again = Alphabet.from_json(alphabet.to_json(), "alphabet.json")
    assert again == alphabet
    assert hash(again) == hash(alphabet)


def test_the_special_symbols_are_distinct_and_outside_the_characters():
    alphabet = Alphabet("abc")
    special = {END, UNKNOWN, alphabet.start, alphabet.pad}
    assert len(special) == 4
    assert special.isdisjoint(alphabet.encode("abc")[:-1])
    assert (alphabet.size, alphabet.inputs) == (5, 7)
    assert max(special) < alphabet.inputs


def test_an_unseen_character_becomes_the_unknown_symbol_and_shows_as_a_sign():
    alphabet = Alphabet("ab")
    assert alphabet.encode("añb") == [2, UNKNOWN, 3, END]
    assert alphabet.decode(alphabet.encode("añb")) == f"a{UNKNOWN_SIGN}b"
    assert alphabet.unseen("ñañüb") == "ñü"


def test_decoding_stops_at_the_end_or_at_padding_and_skips_the_start():
    alphabet = Alphabet("ab")
    assert alphabet.decode([alphabet.start, 2, 3, END, 3]) == "ab"
    assert alphabet.decode([2, alphabet.pad, 3]) == "a"
    assert alphabet.decode([]) == ""


def test_combining_marks_are_characters_of_their_own():
    assert Alphabet.from_words(["कि"]).characters == ("क", "ि")


@pytest.mark.parametrize("characters", ["aa", ["ab"], [""]])
def test_characters_must_be_single_and_distinct(characters):
    with pytest.raises(ValueError, match="distinct single"):
        Alphabet(characters)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"characters": 3}', '{"characters": ["aa"]}'])
def test_a_damaged_alphabet_file_is_named(text):
    with pytest.raises(RunError, match=r"^run/alphabet\.json: not an alphabet"):
        Alphabet.from_json(text, "run/alphabet.json")


def test_an_alphabet_equals_nothing_but_an_alphabet():
    assert Alphabet("ab") != Alphabet("ba")
    assert Alphabet("ab") != ("a", "b")


def test_an_alphabet_shows_its_characters():
    assert repr(Alphabet("ab")) == "Alphabet('ab')"


@pytest.mark.parametrize(
    ("characters", "text", "found"),
    [("am", "Ma", "ma"), ("AM", "Ma", "MA"), ("am", "ma", "ma"), ("am", "Mo", "")],
)
def test_text_is_put_into_the_case_that_an_alphabet_knows(characters, text, found):
    assert Alphabet(characters).in_known_case(text) == found

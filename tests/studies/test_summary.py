"""What is said of a finished training."""

from lexbits import WordModel
from lexbits.studies.summary import examples


def test_there_is_a_path_where_there_are_two_words():
    words = [a + b + c for a in "lmnpqrst" for b in "aeiou" for c in ("", "s", "ba")]
    model = WordModel.fit(words, bits=2, hidden_size=4, epochs=1, dev_share=0.2)
    assert "path" in examples(model, ["la", "mes"])
    assert "path" not in examples(model, ["la"])

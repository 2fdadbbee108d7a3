"""Cards: the same facts and the same text for models of lexbits and of one's own."""

import dataclasses
import json

import pytest

from lexbits import WordModel
from lexbits.errors import RunError
from lexbits.pretrained import Card, available
from lexbits.pretrained.card import NAMES
from lexbits.pretrained.markdown import MARK
from lexbits.pretrained.places import languages

WORDS = [a + b + c for a in ("ba", "de", "ki") for b in ("la", "mo", "su") for c in "lmnrst"]


@pytest.fixture(scope="module")
def own():
    model = WordModel.fit(WORDS, bits=4, hidden_size=8, epochs=1, progress=False)
    return model.card()


@pytest.fixture(params=languages())
def packaged(request):
    return next(card for card in available() if card.language == request.param)


def test_a_card_says_what_the_model_is(packaged):
    text = str(packaged)
    assert text.startswith(f"# {packaged.name}: a generative model of {NAMES[packaged.language]}")
    assert f"{packaged.test_nll:.3f} |" in text
    assert packaged.sha256 in text
    assert f'WordModel.pretrained("{packaged.language}")' in text
    for part in ("not for", "offensive", "unseen-only", "ODbL", "How to cite", "To make it again"):
        assert part in text


def test_settings_are_told_where_they_are_not_the_usual_ones(packaged):
    assert packaged.changed()["hidden_size"] == (512, 256)
    assert packaged.changed().keys().isdisjoint({"bits", "device", "precision", "save_seconds"})


def test_a_list_of_cards_is_short(packaged):
    assert repr([packaged]).startswith(f"[<Card of {packaged.name}: a generative model of ")
    assert len(repr(packaged)) < 80


def test_a_card_survives_json(packaged):
    assert Card.parse(json.loads(json.dumps(packaged.to_dict())), "card") == packaged


def test_another_file_is_refused(packaged):
    with pytest.raises(RunError, match=r"card\.json: expected the fields .*'dev_nll'"):
        Card.parse({k: v for k, v in packaged.to_dict().items() if k != "dev_nll"}, "card.json")


def test_a_model_of_ones_own_has_one_too(own):
    text = str(own)
    assert own.dev_nll > 0
    assert own.ngram_dev_nll > 0
    assert own.test_nll is None
    assert own.words == {"train": own.words["train"], "dev": own.words["dev"]}
    assert "a list of your own: say here" in text
    assert "WordModel.fit(words, bits=4" in text
    assert "simplemma" not in text
    assert text.rstrip().encode().endswith(MARK)


def test_its_networks_are_named_with_their_article(own):
    said = {
        cell: str(dataclasses.replace(own, settings={**own.settings, "cell": cell}))
        for cell in ("lstm", "gru")
    }
    assert "an LSTM of" in said["lstm"]
    assert "a GRU of" in said["gru"]


def test_a_plain_model_has_no_bits_to_tell_of(own):
    text = str(dataclasses.replace(own, settings={**own.settings, "bits": 0}))
    assert "A plain language model" in text
    assert "The bits" not in text
    assert "mutual information" not in text

"""What is advised after a training: each case, what is set already, and which comes first."""

import dataclasses
import itertools
import math
import re

import pytest

from lexbits.alphabet import Alphabet
from lexbits.config import NETWORKS, Settings
from lexbits.data.corpus import Corpus
from lexbits.measures import evaluate
from lexbits.measures.advice import RANKED, Outcome, advice, findings
from tests.exact import tiny_model

WELL = Settings(bits=16)


@pytest.fixture(scope="module")
def figures():
    words = ["".join(w) for w in itertools.product("ab", repeat=4)]
    found = evaluate(tiny_model(), Corpus.from_words(words, Alphabet("ab")), 2)
    return dataclasses.replace(found, mutual_information=4.0, nll=18.0, seen_nll=18.0, rate=4.1)


@pytest.fixture
def outcome(figures):
    """Return the outcome of a training that went well, with changes to it or to its figures."""

    def changed(**changes):
        of_test = {f.name for f in dataclasses.fields(figures)} & {*changes}
        test = dataclasses.replace(figures, **{name: changes.pop(name) for name in of_test})
        usual = {
            "train_words": 24_000, "epochs": 10, "steps": 4000, "best_epoch": 10,
            "best_dev_nll": 18.0, "last_dev_nll": 18.0, "train_elbo": -18.1, "dev_elbo": -18.3,
            "exact": 0.9, "ngram_nll": 18.5,
        }  # fmt: skip
        return Outcome(test=test, **usual | changes)

    return changed


OVERFITTED = {"best_epoch": 4, "last_dev_nll": 19.0, "train_elbo": -9.6, "dev_elbo": -20.0}
COLLAPSED = {"mutual_information": 0.01, "exact": 0.0}
FEW = {"train_words": 281}
BEHIND = {"ngram_nll": 17.7}
FAR_BEHIND = {"ngram_nll": 17.0}
GONE = {"exact": 0.003}


def test_of_a_training_that_went_well_there_is_nothing_to_say(outcome):
    assert advice(outcome(), WELL) == ""
    assert findings(outcome(), WELL) == []


def test_of_a_training_that_has_hardly_begun_only_that_is_striking(outcome):
    said = findings(outcome(**COLLAPSED, ngram_nll=10.0), WELL)
    assert said[0].startswith("A Kneser-Ney n-gram model of the same words is ahead by 8.00")
    assert "a longer training (--steps 8000)" in said[0]
    assert said[1].startswith("The bits are ignored")
    late = findings(outcome(**COLLAPSED, **OVERFITTED, ngram_nll=10.0), WELL)
    assert late[0].startswith("The bits are ignored")


def test_collapse_is_said_with_what_is_not_tried(outcome):
    said = advice(outcome(**COLLAPSED), WELL)
    assert said.startswith("The bits are ignored. Try --rate-target 4 --free-nats 0")
    assert "come back" not in "".join(findings(outcome(**COLLAPSED), WELL))


def test_few_words_ask_for_more_and_for_less_to_fit(outcome):
    said = advice(outcome(**FEW), Settings(limit=300, synthetic_words=0.0))
    assert "281" in said
    assert "more words (--limit all)" in said
    assert "--synthetic-words auto" in said
    assert "--limit" not in advice(outcome(**FEW), WELL)
    assert "ahead by 1.00 nats" in advice(outcome(**FEW, **FAR_BEHIND), WELL)


def test_words_learned_by_heart_ask_for_fewer_epochs_and_more_noise(outcome):
    said = advice(outcome(**OVERFITTED), Settings(synthetic_words=0.0))
    assert "learns its words by heart" in said
    assert "epoch 4 of 10" in said
    assert "-9.6" in said
    assert "--epochs 4; --synthetic-words auto; --dropout 0.3; --variational-dropout" in said


@pytest.mark.parametrize(
    "change",
    [{"best_epoch": 9}, {"last_dev_nll": 18.05}, {"train_elbo": -19.5}],
    ids=["best late", "no worse", "together"],
)
def test_without_all_signs_words_are_not_learned_by_heart(outcome, change):
    assert advice(outcome(**OVERFITTED | change), WELL) == ""


def test_an_ngram_ahead_asks_for_a_longer_training_if_more_can_be_learned(outcome):
    said = advice(outcome(**BEHIND), WELL)
    assert "ahead by 0.30 nats per word (17.70, this model 18.00)" in said
    assert "--steps 8000" in said
    assert "--preset best" in said
    assert "--epochs 12" in advice(outcome(**BEHIND), Settings(epochs=6))
    assert "--epochs 200" in advice(outcome(**BEHIND, epochs=100, steps=800, best_epoch=99), WELL)
    apart = advice(outcome(**BEHIND, train_elbo=-15.0), WELL)
    assert "longer" not in apart
    assert "--dropout 0.3" in apart
    plain = advice(outcome(**BEHIND, exact=None), Settings(bits=0))
    assert "--preset plain" in plain
    assert "best" not in plain


def test_an_ngram_that_is_as_good_is_not_mentioned(outcome):
    assert advice(outcome(ngram_nll=17.9), WELL) == ""
    assert advice(outcome(ngram_nll=None), WELL) == ""
    assert advice(outcome(ngram_nll=17.0, seen_nll=None), WELL) == ""


def test_words_that_do_not_come_back_ask_for_as_many_nats_as_they_take(outcome):
    said = advice(outcome(**GONE), WELL)
    assert said.startswith("0.3% of the test words come back")
    assert "4.0 of the 18.0 nats" in said
    assert "reconstruct --search" in said
    assert "--rate-target 18 --bits 38 --free-nats 0" in said
    assert "--kl-weight 0" in said
    assert 38 * math.log(2) > 18


def test_what_is_advised_is_possible_beside_what_is_set(outcome):
    set_already = Settings(bits=16, free_nats=0.0, rate_target=8.0, kl_annealing_epochs=0.0)
    said = advice(outcome(**GONE), set_already)
    advised = [
        flags for flags in re.findall(r"(?:--[\w-]+ [\w.-]+ ?)+", said) if "search" not in flags
    ]
    assert len(advised) == 2
    for flags in advised:
        changed = Settings(**set_already.model_dump() | _pairs(flags))
        changed.refuse_contradictions()


def _pairs(flags):
    """Return the settings in a text such as "--bits 38 --rate-target 18"."""
    words = flags.split()
    names = [word[2:].replace("-", "_") for word in words[::2]]
    return dict(zip(names, words[1::2], strict=True))


def test_a_rate_as_high_as_a_word_takes_is_not_advised_again(outcome):
    settings = Settings(bits=40, rate_target=18.0, free_nats=0.0)
    assert "--rate-target 18" not in advice(outcome(**GONE), settings)
    assert "--kl-weight 0" not in advice(outcome(**GONE), Settings(posterior="made", prior="made"))


def test_where_bits_cost_nothing_the_likelihood_is_no_matter(outcome):
    free = Settings(bits=32, kl_weight=0.0, estimator="gumbel-st")
    said = findings(outcome(**GONE, **FAR_BEHIND, **OVERFITTED), free)
    assert len(said) == 1
    assert "longer training" in said[0]
    assert "--bits 64" in said[0]


def test_the_most_striking_comes_first(outcome):
    everything = outcome(**COLLAPSED, **FEW, **OVERFITTED, **FAR_BEHIND)
    starts = ["The bits are ignored", "There are few", "The model learns", "A Kneser-Ney"]
    for said, start in zip(findings(everything, WELL), starts, strict=True):
        assert said.startswith(start)
    assert findings(outcome(**GONE, **BEHIND), WELL)[0].startswith("0.3% of")
    assert findings(outcome(**GONE, **FAR_BEHIND), WELL)[0].startswith("A Kneser-Ney")
    assert len(findings(outcome(**FAR_BEHIND), WELL)) == 1


@pytest.mark.parametrize("find", RANKED, ids=lambda find: find.__name__)
def test_nothing_is_advised_that_is_set(find, outcome):
    settings = Settings(
        bits=64, free_nats=0.0, rate_target=30.0, teachers=2, samples=4, dropout=0.5,
        variational_dropout=True, hidden_size=64, symbol_dropout=0.1, posterior="made", limit="all",
    )  # fmt: skip
    for case in (COLLAPSED, FEW, OVERFITTED, BEHIND, FAR_BEHIND, GONE):
        said = find(outcome(**case), settings)
        for flag in ("--rate-target", "--teachers", "--dropout", "--preset best", "--limit",
                     "--variational", "--bits", "--synthetic-words", "--hidden-size"):  # fmt: skip
            assert flag not in said


@pytest.mark.parametrize("find", RANKED)
def test_nothing_is_advised_that_trained_networks_cannot_change(find, outcome):
    fixed = {f"--{name.replace('_', '-')}" for name in NETWORKS}
    for settings in (WELL, Settings(bits=0), Settings(bits=16, kl_weight=0.0), Settings(bits=4)):
        for figures in (FEW, OVERFITTED, COLLAPSED, BEHIND, FAR_BEHIND, GONE):
            said = find(outcome(**figures, fine_tuned=True), settings)
            assert not fixed & {*re.findall(r"--[\w-]+", said)}
            assert "--preset" not in said


def test_a_fine_tuned_model_behind_an_ngram_may_learn_faster_or_alone(outcome):
    said = advice(outcome(**FAR_BEHIND, fine_tuned=True), WELL)
    assert "a longer training (--steps 8000)" in said
    assert f"a higher --learning-rate (this one was {WELL.learning_rate:g})" in said
    assert "without --start-from" in said

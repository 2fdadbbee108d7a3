"""More training for a model that is there, from Python."""

from types import SimpleNamespace

import pytest
import torch

from lexbits import WordModel
from lexbits.config.fine_tuning import SHARE_OF_LEARNING_RATE
from lexbits.errors import LexbitsWarning, UsageError
from lexbits.training import loop, memory
from lexbits.training.records import best_record
from lexbits.word_model import learning
from tests.word_model.conftest import WORDS, fit

pytestmark = pytest.mark.filterwarnings("ignore:.* are few", "ignore:.*no new epoch is better")
OTHERS = [word + "mente" for word in WORDS]


def same_weights(one, other):
    pairs = zip(one.network.parameters(), other.network.parameters(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_the_history_goes_on_and_the_dev_score_gets_no_worse(model):
    weights = {name: t.clone() for name, t in model.network.state_dict().items()}
    more = model.fit_more(epochs=4)
    assert more.history[:2] == model.history
    assert [record["epoch"] for record in more.history] == [1, 2, 3, 4, 5, 6]
    steps = [record["step"] for record in more.history]
    assert steps == [steps[0] * n for n in range(1, 7)]
    assert best_record(more.history)["dev_score"] <= best_record(model.history)["dev_score"]
    assert all(torch.equal(weights[n], t) for n, t in model.network.state_dict().items())
    assert dict(more.words) == dict(model.words)
    assert more.settings == model.settings.model_copy(update={"epochs": 4})


def test_it_repeats_and_its_schedule_is_that_of_a_first_training(model):
    one, other = model.fit_more(epochs=2), model.fit_more(epochs=2)
    assert same_weights(one, other)
    rates = [record["learning_rate"] for record in one.history]
    assert rates[2:] == rates[:2]


def test_where_no_epoch_is_better_the_model_stays_and_a_warning_says_so(model, monkeypatch):
    monkeypatch.setattr(loop, "dev_score", lambda *_: 1e6)
    best = best_record(model.history)["epoch"]
    with pytest.warns(LexbitsWarning, match=f"no new epoch is better than epoch {best} before"):
        more = model.fit_more(epochs=1)
    assert same_weights(more, model)
    assert len(more.history) == 3


def test_synthetic_words_are_drawn_anew_and_teachers_only_if_asked_for(monkeypatch):
    taught = fit(WORDS, teachers=1, teacher_epochs=1, synthetic_words=1.0)
    drawn, draw = [], memory.draw

    def seen(networks, *args):
        pieces = list(draw(networks, *args))
        drawn.append((len(networks), pieces))
        return pieces

    monkeypatch.setattr(memory, "draw", seen)
    fit(WORDS, synthetic_words=1.0)
    taught.fit_more(epochs=2)
    assert drawn[0][0] == drawn[1][0] == 0
    assert drawn[0][1] != drawn[1][1]
    taught.fit_more(epochs=1, teachers=1, teacher_epochs=1)
    assert [networks for networks, _ in drawn[2:]] == [0, 1]  # for the teacher, then with it


def test_a_model_that_was_saved_is_trained_further(model, tmp_path):
    model.save(tmp_path / "run")
    loaded = WordModel.load(tmp_path / "run")
    assert same_weights(loaded.fit_more(epochs=1), model.fit_more(epochs=1))


def test_other_words_begin_a_history_of_their_own(model):
    more = model.fit_more(OTHERS, epochs=2)
    assert [record["epoch"] for record in more.history] == [1, 2]
    assert more.alphabet == model.alphabet
    assert set(more.words) == set(OTHERS)
    assert more.words.status(WORDS[0]) == "source"
    assert not same_weights(more, model)


def test_settings_that_score_otherwise_begin_a_history_too(model):
    assert len(model.fit_more(epochs=1, dev_samples=3).history) == 1


def test_worse_than_before_is_said(model, monkeypatch):
    monkeypatch.setattr(memory, "evaluate_dev", lambda session: SimpleNamespace(nll=1.0))
    with pytest.warns(LexbitsWarning, match=r"dev NLL of the best epoch is .*, and was "):
        model.fit_more(OTHERS, epochs=1)


def test_dev_words_that_were_learned_from_are_left_out(model):
    learned = [word for word, split in model.words.items() if split == "train"][:5]
    with pytest.warns(LexbitsWarning, match="dev: 5 words that the model has learned from"):
        more = model.fit_more(OTHERS, [*learned, *(w + "se" for w in WORDS)], epochs=1)
    assert more.words.get(learned[0]) is None


def test_characters_that_it_does_not_know_come_after_the_others(model):
    odd = [*OTHERS, "kayak", "küken"]
    with pytest.warns(LexbitsWarning, match="3 characters are new to the model, .*: 'kyü'"):
        more = model.fit_more(odd, [w + "se" for w in WORDS], epochs=1)
    assert more.alphabet.characters == (*model.alphabet.characters, *"kyü")
    assert model.alphabet != more.alphabet
    assert not more.score(["küken"])[0].unseen
    assert more.fit_more(epochs=1).alphabet == more.alphabet


def test_other_words_need_no_settings(model, monkeypatch):
    before, network = model.settings, model.network
    monkeypatch.setattr(learning, "train_in_memory", lambda *_: (network, model.history))
    after = model.fit_more(OTHERS).settings
    assert after.learning_rate == before.learning_rate * SHARE_OF_LEARNING_RATE
    assert (after.epochs, after.patience) == ("auto", 10)
    assert (after.free_nats, after.seed) == (before.free_nats, before.seed)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "expected how much more to train: epochs=N"),
        ({"epochs": 1, "bits": 11}, "bits: expected that of the model, .*, found 11"),
        ({"epochs": 1, "hidden_size": 99}, "hidden_size: expected that of the model"),
        ({"epochs": 1, "limit": 5}, "limit is for other words"),
        ({"epochs": 1, "preset": "best"}, "preset is not for fit_more"),
        ({"epochs": 1, "data": "words.txt"}, "data is not for fit"),
        ({"epochs": 1, "steps": 5}, "each says how long"),
        ({"epochs": 0}, "epochs: expected more than 0"),
    ],
)
def test_what_makes_no_sense_is_refused(given, said, model):
    with pytest.raises(UsageError, match=said):
        model.fit_more(**given)


def test_sizes_that_are_those_of_the_model_may_be_given(model):
    bits, size = model.settings.bits, model.settings.hidden_size
    model.fit_more(epochs=1, bits=bits, hidden_size=size)


def test_ctrl_c_before_its_first_epoch_gives_the_model_as_it_was(model, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(memory, "train", interrupted)
    with pytest.warns(LexbitsWarning, match="stopped after 2 of 7 epochs"):
        assert same_weights(model.fit_more(epochs=5), model)
    with pytest.raises(KeyboardInterrupt, match="no model yet"):
        model.fit_more(OTHERS, epochs=5)


def test_averaged_weights_and_dependent_bits_go_on():
    first = fit(WORDS, average_decay=0.9, prior="made", posterior="gru", estimator="nvil")
    assert len(first.fit_more(epochs=1).history) == 3


def test_a_function_is_called_with_the_new_epochs(model):
    seen = []
    more = model.fit_more(epochs=2, progress=seen.append)
    assert seen == more.history[2:]


def test_other_words_may_have_weights_and_own_words_keep_theirs(model):
    counts = {word: 1 + i for i, word in enumerate(OTHERS)}
    more = model.fit_more(counts, epochs=1, weighting="log")
    assert more.settings.weights == "given"
    assert more.fit_more(epochs=1).settings.weighting == "log"
    assert more.fit_more(WORDS, epochs=1).settings.weights is None
    with pytest.raises(UsageError, match="weights are for other words"):
        model.fit_more(weights=[1.0], epochs=1)

"""Training from Python: the settings of the command, few words, Ctrl-C, torch's own modes."""

import threading
from functools import partial

import pytest
import torch

from lexbits import WordModel
from lexbits.errors import DataError, LexbitsWarning, UsageError
from lexbits.training import loop, memory, pace
from lexbits.word_model import learning
from tests.word_model.conftest import TINY, WORDS, fit


@pytest.mark.parametrize(
    "name",
    ["data", "layout", "column", "split_by", "data_folder", "test", "test_share", "save_seconds"],
)
def test_a_setting_that_says_how_files_are_read_is_refused_by_name(name):
    with pytest.raises(UsageError, match=f"^{name} is not for fit: "):
        WordModel.fit(WORDS, **{name: "words"})


def test_a_limit_and_a_length_are_applied(model):
    small = fit(WORDS, limit=45, max_length=7, epochs=1)
    assert len(small.words) <= 45
    assert max(map(len, small.words)) <= 7
    assert small.settings.max_length == 7


def test_the_preset_quick_takes_its_sample():
    stems = [a + b + c for a in "bdfgklmnprst" for b in "aeiou" for c in "bdfgklmnprst"]
    words = [stem + ending for stem in stems for ending in stems[:18]]
    assert len(words) > 12_000
    sizes = TINY | {"limit": 200, "epochs": 1, "synthetic_words": 0.0}
    assert len(fit(words, preset="quick", **sizes).words) == 200
    del sizes["limit"]
    assert len(fit(words, preset="quick", **sizes | {"batch_size": 4096}).words) == 12_000


def test_a_model_from_python_does_not_name_a_data_set(model, tmp_path):
    model.save(tmp_path / "run")
    assert WordModel.load(tmp_path / "run").settings.data == "words given from Python"


def test_dev_words_in_training_are_left_out_with_a_warning():
    fresh = [word + "mente" for word in WORDS]
    with pytest.warns(LexbitsWarning, match="dev: 5 of 65 words are in words too, and left out"):
        found = WordModel.fit(WORDS, [*WORDS[:5], *fresh], **TINY)
    assert [w for w, split in found.words.items() if split == "dev"] == fresh


def test_few_words_warn_at_the_line_of_the_caller_and_fewer_are_refused():
    with pytest.warns(LexbitsWarning, match="dev: 10 different words .* are few") as said:
        WordModel.fit(WORDS, **TINY | {"epochs": 1})
    assert said[0].filename == __file__
    with pytest.raises(DataError, match="train: expected at least 10"):
        WordModel.fit(WORDS, dev_share=0.89)


def interrupting(after):
    """Return a training that Ctrl-C ends after this many epochs."""
    train = memory.train

    def interrupted(session, hooks):
        keep = hooks.epoch_done

        def then_stop(*args):
            keep(*args)
            if len(hooks.records) == after:
                raise KeyboardInterrupt

        if not after:
            raise KeyboardInterrupt
        hooks.epoch_done = then_stop
        return train(session, hooks)

    return interrupted


def test_ctrl_c_gives_the_best_model_so_far(monkeypatch):
    monkeypatch.setattr(memory, "train", interrupting(2))
    with pytest.warns(LexbitsWarning, match="stopped after 2 of 5 epochs"):
        found = fit(WORDS, epochs=5)
    assert len(found.history) == 2
    assert len(found.sample(3)) == 3


def test_ctrl_c_before_the_first_epoch_says_that_there_is_no_model(monkeypatch):
    monkeypatch.setattr(memory, "train", interrupting(0))
    with pytest.raises(KeyboardInterrupt, match="there is no model yet"):
        fit(WORDS)


def test_ctrl_c_in_the_training_of_a_teacher_gives_no_model(monkeypatch):
    monkeypatch.setattr(memory, "train", interrupting(1))
    with pytest.raises(KeyboardInterrupt, match="there is no model yet"):
        fit(WORDS, teachers=1, teacher_epochs=2, synthetic_words=1.0)


@pytest.mark.parametrize("where", ["evaluate", "draw_words"])
def test_ctrl_c_in_an_evaluation_gives_the_best_model_so_far(where, monkeypatch):
    calls, original = [], getattr(loop, where)

    def interrupted(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return original(*args)

    monkeypatch.setattr(loop, where, interrupted)
    with pytest.warns(LexbitsWarning, match="stopped after 2 of 5 epochs"):
        assert len(fit(WORDS, epochs=5).history) == 2


def test_ctrl_c_while_words_are_drawn_gives_no_model(monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(memory, "draw", interrupted)
    with pytest.raises(KeyboardInterrupt, match="there is no model yet"):
        fit(WORDS, synthetic_words=1.0)


def test_a_function_is_called_with_the_record_of_each_epoch():
    seen = []
    found = fit(WORDS, progress=seen.append, teachers=1, teacher_epochs=2, synthetic_words=1.0)
    assert seen == found.history
    seen[0].clear()
    assert found.history[0]["epoch"] == 1


def test_what_the_function_raises_ends_the_training_and_breaks_nothing(model):
    def fail(record):
        raise ZeroDivisionError(record["epoch"])

    state = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError, match="1"):
        fit(WORDS, progress=fail)
    assert torch.equal(torch.get_rng_state(), state)
    assert fit(WORDS).score(["canto"]) == model.score(["canto"])


def test_ctrl_c_in_the_function_gives_the_best_model_so_far():
    def stop(record):
        if record["epoch"] == 2:
            raise KeyboardInterrupt

    with pytest.warns(LexbitsWarning, match="stopped after 2 of 5 epochs"):
        assert len(fit(WORDS, epochs=5, progress=stop).history) == 2


def test_the_function_may_train_another_model(model):
    inner = []
    found = fit(WORDS, progress=lambda _: inner.append(fit(WORDS, epochs=1)))
    assert found.score(["canto"]) == model.score(["canto"])
    assert len(inner) == len(found.history)


@pytest.mark.parametrize("progress", [1, "bar", None])
def test_progress_is_true_false_or_a_function(progress):
    with pytest.raises(UsageError, match="expected progress to be True, False or a function"):
        fit(WORDS, progress=progress)


def test_a_model_is_trained_in_another_thread(model):
    found = []
    thread = threading.Thread(target=lambda: found.append(fit(WORDS)))
    thread.start()
    thread.join()
    assert found[0].score(["canto"]) == model.score(["canto"])


@pytest.fixture
def double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


MODES = {
    "without gradients": torch.no_grad,
    "inference": torch.inference_mode,
    "with gradients": torch.enable_grad,
    "another default device": partial(torch.device, "meta"),
}


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_the_callers_modes_of_torch_change_nothing(mode, double, model, tmp_path):
    with mode():
        again = fit(WORDS)
        again.save(tmp_path / "run")
        loaded = WordModel.load(tmp_path / "run")
        answers = [
            (m.score(["canto"]), m.sample(3, seed=1), m.encode(["canto"]), m.exact(["canto"]))
            for m in (model, again, loaded)
        ]
    assert answers[0] == answers[1] == answers[2]
    assert torch.get_default_dtype() == torch.float64
    assert next(again.network.parameters()).dtype == torch.float32
    assert not next(again.network.parameters()).is_inference()


@pytest.mark.parametrize("changes", [{"hidden_size": 10**8}, {"hidden_size": 10**30}])
def test_sizes_beyond_the_memory_are_refused_in_one_line(changes):
    with pytest.raises(UsageError, match=r"not enough memory|hidden_size: expected less than"):
        fit(WORDS, **changes)


@pytest.fixture
def fast(monkeypatch):
    """A clock that stands still beside a speed that is known."""
    for module in (pace, learning):
        monkeypatch.setattr(module, "clock", lambda: 0.0)
    speed = pace.Speed(start=0.0, step=0.1, evaluation=0.5)
    monkeypatch.setattr(pace, "_measure", lambda *_: (speed, None))


def test_what_minutes_have_chosen_is_in_the_settings_and_repeats_the_training(fast):
    sizes = {name: value for name, value in TINY.items() if name != "epochs"}
    sizes |= {"synthetic_words": 0.0, "batch_size": 16}
    with pytest.warns(LexbitsWarning, match=r"minutes 0.1: .* repeat"):
        found = WordModel.fit(WORDS, minutes=0.1, **sizes)
    assert found.settings.epochs == "auto"
    again = WordModel.fit(WORDS, **sizes | {"steps": found.settings.steps})
    assert again.settings == found.settings
    assert again.score(["canto"]) == found.score(["canto"])
    with pytest.warns(LexbitsWarning, match="minutes 0.1: "):
        more = found.fit_more(minutes=0.1)
    repeated = found.fit_more(steps=more.settings.steps)
    assert len(more.history) > len(found.history)
    assert repeated.score(["canto"]) == more.score(["canto"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"minutes": 1, "epochs": 2}, "minutes 1 and epochs 2: each says how long"),
        ({"minutes": 1, "steps": 9}, "minutes 1 and steps 9: each says how long"),
        ({"minutes": 0}, "expected minutes to be more than 0, found 0"),
        ({"minutes": "ten"}, "expected minutes to be a finite number"),
        ({"minutes": float("inf")}, "expected minutes to be a finite number"),
        ({"minutes": True}, "expected minutes to be a finite number"),
    ],
)
def test_minutes_are_a_time_and_the_only_length(given, said):
    with pytest.raises(UsageError, match=said):
        WordModel.fit(WORDS, **given)

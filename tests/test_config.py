import os
import re
import sys
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from lexbits.config import PRESETS, SHARED, Settings, read_toml, resolve, to_toml
from lexbits.errors import UsageError


@pytest.fixture
def toml(tmp_path):
    """Write a TOML file; return its path."""

    def write(text):
        path = tmp_path / "settings.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_resolves_to_what_it_says(preset):
    settings = resolve(preset=preset)
    changed = {
        name
        for name in Settings.model_fields
        if getattr(settings, name) != getattr(Settings(), name)
    }
    assert changed <= set(PRESETS[preset])
    assert all(getattr(settings, name) == value for name, value in PRESETS[preset].items())


def test_without_anything_the_settings_are_the_defaults():
    assert resolve() == resolve(preset="default") == Settings()


def test_later_sources_win_preset_then_file_then_flags(toml):
    path = toml("epochs = 7\nhidden_size = 33\n")
    settings = resolve({"hidden_size": 44}, preset="notebook", config=read_toml(path))
    assert settings.learning_rate == PRESETS["notebook"]["learning_rate"]
    assert (settings.epochs, settings.hidden_size) == (7, 44)
    assert PRESETS["notebook"]["epochs"] != 7
    assert PRESETS["notebook"]["hidden_size"] != 33


def test_a_file_may_name_a_preset_and_a_flag_may_name_another(toml):
    path = toml('preset = "notebook"\nbits = 5\n')
    assert resolve(config=read_toml(path)).dropout == PRESETS["notebook"]["dropout"]
    settings = resolve(preset="quick", config=read_toml(path))
    assert (settings.dropout, settings.bits) == (Settings().dropout, 5)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("hiden_size", "unknown setting 'hiden_size'; did you mean 'hidden_size'?"),
        ("hidden-size", "unknown setting 'hidden-size'; did you mean 'hidden_size'?"),
        ("epoch", "unknown setting 'epoch'; did you mean 'epochs'?"),
    ],
)
def test_an_unknown_setting_is_refused_with_the_nearest_one_and_its_file(toml, name, message):
    with pytest.raises(UsageError, match=re.escape(message)) as caught:
        resolve({name: 3})
    assert str(caught.value) == message
    path = toml(f"{name} = 3\n")
    with pytest.raises(UsageError) as caught:
        resolve(config=read_toml(path))
    assert str(caught.value) == f"{path}: {message}"


def test_a_setting_like_no_other_is_refused_with_all_of_them():
    with pytest.raises(UsageError, match="unknown setting 'zzzzz'; known are: data, dev, test, "):
        resolve({"zzzzz": 1})


@pytest.mark.parametrize(
    ("preset", "message"),
    [
        ("notebok", "unknown preset 'notebok'; did you mean 'notebook'?"),
        ("huge", "unknown preset 'huge'; known are: default, quick, plain, best, notebook"),
    ],
)
def test_an_unknown_preset_is_refused(preset, message):
    for sources in ({"preset": preset}, {"config": {"preset": preset}}):
        with pytest.raises(UsageError) as caught:
            resolve(**sources)
        assert str(caught.value) == message


@pytest.mark.parametrize("value", ["3", "[]", "true", "{}"])
def test_a_preset_that_is_no_name_is_refused(toml, value):
    with pytest.raises(UsageError, match="unknown preset"):
        resolve(config=read_toml(toml(f"preset = {value}")))


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"hidden_size": 0}, "hidden_size: expected more than 0, found 0"),
        ({"bits": -1}, "bits: expected at least 0, found -1"),
        ({"bits": 1025}, "bits: expected at most 1024, found 1025"),
        ({"dropout": 1.0}, "dropout: expected less than 1, found 1.0"),
        ({"alpha": [1.0]}, "alpha: expected less than 1, found 1.0"),
        ({"cell": "rnn"}, "cell: expected 'lstm' or 'gru', found 'rnn'"),
        ({"kl": "none"}, "kl: expected 'auto', 'analytic' or 'sampled', found 'none'"),
        ({"kl_weight": float("nan")}, "kl_weight: expected a finite number, found nan"),
        ({"learning_rate": float("inf")}, "learning_rate: expected a finite number, found inf"),
        ({"seed": 2**63}, f"seed: expected less than {2**63}, found {2**63}"),
    ],
)
def test_a_bad_value_says_what_was_expected_and_found(flags, message):
    with pytest.raises(UsageError) as caught:
        resolve(flags)
    assert str(caught.value) == message


def test_a_bad_value_of_another_type_says_both_too(toml):
    with pytest.raises(UsageError, match=r"^bits: expected a whole number, found 'many'$"):
        resolve(config=read_toml(toml('bits = "many"')))
    with pytest.raises(UsageError, match=r"^limit: .*, found 'some'$"):
        resolve(config=read_toml(toml('limit = "some"')))


@pytest.mark.parametrize(
    "flags",
    [
        {},
        {"bits": 3, "alpha": [0.1, 0.25, 1 / 3], "dev": "dev ñ.tsv", "limit": "all"},
        {"bits": 0, "learning_rate": 1.2345678901234567e-5, "limit": 12, "data": 'a"b\\c\n'},
        PRESETS["notebook"],
    ],
)
def test_settings_come_back_from_toml(toml, flags):
    settings = resolve(flags)
    text = to_toml(settings)
    assert resolve(config=read_toml(toml(text))) == settings
    assert set(tomllib.loads(text)) == {
        name for name in Settings.model_fields if getattr(settings, name) is not None
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"bits = = 3", "not valid TOML: "),
        (b"\xff\xfe", "expected TOML in UTF-8"),
        (None, r"cannot be read \(No such file or directory\)"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, content, message):
    path = tmp_path / "settings.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=f"^{re.escape(str(path))}: {message}"):
        resolve(config=read_toml(path))


NOWHERE = {"z_at_start": False, "z_at_every_step": False, "z_at_logits": False}


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"bits": 3, "alpha": [0.1, 0.2]}, "one value or one for each of 3 bits, found 2"),
        ({"alpha": []}, "one value or one for each of 16 bits, found 0"),
        (NOWHERE, "the bits enter nowhere: switch on one of z_at_start, "),
        ({"prior": "boltzmann", "bits": 17}, "up to 16 bits, found 17; take --prior made"),
        ({"kl": "analytic", "prior": "made"}, "kl analytic needs independent bits"),
        ({"kl": "analytic", "posterior": "gru"}, "kl analytic needs independent bits"),
        ({"kl": "sampled", "free_nats_per": "bit"}, "which a sampled KL does not have"),
        ({"dev_share": 0.5, "test_share": 0.5}, "leave no words to train on"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(flags, message):
    with pytest.raises(UsageError, match=message):
        resolve(flags)


@pytest.mark.parametrize(
    "flags",
    [
        {"bits": 0, **NOWHERE},
        {"bits": 0, "samples": 1},
        {"prior": "boltzmann", "bits": 16},
        {"kl": "sampled", "free_nats_per": "bit", "free_nats": 0},
        {"bits": 2, "alpha": [0.1, 0.2]},
        {"samples": 1, "estimator": "reinforce"},
        {"samples": 1, "estimator": "reinforce-average"},
        {"dev_share": 0.5, "test_share": 0.5, "dev": "a", "test": "b"},
    ],
)
def test_what_only_looks_like_a_contradiction_is_allowed(flags):
    assert resolve(flags)


def test_settings_do_not_change():
    with pytest.raises(ValidationError):
        Settings().bits = 3


def test_every_setting_has_decided_whether_a_teacher_shares_it():
    said = {name: field.json_schema_extra for name, field in Settings.model_fields.items()}
    assert [name for name in said if said[name] not in ({"shared": True}, {"shared": False})] == []
    assert {"data", "hidden_size", "device"} <= SHARED
    assert SHARED.isdisjoint({"bits", "dropout", "learning_rate", "seed"})


def test_every_setting_says_what_it_means_and_every_preset_is_made_of_settings():
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith(".")
    for preset in PRESETS.values():
        assert set(preset) <= set(Settings.model_fields)


def test_a_setting_is_known_by_its_old_name(tmp_path):
    (tmp_path / "old.toml").write_text("drawn_words = 2.0\n", encoding="utf-8")
    assert resolve(config=read_toml(tmp_path / "old.toml")).synthetic_words == 2.0
    assert resolve({"drawn_words": 3.0}).synthetic_words == 3.0
    with pytest.raises(UsageError, match="drawn_words is the old name of synthetic_words"):
        resolve({"drawn_words": 3.0, "synthetic_words": 3.0})


def test_epochs_and_steps_are_not_given_together(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text("epochs = 2\nsteps = 100\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"epochs 2 and steps 100.*give one"):
        resolve({"epochs": 2, "steps": 100})
    with pytest.raises(UsageError, match=r"epochs 2 and steps 100.*give one"):
        resolve({}, config=read_toml(path))


def test_the_last_word_on_the_length_counts(tmp_path):
    """A preset with epochs and steps as a flag, say: neither is passed over."""
    assert resolve({}, preset="notebook").epochs == 20
    assert resolve({"steps": 100}, preset="notebook").epochs == "auto"
    assert resolve({"epochs": 3}, preset="quick").epochs == 3
    path = tmp_path / "settings.toml"
    path.write_text("epochs = 2\n", encoding="utf-8")
    settings = resolve({"steps": 100}, config=read_toml(path))
    assert (settings.epochs, settings.steps) == ("auto", 100)
    assert resolve({"epochs": 5}, config=read_toml(path)).epochs == 5


@pytest.mark.parametrize("preset", [None, "quick", "notebook"])
def test_a_complete_list_of_settings_can_be_given_again(preset, tmp_path):
    settings = resolve({"epochs": 3}, preset=preset)
    path = tmp_path / "config.toml"
    path.write_text(to_toml(settings), encoding="utf-8")
    assert resolve({}, config=read_toml(path)) == settings


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ({"teacher_epochs": 3}, "no teachers"),
        ({"rate_learning_rate": 0.1}, "no rate_target"),
        ({"final_learning_rate": 0.1, "schedule": "constant"}, "constant"),
    ],
)
def test_a_flag_that_would_change_nothing_is_refused(flags, why):
    with pytest.raises(UsageError, match=f"{next(iter(flags))}.*would change nothing.*{why}"):
        resolve(flags)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names of files are text there")
def test_an_estimator_s_file_in_a_folder_that_no_settings_can_name_is_refused(
    tmp_path, monkeypatch
):
    folder = Path(os.fsdecode(bytes(tmp_path) + b"/\xff"))
    folder.mkdir()
    monkeypatch.chdir(folder)
    with pytest.raises(UsageError, match=r"estimator: expected .* in UTF-8"):
        resolve({"estimator": "mine.py:Mine"})


def test_epochs_replace_the_steps_of_an_earlier_level(tmp_path):
    settings = resolve({"epochs": 3}, base={"epochs": "auto", "steps": 77})
    assert settings.epochs == 3
    file = tmp_path / "config.toml"
    file.write_text(to_toml(settings))
    assert resolve(config=read_toml(file)) == settings

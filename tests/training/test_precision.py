"""The arithmetic of a training: what `auto` takes, where it is kept, and what else follows it."""

import pytest
import torch

from lexbits.config import Settings, resolve
from lexbits.runs.words import Words, create_run
from lexbits.training import devices, teachers
from lexbits.training.devices import cpu_has_bf16, make_fabric, precision_of, settled
from lexbits.training.loop import evaluate_dev, train
from tests.exact import tiny_model
from tests.runs.test_training import SPLITS
from tests.training.trainings import ALPHABET, DEV, TINY, TRAIN, Hooks, start

needs_bf16 = pytest.mark.skipif(not cpu_has_bf16(), reason="this processor has no bf16 arithmetic")


def precision(**settings):
    return settled(Settings(**settings)).precision


@pytest.fixture
def fast(monkeypatch):
    monkeypatch.setattr(devices, "has_fast_bf16", lambda kind: True)


@pytest.fixture
def slow(monkeypatch):
    monkeypatch.setattr(devices, "has_fast_bf16", lambda kind: False)


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize(
    ("cell", "hidden_size", "expected"),
    [
        ("lstm", 16, "fp32"),
        ("lstm", 127, "fp32"),
        ("lstm", 128, "bf16"),
        ("lstm", 512, "bf16"),
        ("gru", 128, "fp32"),
        ("gru", 256, "bf16"),
    ],
)
def test_auto_is_bf16_for_networks_that_train_faster_in_it(cell, hidden_size, expected):
    assert precision(cell=cell, hidden_size=hidden_size) == expected


@pytest.mark.usefixtures("slow")
def test_auto_is_fp32_where_bf16_would_be_no_faster():
    assert precision(hidden_size=512) == "fp32"


@pytest.mark.parametrize("asked", ["fp32", "bf16"])
@pytest.mark.parametrize("machine", ["fast", "slow"])
def test_what_is_asked_for_stays(asked, machine, request):
    request.getfixturevalue(machine)
    assert precision(precision=asked, hidden_size=512) == asked
    assert precision(precision=asked, hidden_size=16) == asked


@pytest.mark.parametrize(
    ("recurrent", "avx512", "amx", "expected"),
    [
        (True, True, False, True),
        (True, False, True, True),
        (True, False, False, False),  # AVX-512 without bf16 computes it by way of fp32
        (False, True, True, False),
    ],
)
def test_a_processor_is_fast_if_it_multiplies_in_bf16_itself(
    monkeypatch, recurrent, avx512, amx, expected
):
    monkeypatch.setattr(devices, "cpu_has_bf16", lambda: recurrent)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    assert devices.has_fast_bf16("cpu") is expected
    assert not devices.has_fast_bf16("mps")


@pytest.mark.parametrize(("machine", "expected"), [("fast", "bf16"), ("slow", "fp32")])
def test_a_run_keeps_what_auto_came_to(tmp_path, machine, expected, request):
    request.getfixturevalue(machine)
    words = Words(SPLITS, SPLITS["dev"], ALPHABET, {})
    with create_run(tmp_path / "run", resolve({"hidden_size": 128}), words) as run:
        assert run.settings().precision == expected


@needs_bf16
@pytest.mark.parametrize("asked", ["fp32", "bf16"])
def test_the_networks_are_trained_and_the_dev_words_scored_in_the_precision_asked_for(
    monkeypatch, asked
):
    session = start(precision=asked, hidden_size=16, epochs=1)
    used = []
    prefixes = type(session.model.decoder).prefixes

    def noting(decoder, z):
        used.append(decoder.precision)
        return prefixes(decoder, z)

    monkeypatch.setattr(type(session.model.decoder), "prefixes", noting)
    assert precision_of(session.fabric) == session.precision == asked
    evaluate_dev(session)
    assert set(used) == {asked}
    assert session.model.decoder.precision == "fp32"
    assert train(session, Hooks())


@needs_bf16
def test_a_machine_given_anew_is_what_counts_not_what_the_settings_say():
    session = start(make_fabric(Settings(precision="fp32")), precision="bf16")
    assert session.precision == "fp32"


@needs_bf16
def test_teachers_draw_words_in_the_precision_of_the_training(monkeypatch):
    network = tiny_model("abc", bits=0)

    def drawn(fast, **changes):
        monkeypatch.setattr(teachers, "has_fast_bf16", lambda kind: fast)
        settings = resolve(TINY | {"synthetic_words": 5.0} | changes)
        used = []
        draw_words = teachers.draw_words

        def noting(model, *arguments):
            used.append(model.decoder.precision)
            return draw_words(model, *arguments)

        monkeypatch.setattr(teachers, "draw_words", noting)
        assert next(teachers.draw([network], TRAIN, DEV, ALPHABET, settings))
        monkeypatch.setattr(teachers, "draw_words", draw_words)
        return set(used)

    assert drawn(True, precision="bf16") == {"bf16"}
    assert drawn(False, precision="bf16") == {"fp32"}
    assert drawn(True, precision="fp32") == {"fp32"}
    assert network.decoder.precision == "fp32"

"""What GPUs do otherwise: they are waited for, and round as they are told."""

import contextlib
import threading

import pytest
import torch

from lexbits.accelerators import full_float32, now
from tests.elsewhere import CUDA, Device

CUDNN = torch.backends.cudnn


@pytest.fixture
def tf32():
    """Ask for TF32 as torch's users do."""
    torch.set_float32_matmul_precision("high")
    yield
    torch.set_float32_matmul_precision("highest")


@pytest.fixture
def newer_switches():
    """Mix torch's older and newer switches, so that it refuses to say what holds for all."""
    if not hasattr(CUDNN, "rnn"):
        pytest.skip("this torch has no newer switches")
    CUDNN.conv.fp32_precision = "ieee"
    yield
    CUDNN.allow_tf32 = True


def test_a_gpu_has_done_all_when_the_time_is_read():
    with Device(CUDA) as device:
        assert now(CUDA) <= now(CUDA)
        assert device.waited == 2
        now(torch.device("cpu"))
        assert device.waited == 2


def test_recurrent_networks_compute_in_float32_and_the_switch_is_put_back():
    with full_float32():
        assert not CUDNN.allow_tf32
        with contextlib.suppress(ZeroDivisionError), full_float32():
            _ = 1 / 0
        assert not CUDNN.allow_tf32
    assert CUDNN.allow_tf32


def test_the_switch_stays_while_another_thread_wants_it():
    begun, may_end = threading.Event(), threading.Event()

    def other():
        with full_float32():
            begun.set()
            may_end.wait(10)

    thread = threading.Thread(target=other)
    with full_float32():
        thread.start()
        begun.wait(10)
    assert not CUDNN.allow_tf32
    may_end.set()
    thread.join()
    assert CUDNN.allow_tf32


def test_who_asks_for_tf32_has_it_in_recurrent_networks_too(tf32):
    with full_float32():
        assert CUDNN.allow_tf32


def test_the_newer_switches_are_heeded_where_they_are_set(newer_switches):
    with full_float32():
        assert CUDNN.rnn.fp32_precision == "ieee"
    assert CUDNN.rnn.fp32_precision == "tf32"

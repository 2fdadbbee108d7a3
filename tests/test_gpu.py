"""What only a real GPU can show; `benchmarks/gpu.sh` runs this.

`LEXBITS_TEST_DEVICE=cpu` tries the tests themselves where there is none.
"""

import copy
import json
import os
import subprocess
import sys
import warnings

import pytest
import torch

from lexbits import WordModel
from lexbits.accelerators import full_float32
from lexbits.randomness import number_keys, uniform
from lexbits.training.loop import train
from tests.training.trainings import Hooks, start
from tests.word_model.test_elsewhere import KINDS, NUMBERS, SIZES, WORDS, WORDS_AND_CODES

pytestmark = pytest.mark.gpu

LARGE = {"embedding_size": 20, "hidden_size": 64, "encoder_hidden_size": 32, "epochs": 2}
"""Sizes of a training: the embedding is larger than the alphabet, as usual."""


@pytest.fixture(scope="module")
def device():
    there = torch.accelerator.current_accelerator(check_available=True)
    name = os.environ.get("LEXBITS_TEST_DEVICE") or (there.type if there else "")
    if not name:
        pytest.skip("there is no GPU here")
    return torch.device(name)


@pytest.fixture(scope="module", params=[kind[1] for kind in KINDS.values()], ids=KINDS)
def models(request, device):
    """A model on the CPU, and the same one on the GPU."""
    here = WordModel.fit(WORDS, **SIZES, **request.param)
    there = copy.copy(here)
    there.network = copy.deepcopy(here.network).to(device)
    return here, there


@pytest.mark.parametrize("job", WORDS_AND_CODES.values(), ids=WORDS_AND_CODES)
def test_words_and_codes_are_those_of_the_cpu(models, job):
    here, there = models
    assert job(there) == job(here)


@pytest.mark.parametrize("job", NUMBERS.values(), ids=NUMBERS)
def test_numbers_are_those_of_the_cpu(models, job):
    here, there = models
    assert job(there) == pytest.approx(job(here), rel=1e-4)


def test_the_noise_of_words_is_that_of_the_cpu_bit_for_bit(device):
    keys = number_keys(0, 1000, 0, "a")
    there = uniform(keys.to(device), 3, 70, 16)
    assert torch.equal(there.cpu(), uniform(keys, 3, 70, 16))


def test_a_step_in_float32_has_the_gradient_of_the_cpu_to_more_digits_than_tf32(device):
    gradients = []
    for place in ("cpu", device.type):
        session = start(device=place, estimator="enumeration", symbol_dropout=0.0, **LARGE)
        batch = torch.from_numpy(session.corpus.batch(session.batches()[0])).long()
        with full_float32():
            session.objective.eval()(batch.to(session.fabric.device), 1.0).loss.backward()
        parameters = session.objective.named_parameters()
        gradients.append({name: p.grad.cpu() for name, p in parameters if p.grad is not None})
    for name, gradient in gradients[0].items():
        difference = (gradients[1][name] - gradient).norm() / gradient.norm().clamp_min(1e-6)
        assert difference < 1e-5, name


@pytest.mark.parametrize("changes", [{}, {"cell": "gru", "layers": 2, "posterior": "gru"}], ids=str)
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_training_warns_of_nothing_and_gets_where_that_of_the_cpu_does(
    device, precision, changes
):
    if precision == "bf16" and device.type == "mps":
        pytest.skip("no bf16 on Apple's GPUs")
    ends = []
    for place, arithmetic in (("cpu", "fp32"), (device.type, precision)):
        settings = {"estimator": "rloo", "average_decay": 0.9, **LARGE, **changes}
        session, hooks = start(device=place, precision=arithmetic, **settings), Hooks()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert train(session, hooks)
        ends.append(hooks.records[-1]["dev_nll"])
    assert ends[1] == pytest.approx(ends[0], abs=0.5)  # the noise of dropout is another


def test_a_training_leaves_the_generator_of_the_gpu_as_it_was(device):
    torch.manual_seed(5)
    expected = torch.rand(3, device=device).tolist()
    torch.manual_seed(5)
    train(start(device=device.type), Hooks(stop_after=2))
    assert torch.rand(3, device=device).tolist() == expected


def test_memory_does_not_grow_from_epoch_to_epoch(device):
    if device.type != "cuda":
        pytest.skip("only CUDA says how much memory is in use")
    held = {}

    def note(session):
        held[session.progress.step] = torch.cuda.memory_allocated()

    train(start(device="cuda", epochs=6), Hooks(at_step={10: note, 30: note}))
    assert held[30] <= 1.05 * held[10]


def test_the_commands_train_resume_and_evaluate_on_the_gpu(device, tmp_path):
    def lexbits(*arguments):
        command = [sys.executable, "-m", "lexbits", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    words, run = tmp_path / "words.txt", tmp_path / "run"
    words.write_text("\n".join(WORDS * 3) + "\n", encoding="utf-8")
    sizes = ("--preset=best", "--hidden-size=16", "--steps=8", "--teacher-epochs=1", "--bits=8")
    lexbits("train", words, *sizes, f"--device={device.type}", "--out", run)
    lexbits("train", "--resume", run, "--epochs", "+1")
    found = json.loads(lexbits("evaluate", run, "--split=dev", "--json", f"--device={device.type}"))
    here = json.loads(lexbits("evaluate", run, "--split=dev", "--json"))
    assert found["nll"] == pytest.approx(here["nll"], rel=1e-4)

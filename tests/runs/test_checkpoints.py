"""Model, state and metrics of a run are read only if they belong together."""

import shutil
from pathlib import Path

import pytest

from lexbits import WordModel
from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.data import Entry
from lexbits.errors import RunError
from lexbits.runs.checkpoints import MODEL, STATE, read_history, read_model, read_progress
from lexbits.runs.folder import METRICS, RunFolder
from lexbits.runs.identity import IDENTITY
from lexbits.runs.training import train_in_folder

OLD = Path(__file__).parents[1] / "old_runs" / "0.1.0"
WORDS = [a + b + c for a in ("can", "tom", "mir") for b in ("t", "d", "") for c in "aeio"]
SPLITS = {"train": [Entry(w) for w in WORDS[:-8]], "dev": [Entry(w) for w in WORDS[-8:-4]]}
SPLITS["test"] = [Entry(w) for w in WORDS[-4:]]
SIZES = {"bits": 2, "hidden_size": 4, "encoder_hidden_size": 3, "embedding_size": 3, "epochs": 2}


class Silent:
    def __getattr__(self, name):
        return lambda *_: None


def train(path, seed=0):
    settings = Settings(**SIZES, batch_size=8, synthetic_words=0, dev_samples=2, seed=seed)
    run = RunFolder.create(path, settings, Alphabet.from_words(WORDS), SPLITS)
    assert train_in_folder(run, Silent(), lambda: False)
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return train(tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture(params=["new", "old"])
def run(request, trained, tmp_path):
    """A copy of a run of this version, and of one of 0.1.0 without digests."""
    source = trained if request.param == "new" else OLD
    return RunFolder.open(shutil.copytree(source, tmp_path / "run"))


@pytest.fixture
def new(trained, tmp_path):
    return RunFolder.open(shutil.copytree(trained, tmp_path / "new"))


READERS = [read_model, read_progress, read_history]


def test_a_sound_run_is_read(run):
    network, records = read_model(run)
    assert network.prior_logits.shape == (run.settings().bits,)
    assert (records, read_progress(run)) == read_history(run)


@pytest.mark.parametrize("read", READERS)
def test_lost_metrics_are_noticed(read, run):
    (run.path / METRICS).unlink()
    with pytest.raises(RunError, match=r"metrics\.jsonl: expected the 2 epochs .* found 0"):
        read(run)


@pytest.mark.parametrize("read", [read_progress, read_history])
def test_metrics_that_lack_an_epoch_of_the_state_are_noticed(read, run):
    run.write_metrics(run.metrics()[:1])
    with pytest.raises(RunError, match=r"metrics\.jsonl: expected the 2 epochs .* found 1"):
        read(run)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("value", [None, "3.2", [3.2]])
def test_a_record_without_its_numbers_is_named(value, read, run):
    first, second = run.metrics()
    run.write_metrics([first, second | {"dev_nll": value}])
    with pytest.raises(RunError, match=r"metrics\.jsonl, line 2: expected a number as dev_nll"):
        read(run)


@pytest.mark.parametrize("read", READERS)
def test_a_changed_metric_is_noticed_and_a_changed_time_is_not(read, new):
    first, second = new.metrics()
    new.write_metrics([first | {"seconds": 99.0}, second])
    read(new)
    new.write_metrics([first | {"dev_nll": first["dev_nll"] + 1e-9}, second])
    with pytest.raises(RunError, match=r"metrics\.jsonl: expected the metrics that .* others"):
        read(new)


def test_a_stop_between_the_model_and_its_metrics_is_no_damage(new):
    state = new.read(STATE)
    best = read_progress(new).best_epoch
    new.write_metrics(new.metrics()[: best - 1])
    (new.path / STATE).unlink()
    assert len(read_model(new)[1]) == best - 1
    new.write(STATE, state)
    with pytest.raises(RunError, match="missing, cut off or edited"):
        read_progress(new)


@pytest.mark.parametrize("name", [MODEL, STATE])
def test_a_checkpoint_of_another_run_of_the_same_size_is_noticed(name, new, tmp_path):
    other = train(tmp_path / "other", seed=1)
    shutil.copy(other / name, new.path / name)
    shutil.copy(other / METRICS, new.path / METRICS)
    with pytest.raises(RunError, match=rf"{name}: expected a checkpoint of the run"):
        read_model(new) if name == MODEL else read_progress(new)


@pytest.mark.parametrize("read", READERS)
def test_a_lost_identity_is_noticed(read, new):
    (new.path / IDENTITY).unlink()
    with pytest.raises(RunError, match=r"identity\.json: missing"):
        read(new)


def test_a_lost_model_is_told_from_one_that_is_not_there_yet(run):
    (run.path / MODEL).unlink()
    for read in (read_model, read_progress):
        with pytest.raises(RunError, match=r"model\.safetensors: missing, although 2 epochs"):
            read(run)
    (run.path / METRICS).unlink()
    (run.path / STATE).unlink()
    with pytest.raises(RunError, match=r"no epoch is finished yet.* --resume"):
        read_model(run)
    assert read_history(run) == ([], None)


def test_a_saved_model_is_guarded_too(new, tmp_path):
    WordModel.load(new.path).save(tmp_path / "saved")
    saved = RunFolder.open(tmp_path / "saved")
    assert read_history(saved) == (new.metrics(), None)
    saved.write_metrics(saved.metrics()[:1])
    with pytest.raises(RunError, match=r"metrics\.jsonl: expected the 2 epochs"):
        WordModel.load(saved.path)


def test_a_teacher_that_is_gone_is_trained_again_only_while_it_is_needed(tmp_path):
    run = RunFolder.open(shutil.copytree(OLD, tmp_path / "run"))
    shutil.rmtree(run.path / "teachers")
    assert train_in_folder(run, Silent(), lambda: False)
    assert not (run.path / "teachers").exists()
    for name in (STATE, MODEL, METRICS):
        (run.path / name).unlink()
    assert train_in_folder(run, Silent(), lambda: False)
    assert (run.path / "teachers" / "1" / MODEL).is_file()

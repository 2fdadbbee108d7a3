"""The model and the state of a run: written with a mark of the run, and read only if all fits.

A checkpoint carries, beside what `training.checkpoint` guards, the digest of the run's identity and
that of the metrics written so far.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from lexbits import __version__
from lexbits.errors import RunError, command
from lexbits.model import LatentWordModel
from lexbits.runs.folder import METRICS, RunFolder
from lexbits.runs.identity import IDENTITY, sha256_of_records
from lexbits.training.checkpoint import network_of, pack, unpack
from lexbits.training.progress import Progress
from lexbits.training.records import Record
from lexbits.training.session import Session

STATE = "state/last.safetensors"
MODEL = "model.safetensors"

NUMBERS = (
    *("step", "seconds", "train_elbo", "train_rate", "dev_nll", "dev_elbo", "dev_rate"),
    *("dev_perplexity_per_symbol", "dev_score"),
)
"""What every record of an epoch has, and is read from it."""


def pack_model(
    network: LatentWordModel,
    facts: Mapping[str, Any],
    mark: str | None,
    records: Sequence[Record],
) -> bytes:
    """Return the checkpoint of networks that are best after the epochs of `records`.

    Args:
        network: the networks.
        facts: `epoch`, the last of `records`, if a training writes the model before its metrics;
            or `epochs`, their number, if they are there.
        mark: the digest of the run.
        records: metrics of epochs.
    """
    marks = _marks(mark, records)
    return pack("model", network.state_dict(), {**facts, **marks}, __version__)


def read_model(run: RunFolder) -> tuple[LatentWordModel, list[Record]]:
    """Return the best networks of a run, and the records of its epochs.

    Raises:
        RunError: no epoch is done; or a file is missing or damaged, or belongs to another run.
    """
    records = read_records(run)
    if not run.has(MODEL):
        raise _no_model(run, len(records))
    where = str(run.path / MODEL)
    tensors, facts = unpack("model", run.read(MODEL), where)
    _refuse_another_run(run, facts.get("run"), where)
    # A training writes a model before the metrics of its epoch, and may be killed in between.
    epochs = facts.get("epoch", facts.get("epochs", 0))
    if len(records) != epochs - 1 or "epoch" not in facts:
        _refuse_other_records(run, records, epochs, facts.get("metrics"), where)
    return network_of(tensors, run.settings(), run.alphabet(), where), records


@dataclass(frozen=True)
class State:
    """A saved state of a training.

    Attributes:
        tensors: as `Session.state` returns them.
        counters: the same; those of its progress.
        records: metrics of the epochs done.
    """

    tensors: dict[str, Tensor]
    counters: dict[str, Any]
    records: list[Record]


def pack_state(session: Session, mark: str | None, records: Sequence[Record]) -> bytes:
    """Return the checkpoint of a training that has written `records` to the run of `mark`."""
    tensors, counters = session.state()
    return pack("state", tensors, {**counters, **_marks(mark, records)}, __version__)


def read_state(run: RunFolder) -> State | None:
    """Return the saved state of the training in `run`, None if none has been saved yet.

    Raises:
        RunError: a file is damaged, or they do not belong together.
    """
    if not run.has(STATE):
        return None
    where = str(run.path / STATE)
    tensors, counters = unpack("state", run.read(STATE), where)
    _refuse_another_run(run, counters.pop("run", None), where)
    digest = counters.pop("metrics", None)
    progress = Progress.from_counters(counters, where)
    records = read_records(run)
    _refuse_other_records(run, records, progress.epoch, digest, where)
    if progress.best_epoch and not run.has(MODEL):
        raise _no_model(run, progress.epoch)
    return State(tensors, counters, records[: progress.epoch])


def read_progress(run: RunFolder) -> Progress | None:
    """Return how far the training in `run` has come, None if it has not saved a state.

    Raises:
        RunError: as `read_state`.
    """
    state = read_state(run)
    return Progress.from_counters(state.counters, str(run.path / STATE)) if state else None


def read_history(run: RunFolder) -> tuple[list[Record], Progress | None]:
    """Return the records of all epochs, and how far the training has come if it saved a state.

    Raises:
        RunError: as `read_state`, or as `read_model` where only a model says what belongs to it.
    """
    if run.has(STATE):
        return read_records(run), read_progress(run)
    return (read_model(run)[1] if run.has(MODEL) else read_records(run)), None


def read_records(run: RunFolder) -> list[Record]:
    """Return the records of metrics.jsonl as they are there, each with all `NUMBERS`.

    Raises:
        RunError: the file is damaged or has another shape.
    """
    records = run.metrics()
    for number, record in enumerate(records, 1):
        for name in NUMBERS:
            if not isinstance(record.get(name), int | float):
                raise RunError(
                    f"{run.path / METRICS}, line {number}: expected a number as {name}, found "
                    f"{record.get(name)!r}: damaged or edited"
                )
    return records


def _marks(mark: str | None, records: Sequence[Record]) -> dict[str, Any]:
    return {"run": mark, "metrics": sha256_of_records(records)}


def _refuse_another_run(run: RunFolder, mark: str | None, where: str) -> None:
    found = run.digest()
    if mark and not found:
        raise RunError(f"{run.path / IDENTITY}: missing; restore it from a copy of the run")
    if mark != found:
        raise RunError(
            f"{where}: expected a checkpoint of the run that {run.path / IDENTITY} describes, "
            "found one of another run; restore the one or the other from a copy"
        )


def _refuse_other_records(
    run: RunFolder, records: Sequence[Record], epochs: int, digest: str | None, where: str
) -> None:
    """Check that metrics.jsonl begins with the `epochs` that `where` was written after."""
    if len(records) < epochs:
        raise RunError(
            f"{run.path / METRICS}: expected the {epochs} epochs that {where} has seen, found "
            f"{len(records)}: missing, cut off or edited; restore it from a copy"
        )
    if digest and digest != sha256_of_records(records[:epochs]):
        raise RunError(
            f"{run.path / METRICS}: expected the metrics that {where} was written with, found "
            "others: damaged or edited; restore it from a copy"
        )


def _no_model(run: RunFolder, epochs: int) -> RunError:
    again = command("train", "--resume", run.path)
    if not epochs:
        return RunError(
            f"{run.path}: no epoch is finished yet, so there is no model; train on with {again}"
        )
    return RunError(
        f"{run.path / MODEL}: missing, although {epochs} epochs are done; restore it from a copy, "
        f"or delete {run.path / 'state'} and train again with {again}"
    )

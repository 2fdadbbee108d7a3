"""`lexbits train`: from words to a run folder."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Callable, Container, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number
from pydantic import Field, create_model

from lexbits.cli.arguments import (
    FIRST,
    Config,
    Data,
    GroupedSettings,
    Preset,
    RunPath,
    flags_given,
    settings_in,
)
from lexbits.cli.columns import TABLES
from lexbits.cli.minutes import fitted, refuse_beside_minutes
from lexbits.cli.multiprocess import in_contact, start_processes
from lexbits.cli.output import TABLE, Format, Output, messages, print_json, print_table, say
from lexbits.cli.usage import Switch
from lexbits.config import (
    MACHINE,
    Settings,
    refuse_other_networks,
    resolve,
    to_toml,
)
from lexbits.errors import UsageError

if TYPE_CHECKING:
    from lexbits.model import LatentWordModel
    from lexbits.runs.folder import RunFolder
    from lexbits.runs.start import Start
    from lexbits.runs.words import Words
    from lexbits.training.devices import Fabric


if TYPE_CHECKING:
    TrainSettings = Settings
else:
    _epochs = Settings.model_fields["epochs"]
    _more = Annotated[str, Field(pattern=r"^\+")]
    _meaning = f"{_epochs.description[:-1]}; +N, with --resume: N epochs more."
    _or_more = (_epochs.annotation | _more, Field(_epochs.default, description=_meaning))
    TrainSettings = create_model("TrainSettings", __base__=GroupedSettings, epochs=_or_more)
TrainFlags = Annotated[TrainSettings, Parameter(name="*", group=FIRST)]
NO_TRAIN_SETTINGS = TrainSettings()


def train(
    *data: Data,
    out: Annotated[
        Path | None, Parameter(help="Folder to make for the run; else --resume is needed.")
    ] = None,
    resume: Annotated[
        RunPath | None, Parameter(help="Run folder to resume; else a run is made.")
    ] = None,
    start_from: Annotated[
        RunPath | None,
        Parameter(
            help="Run, or pretrained:LANG, whose best weights it starts from; else from chance."
        ),
    ] = None,
    overwrite: Annotated[bool, Switch(help="Replace a run folder that exists.")] = False,
    preset: Preset = None,
    config: Config = None,
    minutes: Annotated[
        float | None,
        Parameter(
            validator=Number(gt=0),
            help="About how long it may take, settings chosen for it; else by --steps.",
        ),
    ] = None,
    print_config: Annotated[bool, Switch(help="Print all settings as TOML and end.")] = False,
    devices: Annotated[
        int, Parameter(validator=Number(gte=1), help="Processes on this machine, one for a device.")
    ] = 1,
    nodes: Annotated[
        int, Parameter(validator=Number(gte=1), help="Machines, each with this many devices.")
    ] = 1,
    settings: TrainFlags = NO_TRAIN_SETTINGS,
    output: Output = TABLE,
) -> None:
    """Train a model of words and save it, its measurements and its pictures in a run folder.

    --resume RUN continues a training that was stopped; with --epochs +N, one that may be finished
    is trained for N epochs more, its learning rate beginning a new schedule (a warm restart). The
    earlier metrics are kept, and the earlier model too unless a better one comes. This is how a run
    is trained longer: on its own words, in its own folder.

    --start-from RUN begins a new run from the best weights of another one, or of a saved model, to
    fine-tune it on other words (without DATA, on its own). Settings are those of RUN, but that the
    learning rate is a quarter of its, --steps are 1,500, --patience is 10, --synthetic-words is
    auto, and there are no teachers; a flag or --config changes any of these, and --preset puts its
    own in their place, but for sizes, which stay. Characters that RUN does not know are learned
    from nothing.

    --minutes N measures the speed of this machine in the first seconds, and chooses sizes, teachers
    and the objective for the words and the time, and the length so that the schedule ends in time.
    A flag or --config overrides any choice; with --preset or --start-from, only the length is
    chosen. What was chosen is in the run's config.toml, which repeats the training.

    Several processes, here by --devices or started by torchrun or SLURM on machines that share
    the folder, take shares of each batch: the training is that of a single one.
    """
    prepared: Callable[[], AbstractContextManager[RunFolder]]
    more = _epochs_more(settings, resume is not None)
    if resume is not None:
        flags = settings.model_fields_set - {*MACHINE, "epochs", "estimator"}
        others = (data, out, start_from, preset, config, overwrite, minutes, flags)
        if any(others):
            raise UsageError(
                "--resume takes data and settings from the run: give nothing else but --epochs +N, "
                "--device, --precision, --devices and --nodes, and --estimator where it is your own"
            )
        from lexbits.runs.estimator import take_again
        from lexbits.runs.folder import RunFolder

        run = RunFolder.open(resume)
        if "estimator" in settings.model_fields_set:
            take_again(run, settings.estimator)
        machine = {name: v for name, v in flags_given((), settings).items() if name in MACHINE}
        resolved = run.settings().model_copy(update=machine)
        prepared = partial(_locked, run)
    else:
        start = _start(start_from)
        given = flags_given(data, settings)
        from_file = settings_in(config)
        named = {*given, *from_file, *(("preset",) if preset else ())}
        resolved = resolve(given, preset, from_file, _base(start, named))
        if start:
            refuse_other_networks(resolved, start.settings, str(start_from))
        if minutes is not None:
            refuse_beside_minutes(minutes, named, devices * nodes, print_config)
        if print_config:
            sys.stdout.write(to_toml(resolved))
            return
        if out is None:
            raise UsageError(
                "expected --out FOLDER for the run (or --resume FOLDER), found neither"
            )
        from lexbits.runs.estimator import take_estimator
        from lexbits.training.pace import clock

        take_estimator(resolved, config, settings.model_fields_set)
        time_given = None
        if minutes is not None:
            keep = start is not None or "preset" in named
            complete = None if keep else lambda chosen: resolve(given, None, from_file, chosen)
            time_given = partial(fitted, minutes, clock(), complete)
        prepared = partial(_made, resolved, out, overwrite, start, time_given)
    from lexbits.training.devices import make_fabric, processes_of

    fabric = start_processes(resolved, devices, nodes)
    processes = processes_of(fabric)
    with ExitStack() as stack, in_contact(processes):
        run = processes.run_on_main(lambda: stack.enter_context(prepared()))
        if minutes is not None:  # what was chosen decides the precision
            fabric = make_fabric(run.settings())
        _train(run, output, fabric, more)


def _epochs_more(settings: Settings, resumed: bool) -> int:
    """Return how many epochs a run that is resumed gets more.

    Raises:
        UsageError: epochs to add where there are none, or a number that is not to be added.
    """
    if "epochs" not in settings.model_fields_set:
        return 0
    found = str(settings.epochs)
    if not found.startswith("+"):
        if resumed:
            raise UsageError(
                f"--epochs with --resume: expected +N, for N epochs more than it has, found {found}"
            )
        return 0
    match = re.fullmatch(r"\+([0-9]{1,10})", found)
    if match is None or not 0 < int(match[1]) < 2**31:
        raise UsageError(
            f"--epochs: expected +N with a whole number N from 1 to {2**31 - 1:,}, found "
            f"{found[:20]!r}"
        )
    if not resumed:
        raise UsageError(
            f"--epochs {found}: there are epochs to add to only with --resume RUN; expected a "
            f"number of epochs, such as {match[1]}"
        )
    return int(match[1])


@contextmanager
def _locked(run: RunFolder) -> Iterator[RunFolder]:
    with run.locked():
        yield run


def _start(path: Path | None) -> Start | None:
    if path is None:
        return None
    from lexbits.runs.start import Start

    return Start.open(path)


def _base(start: Start | None, named: Container[str]) -> dict[str, Any]:
    """Return the settings of `start` that those named change: of networks, or of a fine-tuning."""
    if start is None:
        return {}
    if "preset" in named:
        return start.networks()
    return start.fine_tuning(other_words="data" in named)


def _made(
    settings: Settings,
    out: Path,
    overwrite: bool,
    start: Start | None,
    in_time: Callable[[Settings, Words, LatentWordModel | None], Settings] | None,
) -> AbstractContextManager[RunFolder]:
    """Load the words and make the run folder; nothing is done before all is known to fit."""
    from lexbits.runs.folder import RunFolder
    from lexbits.runs.words import create_run, read_words, refuse_impossible

    refuse_impossible(settings)
    RunFolder.refuse_existing(out, overwrite)
    words = read_words(settings, say)
    if start is not None:
        words = start.take(words, say)
    if in_time is not None:
        network = start.network(words.alphabet) if start else None
        settings = in_time(settings, words, network)
    if start is None:
        return create_run(out, settings, words, overwrite)
    say(f"Starting from the best weights of {start.name}")
    return create_run(out, settings, words, overwrite, start.fill)


def _train(run: RunFolder, output: Format, fabric: Fabric, more: int) -> None:
    from lexbits.cli.metrics_table import scalars
    from lexbits.cli.next_steps import next_steps
    from lexbits.cli.summary import print_summary
    from lexbits.runs.estimator import to_resume
    from lexbits.studies.summary import summarise
    from lexbits.training.devices import processes_of

    train_to_end(run, to_resume(run), fabric, more)
    if not processes_of(fabric).first:
        return
    summary = summarise(run, fabric.device.type)
    if output.json:
        print_json(summary)
    elif output.tsv:
        print_table(TABLES["train"], scalars(summary), output)
    else:
        print_summary(summary, next_steps(run))


def train_to_end(
    run: RunFolder, to_go_on: str, fabric: Fabric | None = None, more: int = 0
) -> None:
    """Train in `run` until it is finished; asked to stop, save, say `to_go_on` and end.

    Args:
        run: the folder.
        to_go_on: the command that resumes it.
        fabric: the devices and processes.
        more: epochs to train after those that are planned.
    """
    from lexbits.cli.interrupt import stop_on_signals
    from lexbits.cli.progress import TrainingDisplay
    from lexbits.runs.checkpoints import read_progress
    from lexbits.runs.training import train_in_folder
    from lexbits.training.devices import processes_of
    from lexbits.training.display import Bar

    progress = read_progress(run)
    if progress is not None and progress.finished and not more:
        say(f"{run.path}: the training is finished")
        return
    with Bar(messages()) as bar, stop_on_signals() as stop:
        display = TrainingDisplay(bar)
        finished = train_in_folder(run, display, lambda: stop.signal is not None, fabric, more)
    if not finished:
        say(f"Stopped, all saved. To resume: {to_go_on}")
        first = fabric is None or processes_of(fabric).first
        # Another process may have been asked to stop; and the first one's status is the program's.
        sys.exit(128 + int(stop.signal or signal.SIGTERM) if first else 0)

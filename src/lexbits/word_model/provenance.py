"""How a model came to be: its settings, and what the folder knows that it was loaded from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lexbits import __version__
from lexbits.config import MACHINE, Settings
from lexbits.errors import LexbitsError, command_line
from lexbits.pretrained.places import folder_of
from lexbits.report.facts import Again, Setting
from lexbits.runs.checkpoints import read_history
from lexbits.runs.environment import PACKAGES
from lexbits.runs.folder import RunFolder
from lexbits.runs.start import START_FROM
from lexbits.word_model.learning import FROM_PYTHON
from lexbits.word_model.trained import Trained

NOT_TYPED = {"data", "more_data"}
"""Settings that are no flags."""

VERSIONS = ("python", *PACKAGES)
MACHINE_FACTS = {
    "system": "system",
    "cores": "cores",
    "torch_threads": "threads of torch",
    "cuda": "CUDA device",
}


def provenance(model: Trained) -> Again:
    """Return how to have a model again, with what the run at its source knows, if it is one."""
    run = _run_of(model)
    made_with = run.made_with() if run else {}
    command = str(made_with.get("command") or "")
    typed = command if len(command.split()) > 1 else ""
    python = not typed and model.facts.get("name") == FROM_PYTHON
    return Again(
        command=typed or (in_python(model.settings) if python else in_shell(model.settings)),
        python=python,
        remarks=tuple(_remarks(model, run)),
        settings=_settings(model.settings),
        versions=tuple((name, str(made_with[name])) for name in VERSIONS if made_with.get(name)),
        machine=tuple(
            (title, str(made_with[name]))
            for name, title in MACHINE_FACTS.items()
            if made_with.get(name)
        ),
        notes=tuple(_notes(model)),
        advice=tuple(_advice(run)) if run else (),
        digests=tuple(sorted(_digests(run).items())) if run else (),
    )


def trained_with(model: Trained) -> tuple[str, str]:
    """Return the version of lexbits that trained a model and the date, "" where unknown."""
    run = _run_of(model)
    made_with = run.made_with() if run else {}
    return str(made_with.get("lexbits") or ""), str(made_with.get("date") or "")[:10]


def _run_of(model: Trained) -> RunFolder | None:
    """Return the run that a model was loaded from, if it is there still."""
    place = folder_of(model.source)
    return RunFolder(place) if model.source and RunFolder.is_at(place) else None


def _digests(run: RunFolder) -> dict[str, str]:
    identity = run.identity()
    return dict(identity.sha256) | {"identity.json": identity.digest()} if identity else {}


def _remarks(model: Trained, run: RunFolder | None) -> list[str]:
    remarks = []
    if started := model.facts.get(START_FROM):
        where = started.get("path") or started.get("data")
        remarks.append(f"It started from the weights of another model, {where}.")
    if run is not None:
        _, progress = read_history(run)
        if progress and progress.leg_epoch:
            remarks.append(f"Its training was extended after epoch {progress.leg_epoch}.")
        if progress and not progress.finished:
            remarks.append("The training is not finished.")
    return remarks


def _advice(run: RunFolder) -> list[str]:
    """Return what the summary of a finished training advises; nothing where there is none."""
    try:
        found = run.read_json("summary.json").get("findings")
    except LexbitsError:
        return []
    return [str(text) for text in found] if isinstance(found, list) else []


def _notes(model: Trained) -> list[str]:
    """Return what was said of the words when they were read, without the folders of files."""
    found = [str(note) for note in model.facts.get("notes") or []]
    for source in model.settings.sources:
        found = [note.replace(source, Path(source).name or source) for note in found]
    return found


def _changed(settings: Settings) -> dict[str, Any]:
    """Return the settings that are not the defaults, and say more than where it computes."""
    return {
        name: value
        for name, value in settings
        if value != Settings.model_fields[name].get_default() and name not in MACHINE
    }


def in_shell(
    settings: Settings, command: Sequence[str] = ("train",), more: Sequence[str] = ()
) -> str:
    """Return the command line that trains with these settings.

    Args:
        settings: the settings.
        command: what trains.
        more: flags and their values that are no settings.
    """
    flags: list[str] = []
    for name, value in _changed(settings).items():
        if name in NOT_TYPED:
            continue
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            flags.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            values = value if isinstance(value, list) else [value]
            flags += [f"--{flag}", *map(_plain, values)]
    return command_line(*command, *settings.sources, *flags, *more, "--out", "RUN")


def in_python(settings: Settings) -> str:
    """Return the call that trains with these settings, on words that only its caller knows."""
    given = [
        f"{name}={value!r}" for name, value in _changed(settings).items() if name not in NOT_TYPED
    ]
    return f"WordModel.fit({', '.join(['words', *given])})  # lexbits {__version__}"


def _settings(settings: Settings) -> tuple[Setting, ...]:
    return tuple(
        Setting(
            name=name,
            value=_plain(value),
            default=_plain(Settings.model_fields[name].get_default()),
            meaning=str(Settings.model_fields[name].description),
        )
        for name, value in settings
    )


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else value if isinstance(value, str) else json.dumps(value)

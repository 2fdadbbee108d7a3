"""What the command line knows of its commands before it imports them."""

import io
import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from unittest.mock import patch

import pytest

from lexbits.cli import COMMANDS, GROUPS, build, main
from lexbits.config import FIRST_SETTINGS, Settings


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_of_a_command_is_what_its_own_help_begins_with(name):
    own = " ".join(build(name)[name].help.split())
    assert own.startswith(COMMANDS[name][1])


@pytest.mark.parametrize(
    ("arguments", "module"),
    [
        (["--help"], "torch"),
        (["--help"], "lexbits.cli.train"),
        (["--version"], "torch"),
        (["train", "--help"], "torch"),
    ],
)
def test_help_imports_no_more_than_it_needs(arguments, module):
    program = (
        "import sys\nfrom lexbits.cli import main\n"
        f"try:\n    main({arguments})\nfinally:\n    assert {module!r} not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_completion_for_a_shell_knows_commands_and_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    path = build(None).install_completion(
        shell="bash", output=tmp_path / "lexbits.bash", add_to_startup=False
    )
    script = path.read_text(encoding="utf-8")
    assert "interpolate" in script
    assert "--hidden-size" in script


def test_the_help_of_training_lists_what_people_change_first_before_the_rest(capsys):
    main(["train", "--help"])
    text = capsys.readouterr().out
    first, advanced = text.split(" Settings ")[1].split(" Advanced settings ")
    assert first.count("\n│ --") == len(FIRST_SETTINGS) == 20
    assert "--bits" in first
    assert "--rate-learning-rate" in advanced


def test_every_setting_that_people_change_first_is_a_setting():
    assert set(Settings.model_fields) >= FIRST_SETTINGS


def helps(app, *path):
    """Yield the words of every command, and its help, without a frame."""
    inner = [name for name in app if not name.startswith("-")]
    for name in inner:
        yield from helps(app[name], *path, name)
    if path and not inner:
        out = io.StringIO()
        with redirect_stdout(out), patch.dict(os.environ, COLUMNS="400"):
            main([*path, "--help"])
        yield path, out.getvalue().splitlines()


SWITCH = re.compile(r"--[\w-]+( -\w)?  ")
"""A flag without a value, which is off unless it is given."""

ALL_HELPS = [found for name in COMMANDS for found in helps(build(name)[name], name)]


def test_every_command_is_walked_over():
    assert len(ALL_HELPS) == 25
    assert ("data", "show") in [path for path, _ in ALL_HELPS]


@pytest.mark.parametrize(
    ("path", "lines"), ALL_HELPS, ids=[" ".join(path) for path, _ in ALL_HELPS]
)
def test_every_flag_has_its_default_or_says_what_happens_without_it(path, lines):
    for flag in (line.strip("│ ") for line in lines if line[:1] == "│"):
        said = r"\[default: |\[required\]|\b(else|without)\b"
        assert re.search(said, flag) or SWITCH.match(flag), f"{path}: {flag}"
        assert not (SWITCH.match(flag) and "[default: " in flag), f"{path}: {flag}"


@pytest.mark.parametrize(
    ("path", "lines"), ALL_HELPS, ids=[" ".join(path) for path, _ in ALL_HELPS]
)
def test_every_help_begins_with_how_the_command_is_called_and_names_its_arguments(path, lines):
    said = lines[0].removeprefix(f"Usage: lexbits {' '.join(path)} ")
    assert "ARGS" not in said
    named = [
        word.strip("[].") for word in said.partition(" --")[0].removesuffix("[OPTIONS]").split()
    ]
    rows = [re.match(r"│ (?:\* )? *([A-Z]+)  ", line) for line in lines]
    assert named == [row[1] for row in rows if row]


def test_the_help_lists_commands_under_headings_in_the_order_of_work(capsys):
    main(["--help"])
    text = capsys.readouterr().out
    shown = [text.index(f" {heading} ") for heading in (*GROUPS, "Other")]
    assert shown == sorted(shown)
    places = [text.index(f"│ {name} ") for name in COMMANDS]
    assert places == sorted(places)


def test_the_data_commands_are_in_the_order_of_work(capsys):
    main(["data", "--help"])
    text = capsys.readouterr().out
    places = [text.index(f"│ {name} ") for name in ("list", "show", "fetch", "pack")]
    assert places == sorted(places)

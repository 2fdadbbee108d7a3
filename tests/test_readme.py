"""What README.md says: its code runs, its commands are understood, its links lead somewhere."""

import re
import shlex
import warnings
from pathlib import Path

import pytest

from lexbits.cli import COMMANDS, build, main
from lexbits.errors import LexbitsWarning
from tests.test_documentation import blocks

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FIRST, OWN_WORDS = blocks("python", README)
COMMAND = re.compile(r"(?:^|&& |`)(?:\.venv/bin/)?lexbits ([^`\n]+?)(?=`|$| &&)", re.MULTILINE)
GIVEN = [shlex.split(found) for found in COMMAND.findall(README)]
LITERAL = [given for given in GIVEN if not re.search(r"\b[A-Z]{3,}|…|\.\.\.", " ".join(given))]
"""Without what stands for something else, such as RUN."""
TINY = "epochs=1, hidden_size=16, encoder_hidden_size=8, embedding_size=8, dev_samples=2, bits=12"


def test_the_first_example_makes_up_words(capsys):
    exec(compile(FIRST, "README.md", "exec"), {})
    made_up, code, between, scores = capsys.readouterr().out.split("\n", 3)
    assert len(made_up.split()) == 5
    assert re.fullmatch(r"[01]{16}", code)
    assert len(between.split()) > 2
    assert "camino" in scores


def test_words_of_ones_own_are_learned_scored_and_saved(tmp_path, monkeypatch):
    pytest.importorskip("pandas", reason="pandas is not installed")
    monkeypatch.chdir(tmp_path)
    syllables = ("ca", "sa", "pe", "rro", "to", "mi", "no")
    words = [a + b + c for a in syllables for b in syllables for c in syllables]
    Path("words.txt").write_text("\n".join(words), encoding="utf-8")
    code = OWN_WORDS.replace('preset="quick", bits=12', TINY).replace("epochs=10", "epochs=1")
    assert code.count("epochs=1") == 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LexbitsWarning)  # the words are few
        exec(compile(code, "README.md", "exec"), names := {})
    assert len(names["table"]) == len(names["rows"]) == len(words)
    assert Path("my-model/model.safetensors").is_file()


@pytest.mark.parametrize(
    "given", [g for g in LITERAL if "pretrained:es" in g and g[0] != "explore"], ids=" ".join
)
def test_what_is_said_at_the_shell_is_answered(given, capsys):
    main(given)
    assert capsys.readouterr().out


def test_all_commands_are_understood():
    assert len(LITERAL) > 6
    for given in LITERAL:
        name = given[0] if given[0] in COMMANDS else None
        build(name).parse_args(given, exit_on_error=False, print_error=False)


def test_every_command_is_in_the_table():
    table = README[README.index("| command | what it does |") :].split("\n\n", 1)[0]
    assert set(re.findall(r"`(?:lexbits )?([\w-]+)", table)) >= set(COMMANDS)


def test_links_lead_to_files():
    links = re.findall(r"\]\(([^)#]+)", README)
    assert len(links) > 10
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_both_commands_of_the_quick_start_are_where_ci_looks_for_them():
    first, tests = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    assert first.endswith(".venv/bin/lexbits train --out runs/spanish")
    assert tests.endswith(".venv/bin/pytest")
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert 'grep -m1 "^python3 -m venv .*pytest$" README.md' in script

"""What SECURITY.md says, where no other test says it.

Others:
tests/cli/test_bad_input.py: a pickle is refused, and runs nothing
tests/training/test_checkpoint.py: digests
tests/cli/test_own_estimator.py: code that a settings file names, and the settings of a run
tests/data/test_remote.py: downloads
tests/data/test_origin.py: nothing is downloaded to know where words come from
tests/report: what a page asks for, in a browser
tests/test_files.py, tests/runs/test_folder.py: what is replaced and removed
tests/pretrained/test_places.py: models that come with lexbits are never written to
"""

import ast
import json
import pickle
import re
import socket
from pathlib import Path

import pytest

from lexbits import WordModel
from lexbits.alphabet import Alphabet
from lexbits.config import resolve
from lexbits.data import remote
from lexbits.errors import DataError, RunError, UsageError
from lexbits.estimators import own
from lexbits.report import html
from lexbits.runs.start import Start
from tests.test_documentation import OWN
from tests.word_model.conftest import WORDS, fit

SOURCE = Path(own.__file__).parents[1]
RUNS_CODE = {
    *("eval", "exec", "compile", "__import__", "import_module", "load_module", "exec_module"),
    *("system", "popen", "Popen", "run_path", "run_module"),
}
UNPICKLES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "yaml"}


def calls(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            yield (
                function.attr
                if isinstance(function, ast.Attribute)
                else getattr(function, "id", ""),
                ast.unparse(function),
            )


def test_code_is_executed_in_one_place_which_runs_what_the_user_names():
    found = {}
    for path in SOURCE.rglob("*.py"):
        for name, whole in calls(ast.parse(path.read_text("utf-8"))):
            harmless = whole in ("re.compile", "platform.system")
            harmless |= name == "eval" and whole != "eval"  # networks have a method of this name
            if name in RUNS_CODE and not harmless:
                found.setdefault(path.relative_to(SOURCE).as_posix(), set()).add(name)
    # The package and the command import modules of their own when they are asked for.
    assert found == {
        "__init__.py": {"import_module"},
        "cli/__init__.py": {"import_module"},
        "estimators/own.py": {"exec", "compile", "import_module"},
    }


def test_nothing_is_unpickled():
    for path in SOURCE.rglob("*.py"):
        text = path.read_text("utf-8")
        imported = {
            alias.name.split(".")[0]
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in (
                node.names
                if isinstance(node, ast.Import)
                else [ast.alias(name=node.module or "", asname=None)]
            )
        }
        assert not imported & UNPICKLES, path
        unsafe = r"(?<!safetensors\.)torch\.load\((?!.*weights_only=True)|allow_pickle=True"
        assert not re.search(unsafe, text), path


def test_a_pickle_is_code():
    class Trap:
        def __reduce__(self):
            return (str.upper, ("run",))

    assert pickle.loads(pickle.dumps(Trap())) == "RUN"


def test_an_estimator_of_a_run_is_not_executed_by_who_does_not_name_it(tmp_path, monkeypatch):
    trace, file = tmp_path / "executed", tmp_path / "my.py"
    file.write_text(f"open({str(trace)!r}, 'w')\n{OWN['my.py']}", encoding="utf-8")
    fit(WORDS, estimator=f"{file}:Mine").save(tmp_path / "run")
    trace.unlink()
    monkeypatch.setattr(own, "_TAKEN", {})  # as in a new process
    model = WordModel.load(tmp_path / "run")
    assert "Mine" in model.estimator_source
    assert model.sample(2, seed=0)
    start = Start.open(tmp_path / "run")
    assert not own.is_own(resolve(base=start.fine_tuning(other_words=True)).estimator)
    with pytest.raises(UsageError, match="code of your own, which is run only where you name it"):
        model.fit_more(epochs=1)
    assert not trace.exists()


def test_an_alphabet_has_no_control_characters():
    with pytest.raises(RunError, match="control character"):
        Alphabet.from_json(json.dumps({"characters": ["a", "\x1b"]}), "alphabet.json")


def test_words_with_control_characters_are_refused():
    with pytest.raises(DataError, match=r"words\[0\]"):
        WordModel.fit(["\x1b[31mred"] * 40)


def test_a_page_has_a_policy_that_forbids_requests_and_words_are_no_markup():
    page = (SOURCE / "report" / "page.html").read_text("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1].split("; ")
    assert {"default-src 'none'", "base-uri 'none'", "form-action 'none'"} <= {*policy}
    assert not any(rule.startswith(("connect-src", "frame-src")) for rule in policy)
    assert not re.search("https?:", " ".join(policy))
    assert "<script>" not in html.word("<script>alert(1)</script>")


def test_downloads_are_of_one_commit_over_https():
    assert re.fullmatch("[0-9a-f]{40}", remote.COMMIT)
    assert remote.UPSTREAM.startswith("https://")
    assert remote.COMMIT in remote.UPSTREAM


def test_a_model_that_comes_with_lexbits_needs_no_network(monkeypatch):
    def refused(*_):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refused)
    assert len(WordModel.pretrained("es").sample(2, seed=0)) == 2

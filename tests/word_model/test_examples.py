"""Every public method says what it raises and shows how it is called, in code that runs."""

import doctest
import inspect

import pytest

from lexbits import WordModel

METHODS = {name: m for name, m in inspect.getmembers(WordModel, callable) if name[0] != "_"}


@pytest.mark.filterwarnings("ignore::lexbits.errors.LexbitsWarning")
@pytest.mark.parametrize("name", METHODS)
def test_the_example_of_a_method_runs(name, model, tmp_path, capsys):
    text = inspect.getdoc(METHODS[name])
    assert "Raises:" in text
    examples = doctest.DocTestParser().get_examples(text)
    assert examples
    given = {"WordModel": WordModel, "model": model, "folder": tmp_path / "run"}
    for example in examples:
        exec(compile(example.source, name, "exec"), given)

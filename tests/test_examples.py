"""Every public class and function shows in its docstring how it is used, and that runs."""

import doctest
import importlib
import inspect
import json
import sys
from pathlib import Path

import pytest
import torch

from lexbits import WordModel

GATHERED = (
    "bits",
    "checking",
    "data",
    "estimators",
    "likelihood",
    "measures",
    "ngram",
    "pretrained",
)
"""Rooms whose `__all__` says what is public."""
ALONE = {
    "alphabet": ["Alphabet"],
    "bits.paths": ["bit_path", "mean_path"],
    "config": ["Settings", "read_toml", "resolve", "to_toml"],
    "data.corpus": ["Corpus"],
    "estimators.choice": ["choose"],
    "estimators.own": ["take"],
    "estimators.registry": ["available", "estimator_class", "find"],
    "objective": ["Terms", "TrainingObjective", "make_estimator", "rate"],
    "sklearn": ["BitEncoder"],
}


def public():
    for room in GATHERED:
        module = importlib.import_module(f"lexbits.{room}")
        for name in module.__all__:
            found = getattr(module, name)
            if inspect.isclass(found) or inspect.isfunction(found):
                yield f"{room}.{name}", found
    for place, names in ALONE.items():
        module = importlib.import_module(f"lexbits.{place}")
        yield from ((f"{place}.{name}", getattr(module, name)) for name in names)


PUBLIC = dict(public())


@pytest.fixture(scope="module")
def model():
    syllables = [a + b for a in ("ca", "pe", "so", "rro") for b in ("sa", "no", "rro", "lu")]
    words = [a + b for a in syllables for b in ("", "s", "na", "mos")]
    return WordModel.fit(words, bits=4, hidden_size=16, epochs=1)


@pytest.mark.parametrize("name", PUBLIC)
def test_the_example_gives_what_it_says(name, model, tmp_path):
    found = PUBLIC[name]
    given = {**vars(sys.modules[found.__module__]), "torch": torch, "json": json, "Path": Path}
    given |= {"model": model, "folder": str(tmp_path)}
    given["words"] = torch.tensor([[2, 3, 0], [3, 2, 0]])
    (example,) = doctest.DocTestFinder(recurse=False).find(found, name, globs=given)
    assert example.examples, f"{name} has no example"
    said = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, out=said.append)
    assert not said, "".join(said)

"""`BitEncoder` is an estimator of scikit-learn, for words."""

import pickle
import re
import subprocess
import sys
import warnings
from pathlib import Path

import joblib
import numpy as np
import pandas
import pytest
from scipy.sparse import csr_array
from sklearn import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.validation import validate_data

from lexbits import WordModel
from lexbits.errors import LexbitsWarning, MissingPackageError, RunError
from lexbits.estimators.rloo import Rloo
from lexbits.sklearn import BitEncoder, InputError
from tests.word_model.conftest import WORDS, fit

pytestmark = pytest.mark.filterwarnings("ignore::lexbits.errors.LexbitsWarning")

SMALL = {
    "hidden_size": 8,
    "encoder_hidden_size": 4,
    "embedding_size": 4,
    "samples": 2,
    "dev_samples": 2,
    "synthetic_words": 0,
    "dev_share": 0.4,
}


def encoder(**changes):
    return BitEncoder(**{"bits": 3, "epochs": 1, "settings": SMALL} | changes)


@pytest.fixture(scope="module")
def fitted():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LexbitsWarning)
        return encoder().fit(WORDS)


@pytest.fixture(scope="module")
def plain():
    return fit(WORDS, bits=0, epochs=1)


class OfRows(BitEncoder):
    """Takes a row of numbers as a word: scikit-learn checks estimators with numbers alone."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        tags.input_tags.one_d_array = False
        tags.input_tags.string = False
        return tags

    def fit(self, X, y=None):  # noqa: N803
        return super().fit([*spelled(validate_data(self, X)), *WORDS])

    def transform(self, X):  # noqa: N803
        if hasattr(self, "model_"):
            X = spelled(validate_data(self, X, reset=False))  # noqa: N806
        return super().transform(X)


def spelled(rows):
    return ["".join(chr(97 + int(abs(value) * 7) % 26) for value in row) for row in rows]


CHECKS = [*estimator_checks_generator(OfRows(bits=2, epochs=1, settings=SMALL))]


def name_of(check):
    """Return the name of a check, and of how it goes about it."""
    return "-".join([getattr(check, "func", check).__name__, *getattr(check, "keywords", ())])


@pytest.mark.parametrize("number", range(len(CHECKS)), ids=[name_of(c) for _, c in CHECKS])
def test_scikit_learn_finds_nothing_wrong(number):
    estimator, check = CHECKS[number]
    check(estimator)


def test_scikit_learn_knows_that_it_takes_text():
    with pytest.warns(SkipTestWarning, match="string=True"):
        checks = [*estimator_checks_generator(BitEncoder())]
    for estimator, check in checks:
        check(estimator)


WAYS = {
    "list": list,
    "tuple": tuple,
    "array": np.array,
    "objects": lambda words: np.array(words, dtype=object),
    "one column": lambda words: np.array(words)[:, None],
    "rows of one": lambda words: [[word] for word in words],
    "series": lambda words: pandas.Series(words, index=range(7, 7 + len(words))),
    "frame": lambda words: pandas.DataFrame({"word": words}),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_words_come_in_any_container_of_one_column(way, fitted):
    expected = [[*map(int, found.code)] for found in fitted.model_.encode(WORDS)]
    assert fitted.transform(way(WORDS)).tolist() == expected
    assert encoder().fit_transform(way(WORDS)).tolist() == expected


def test_bits_are_whole_numbers_and_means_the_probabilities_of_a_one(fitted):
    words = ["canto", "xyz", "canto"]
    bits = fitted.transform(words)
    assert bits.dtype == np.int64
    means = BitEncoder(model=fitted.model_, output="means").fit_transform(words)
    assert means.tolist() == [[*found.probabilities] for found in fitted.model_.encode(words)]
    assert ((means > 0.5) == bits).all()


def test_the_words_beside_a_word_change_nothing(fitted):
    together = fitted.transform(WORDS)
    assert [fitted.transform([word])[0].tolist() for word in WORDS[:5]] == together[:5].tolist()
    assert fitted.transform(WORDS[::-1]).tolist() == together[::-1].tolist()


def test_a_word_is_composed_to_nfc(fitted):
    assert fitted.transform(["mire\N{COMBINING ACUTE ACCENT}"]).tolist() == (
        fitted.transform(["miré"]).tolist()
    )


def test_columns_have_names_and_rows_keep_theirs(fitted):
    words = pandas.Series(["canto", "miro"], index=["a", "b"])
    frame = clone(fitted).set_output(transform="pandas").fit(WORDS).transform(words)
    assert [*frame.columns] == [*fitted.get_feature_names_out()] == ["bit0", "bit1", "bit2"]
    assert [*frame.index] == ["a", "b"]


def test_bits_decode_to_words(fitted):
    bits = fitted.transform(WORDS[:4])
    codes = ["".join(map(str, row)) for row in bits.tolist()]
    words = fitted.inverse_transform(bits)
    assert words.tolist() == [str(found) for found in fitted.model_.decode(codes)]
    assert fitted.inverse_transform(0.6 * bits + 0.2).tolist() == words.tolist()
    with pytest.raises(InputError, match=r"expected 3 columns, .* found \(1, 2\)"):
        fitted.inverse_transform([[0, 1]])


def test_two_trainings_give_the_same_bits_and_another_seed_others():
    def means(random_state):
        return encoder(output="means", random_state=random_state).fit_transform(WORDS).tolist()

    assert means(None) == means(None)
    assert (
        means(3)
        == means(3)
        == encoder(output="means", settings={**SMALL, "seed": 3}).fit_transform(WORDS).tolist()
    )
    assert means(3) != means(4)
    drawn = [means(np.random.RandomState(5)) for _ in range(2)]
    assert drawn[0] == drawn[1] != means(5)


def test_what_it_is_told_is_kept_as_it_was_given(fitted):
    settings = {**SMALL}
    told = BitEncoder(bits=2, settings=settings, random_state=None)
    assert told.get_params()["settings"] is settings
    told.set_params(bits=4)
    again = clone(told)
    assert again.get_params() == told.get_params()
    assert settings == SMALL
    assert clone(BitEncoder(model=fitted.model_)).fit(WORDS).transform(WORDS).tolist() == (
        fitted.transform(WORDS).tolist()
    )


def test_a_model_that_is_given_is_taken_and_not_trained(fitted, tmp_path):
    fitted.model_.save(tmp_path / "run")
    for given in (fitted.model_, tmp_path / "run", str(tmp_path / "run")):
        found = BitEncoder(model=given).fit(["canto"])
        assert found.transform(WORDS).tolist() == fitted.transform(WORDS).tolist()
    assert BitEncoder(model=fitted.model_).fit(["canto"]).model_ is fitted.model_


@pytest.mark.parametrize("dumped", ["pickle", "joblib"])
def test_a_pickle_holds_the_model(dumped, fitted, tmp_path):
    if dumped == "joblib":
        joblib.dump(fitted, tmp_path / "encoder")
        again = joblib.load(tmp_path / "encoder")
    else:
        again = pickle.loads(pickle.dumps(fitted))
    assert isinstance(again.model_, WordModel)
    assert again.transform(WORDS).tolist() == fitted.transform(WORDS).tolist()
    assert again.get_params() == fitted.get_params()


@pytest.mark.parametrize("processes", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_pipeline_is_searched_also_by_several_processes(processes):
    ends_in_o = [word.endswith("o") for word in WORDS]
    steps = make_pipeline(encoder(), LogisticRegression())
    grid = {"bitencoder__bits": [1, 2], "bitencoder__output": ["bits", "means"]}
    search = GridSearchCV(steps, grid, cv=2, n_jobs=processes, error_score="raise")
    search.fit(WORDS, ends_in_o)
    assert set(search.best_params_) == set(grid)
    assert search.predict(["canto", "mira"]).shape == (2,)
    assert search.best_estimator_[:-1].get_feature_names_out()[0] == "bit0"


def test_it_takes_a_column_of_a_table_beside_others(fitted):
    table = pandas.DataFrame({"word": WORDS, "length": map(len, WORDS)})
    encode = BitEncoder(model=fitted.model_)
    for column in ("word", ["word"]):
        parts = [("bits", encode, column), ("others", "passthrough", ["length"])]
        found = ColumnTransformer(parts).set_output(transform="pandas").fit_transform(table)
        assert [*found.columns] == ["bits__bit0", "bits__bit1", "bits__bit2", "others__length"]


class Own(Rloo):
    """An estimator of the user's own."""


def test_settings_may_hold_a_class_and_a_bar_may_be_asked_for(capsys):
    found = encoder(settings={**SMALL, "estimator": Own}, verbose=1)
    bits = clone(found).fit_transform(WORDS).tolist()
    assert bits == encoder().fit_transform(WORDS).tolist()
    assert capsys.readouterr().out == ""


BAD = {
    "text": (lambda: encoder().fit("casa"), "expected a list of words, found the text 'casa'"),
    "nothing": (lambda: encoder().fit([]), "expected words, found none"),
    "few": (lambda: encoder().fit(["a"] * 30), "expected at least 10 distinct forms"),
    "number": (lambda: encoder().fit([*WORDS, 1]), r"X\[60\]: expected a word, found 1 \(int\)"),
    "missing": (lambda: encoder().fit(pandas.Series([*WORDS, None])), r"X\[60\]: expected a word"),
    "table": (lambda: encoder().fit([["a", "b"]]), "expected one column, of words, found 2"),
    "cube": (lambda: encoder().fit(np.array([[["a"]]])), "found 3 dimensions"),
    "sparse": (lambda: encoder().fit(csr_array((3, 1))), "expected words, found a sparse matrix"),
    "setting": (lambda: encoder(settings={"bitz": 3}).fit(WORDS), "did you mean 'bits'"),
    "twice": (lambda: encoder(settings={"bits": 3}).fit(WORDS), "expected bits once, found it in"),
    "settings": (lambda: encoder(settings=[3]).fit(WORDS), r"expected settings by name, found \[3"),
    "preset": (lambda: encoder(preset="x").fit(WORDS), "unknown preset 'x'"),
    "plain": (lambda: BitEncoder(preset="plain").fit(WORDS), "expected bits to encode words by"),
    "output": (lambda: encoder(output="x").fit(WORDS), "expected output to be one of bits, means"),
    "seed": (lambda: encoder(random_state=-1).fit(WORDS), "expected the seed to be at least 0"),
    "model": (lambda: BitEncoder(model=3).fit(WORDS), "expected the path to be text or a path"),
}


@pytest.mark.parametrize(("job", "said"), BAD.values(), ids=BAD)
def test_what_cannot_be_is_refused_in_one_line_as_a_value_error(job, said):
    with pytest.raises(ValueError, match=said) as caught:
        job()
    assert isinstance(caught.value, InputError)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "told", [{"bits": 3}, {"epochs": 1}, {"preset": "quick"}, {"settings": {"cell": "gru"}}]
)
def test_what_is_for_a_training_is_refused_beside_a_trained_model(told, fitted):
    with pytest.raises(InputError, match=f"{next(iter(told))} is for a training"):
        BitEncoder(model=fitted.model_, **told).fit(WORDS)


def test_a_plain_model_and_a_folder_that_is_none_are_refused(plain, tmp_path):
    with pytest.raises(InputError, match="expected a model with bits, found a plain"):
        BitEncoder(model=plain).fit(WORDS)
    with pytest.raises(RunError, match="no such run folder"):
        BitEncoder(model=tmp_path / "none").fit(WORDS)


def test_nothing_is_encoded_before_it_is_fitted():
    for job in ("transform", "inverse_transform"):
        with pytest.raises(NotFittedError):
            getattr(BitEncoder(), job)([["a"]])
    with pytest.raises(NotFittedError):
        BitEncoder().get_feature_names_out()


def test_without_scikit_learn_one_line_says_how_to_get_it():
    program = (
        "import sys; sys.modules['sklearn'] = None\n"
        "import lexbits\n"
        "assert 'sklearn' not in dir(lexbits)\n"
        "try: lexbits.sklearn\n"
        "except ImportError as error: print(type(error).__name__, error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout == (
        f"{MissingPackageError.__name__} lexbits.sklearn needs scikit-learn, which is not "
        "installed: pip install 'lexbits[sklearn]'\n"
    )


PAGE = (Path(__file__).parents[1] / "docs" / "scikit-learn.md").read_text(encoding="utf-8")


def test_the_page_about_it_runs_from_top_to_bottom(fitted, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    fitted.model_.save("runs/spanish")
    gender = ["f" if word.endswith("a") else "m" for word in WORDS]
    table = pandas.DataFrame({"word": WORDS, "gender": gender})
    table.to_csv("nouns.tsv", sep="\t", index=False)
    names = {}
    for code in re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        tiny = code.replace('preset="quick"', f"epochs=1, settings={SMALL}")
        exec(compile(tiny, "scikit-learn.md", "exec"), names)
    said = capsys.readouterr().out
    assert re.search(r"^0\.\d+$", said, re.MULTILINE)
    assert "bit0" in said
    assert set(names["search"].best_params_) == set(names["grid"])

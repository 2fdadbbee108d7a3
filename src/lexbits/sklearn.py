"""Bits of words as features for scikit-learn: `BitEncoder`, for pipelines and searches.

It needs scikit-learn, which `pip install 'lexbits[sklearn]'` brings.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from lexbits import arguments
from lexbits.config import resolve
from lexbits.data.given import clean_word
from lexbits.errors import DataError, MissingPackageError, UsageError
from lexbits.word_model import WordModel

try:
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.utils import Tags
    from sklearn.utils.validation import check_is_fitted
except ModuleNotFoundError as error:
    if (error.name or "").split(".")[0] != "sklearn":
        raise
    raise MissingPackageError(
        "lexbits.sklearn needs scikit-learn, which is not installed: pip install 'lexbits[sklearn]'"
    ) from None

__all__ = ["BitEncoder", "InputError"]

Output = Literal["bits", "means"]


class InputError(UsageError, ValueError):
    """What was given cannot be encoded or learned from; a `ValueError`, as scikit-learn's are."""


class BitEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # sklearn has no types
    """Encodes words by the bits of a `WordModel`, which `fit` trains or is given.

    X is one word for each sample: a list, an array, a column, or a table of one column. A word's
    bits are those of `WordModel.encode`, whatever the words beside it.

    Args:
        model: a trained `WordModel`, or the folder of one; `fit` then trains nothing.
        preset: of the training, as of `WordModel.fit`.
        bits: K; None takes the preset's.
        epochs: of the training; None takes the preset's.
        settings: other settings of `WordModel.fit` by their names, such as
            `{"hidden_size": 64, "dev_share": 0.2}`.
        output: "bits", the most probable code, 0 or 1; or "means", the probability of a one.
        random_state: the seed of the training, or a generator that draws it. None takes the
            settings' own seed: without it, too, two trainings on the same words give the same bits.
        verbose: whether a bar shows the training on a terminal or in a notebook.

    Attributes:
        model_: the `WordModel`. A pickle of the encoder holds it, with its weights as data.

    Examples:
        >>> words = [a + b for a in ("ba", "de", "ki", "mo", "su") for b in "lmnrstvz"]
        >>> encoder = BitEncoder(bits=4, epochs=1, settings={"hidden_size": 16}).fit(words)
        >>> encoder.transform(["bal", "dem", "bal"]).shape
        (3, 4)
        >>> list(encoder.get_feature_names_out())
        ['bit0', 'bit1', 'bit2', 'bit3']
        >>> means = BitEncoder(model=encoder.model_, output="means").fit_transform(["bal", "dem"])
        >>> bool(means.min() > 0 and means.max() < 1)
        True
    """

    def __init__(
        self,
        *,
        model: WordModel | str | os.PathLike[str] | None = None,
        preset: str = "default",
        bits: int | None = None,
        epochs: int | None = None,
        settings: Mapping[str, Any] | None = None,
        output: Output = "bits",
        random_state: int | np.random.RandomState | None = None,
        verbose: bool | int = False,
    ) -> None:
        self.model = model
        self.preset = preset
        self.bits = bits
        self.epochs = epochs
        self.settings = settings
        self.output = output
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ANN401, N803 - their names
        """Train on the words of X, or take the model that was given.

        Args:
            X: the words.
            y: ignored.

        Raises:
            InputError: what is no word, with its index; too few words; or an unknown or impossible
                setting.
            RunError: there is no model in the folder.
        """
        with _value_errors():
            self._output()
            words = _words(X)
            self.model_ = self._trained(words) if self.model is None else self._given(self.model)
        return self

    def transform(self, X: Any) -> NDArray[Any]:  # noqa: ANN401, N803
        """Return the bits of each word, [N, K] of integers, or their means, [N, K] of floats.

        Raises:
            InputError: what is no word, with its index.
            NotFittedError: `fit` was not called.
        """
        check_is_fitted(self)
        with _value_errors():
            output, words = self._output(), _words(X)
            different = list(dict.fromkeys(words))
            found = dict(zip(different, self.model_.encode(different), strict=True))
        if output == "bits":
            return np.array([list(map(int, found[word].code)) for word in words], dtype=np.int64)
        return np.array([found[word].probabilities for word in words], dtype=np.float64)

    def inverse_transform(self, X: Any) -> NDArray[Any]:  # noqa: ANN401, N803
        """Return the word that each row of bits decodes to, [N]; a mean counts as its nearer bit.

        Args:
            X: bits or means, [N, K].

        Raises:
            InputError: another number of bits.
            NotFittedError: `fit` was not called.
        """
        check_is_fitted(self)
        rows, bits = np.asarray(X), self.model_.settings.bits
        if rows.ndim != 2 or rows.shape[1] != bits:
            raise InputError(f"expected {bits} columns, one for each bit, found {rows.shape}")
        codes = ["".join("1" if value > 0.5 else "0" for value in row) for row in rows.tolist()]
        return np.array([found.word for found in self.model_.decode(codes)], dtype=object)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:
        """Return the names of the columns: bit0, bit1 and so on.

        Args:
            input_features: ignored, as a word is no feature.

        Raises:
            NotFittedError: `fit` was not called.
        """
        check_is_fitted(self)
        return np.array([f"bit{k}" for k in range(self.model_.settings.bits)], dtype=object)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _output(self) -> str:
        return arguments.choice(self.output, "output", get_args(Output))

    def _trained(self, words: list[str]) -> WordModel:
        own = {"bits": self.bits, "epochs": self.epochs, "seed": self._seed()}
        given = {name: value for name, value in own.items() if value is not None}
        if not isinstance(self.settings, Mapping | None):
            raise UsageError(f"expected settings by name, found {arguments.show(self.settings)}")
        others = dict(self.settings or {})
        twice = sorted(given.keys() & others.keys())
        if twice:
            raise UsageError(f"expected {twice[0]} once, found it in settings too")
        settings = given | others
        size = {name: value for name, value in settings.items() if name == "bits"}
        if resolve(size, arguments.text(self.preset, "preset")).bits == 0:
            raise UsageError("expected bits to encode words by, found bits = 0: a plain model")
        bar = bool(self.verbose)
        return WordModel.fit(words, preset=self.preset, progress=bar, **settings)

    def _given(self, given: WordModel | str | os.PathLike[str]) -> WordModel:
        preset = None if self.preset == "default" else self.preset
        own = {"preset": preset, "bits": self.bits, "epochs": self.epochs}
        for name, value in {**own, "settings": self.settings}.items():
            if value is not None:
                raise UsageError(
                    f"{name} is for a training, and the model is trained: leave it out"
                )
        model = given if isinstance(given, WordModel) else WordModel.load(given)
        if model.settings.bits == 0:
            raise UsageError("expected a model with bits, found a plain language model")
        return model

    def _seed(self) -> int | None:
        found = self.random_state
        if isinstance(found, np.random.RandomState):
            return int(found.randint(2**31 - 1))
        return None if found is None else arguments.seed(found)


@contextmanager
def _value_errors() -> Iterator[None]:
    try:
        yield
    except (UsageError, DataError) as error:
        raise InputError(str(error)) from None


def _words(found: Any) -> list[str]:  # noqa: ANN401 - whatever holds words
    """Return the words of X in NFC.

    Raises:
        UsageError: no words, several columns, or what is no word, with its index.
        DataError: a word with a character that no word can have, with its index.
    """
    if hasattr(found, "toarray"):
        raise UsageError("expected words, found a sparse matrix")
    if isinstance(found, list | tuple) and found and isinstance(found[0], list | tuple):
        found = np.array(found, dtype=object)
    if getattr(found, "ndim", 1) == 2:
        columns = found.shape[1]
        if columns != 1:
            raise UsageError(
                f"expected one column, of words, found {columns}: choose one, such as X['word']"
            )
        found = np.asarray(found, dtype=object)[:, 0]
    items = arguments.listed(found, "words")
    if not items:
        raise UsageError("expected words, found none")
    return [clean_word(item, f"X[{i}]") for i, item in enumerate(items)]

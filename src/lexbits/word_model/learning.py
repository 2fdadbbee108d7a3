"""Words to a model, and more training for one that is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Self

from lexbits import arguments
from lexbits.alphabet import Alphabet
from lexbits.config import NO_TEACHERS, Settings, fine_tuning, refuse_other_networks, resolve
from lexbits.data import Entry, forms_of, without_seen
from lexbits.data.drawing import weights_of
from lexbits.data.given import Given, refuse_two_weights, words_to_learn
from lexbits.data.known import KnownWords
from lexbits.data.origin import Origin, origin_of_given
from lexbits.data.splits import refuse_few
from lexbits.data.training_words import TrainingWords, to_learn_from
from lexbits.errors import UsageError, warn
from lexbits.estimators.own import take, taken
from lexbits.model import LatentWordModel
from lexbits.runs.estimator import take_estimator
from lexbits.runs.start import new_characters_note
from lexbits.runs.words import refuse_impossible, refuse_synthetic
from lexbits.training.devices import settled
from lexbits.training.display import showing
from lexbits.training.length import synthetic_note
from lexbits.training.memory import ONE_AT_A_TIME, Before, OnEpoch, train_in_memory
from lexbits.training.pace import clock, in_time
from lexbits.word_model.trained import Trained, own_modes

FROM_PYTHON = "words given from Python"
"""The name of the data of a model that `fit` has trained."""

GIVEN = "given"
"""The column of weights of a model whose words had some when `fit` was given them."""

NOT_FOR_FIT = {
    "data": "the words are its first argument",
    "layout": "words from Python have no columns",
    "column": "words from Python have no columns",
    "delimiter": "words from Python have no columns",
    "more_data": "the words are its first argument",
    "encoding": "words from Python are decoded already",
    "comment": "words from Python have no comments between them",
    "split_by": "words from Python have no lemmas, and are split by form",
    "data_folder": "it reads no files",
    "test": "keep test words back yourself, and give them to evaluate",
    "test_share": "keep test words back yourself, and give them to evaluate",
    "save_seconds": "it saves nothing before its end; lexbits train does",
}
"""Settings of the command `train` that have no use in `fit`, and what there is in their place."""

SCORING = ("dev_samples", "dev_words", "rate_target", "kl_weight", "seed")
"""Settings with which the same words score differently."""


class Learns(Trained):
    """Training from Python."""

    @classmethod
    @own_modes(gradients=True)
    def fit(
        cls,
        words: Iterable[str] | Mapping[str, float],
        dev: Iterable[str] | None = None,
        *,
        weights: Iterable[float] | None = None,
        preset: str | None = None,
        minutes: float | None = None,
        progress: bool | OnEpoch = True,
        **settings: Any,  # noqa: ANN401 - checked by Settings
    ) -> Self:
        """Train on `words` in memory and return the model of the best epoch.

        Warnings say what was left out or is odd: over-long words, words of `dev` that are in
        `words`, few words. Ctrl-C ends the training and returns the model of the best epoch so far,
        and so does a function given as `progress` that raises `KeyboardInterrupt`.

        Args:
            words: the words, or a dictionary (such as a Counter) of words and their weights. They
                are normalised to NFC; blank and over-long ones are left out.
            dev: words to select the best epoch by; if not given, a seeded share of `words`.
            weights: how much each word counts, such as its frequency: training words are drawn in
                proportion to it, or to log(1 + weight) with `weighting="log"`. Weights of equal
                words are added up; words of `dev` count once each.
            preset: "default", "quick" (a sample of 12,000 words), "plain", "best" or "notebook";
                "default" if not given, or with `minutes` what these words need.
            minutes: about how long the training takes, instead of `epochs` and `steps`. The speed
                of this machine is measured in the first seconds; sizes, teachers, regularisation
                and objective are chosen for the words and the time (those of a preset are kept, if
                one is given), and `steps`, `teacher_steps` and fewer `dev_words` so that the
                schedule ends in time. A warning says what was chosen; `settings` of the model hold
                it, and repeat the training.
            progress: True shows a progress bar in terminals and notebooks, and nothing elsewhere;
                False shows none. A function is called after each epoch with its metrics, a
                dictionary such as an item of `history`; what it raises ends the training.
            **settings: any setting by its name, such as `bits=8, epochs=5`, except those that say
                how files are read; `lexbits train --help` explains them, `batch_size` as
                `--batch-size`. `skip_bad=True` leaves out what is not a word. `estimator` is a
                name, FILE.py:NAME, or a subclass of `lexbits.estimators.Estimator`.

        Raises:
            UsageError: an unknown or impossible setting; or something that is not a word, or not a
                weight, with its index.
            DataError: fewer than 10 different words to learn from or to select by; or a word with a
                character that no word can have, with its index.
            DivergenceError: the loss stopped being finite, or the model of an epoch is far worse
                than chance.
            KeyboardInterrupt: Ctrl-C before the first epoch was done.

        Example:
            >>> words = [a + b for a in ("ba", "de", "ki", "mo", "su") for b in "lmnrstvz"]
            >>> model = WordModel.fit(words, bits=4, hidden_size=16, epochs=1)
            >>> counts = {word: 1 + i for i, word in enumerate(words)}
            >>> model = WordModel.fit(counts, weighting="log", bits=4, hidden_size=16, epochs=1)
        """
        bar, on_epoch = arguments.flag_or_function(progress, "progress")
        weighted = refuse_two_weights(words, weights)
        began, allowed = clock(), _minutes(minutes, settings)
        resolved = _settings_of_fit(preset, settings, weighted)
        complete = None if preset else partial(_settings_of_fit, None, settings, weighted)
        given = words_to_learn(words, dev, resolved, weights)
        train, chosen = to_learn_from(given.train), forms_of(given.dev)
        alphabet = train.alphabet
        resolved, length = _in_time(
            allowed, began, resolved, alphabet, train, chosen, complete=complete
        )
        for note in filter(None, [*given.notes, length, synthetic_note(resolved, len(train))]):
            warn(note)
        with showing(bar) as display:
            network, records = train_in_memory(resolved, alphabet, train, chosen, display, on_epoch)
        known = _known(given, partial(origin_of_given, given.source))
        facts, source = {"name": FROM_PYTHON}, _source_of_estimator(resolved)
        return cls(resolved, alphabet, network, known, records, facts=facts, read_estimator=source)

    @own_modes(gradients=True)
    def fit_more(
        self,
        words: Iterable[str] | Mapping[str, float] | None = None,
        dev: Iterable[str] | None = None,
        *,
        weights: Iterable[float] | None = None,
        minutes: float | None = None,
        progress: bool | OnEpoch = True,
        **settings: Any,  # noqa: ANN401 - checked by Settings
    ) -> Self:
        """Train this model further, in memory, and return the model of the best epoch.

        This model does not change. The training starts from its weights, with its settings except
        for those given, a new schedule of the learning rate (a warm restart) and a fresh optimiser.
        There are no teachers unless you ask for them.

        On the model's own words, its history continues: the new epochs are numbered after the
        earlier ones, and if none is better, the weights stay what they are, with a warning.
        Synthetic words are drawn anew.

        Other words fine-tune it, as `lexbits train --start-from` does: at a quarter of its learning
        rate, for about 1,500 steps or until 10 epochs in a row are no better, with
        `synthetic_words="auto"`; settings that you give override this. Characters that the model
        does not know are added to its alphabet and learned from nothing, which a warning says.

        On other words, and if settings change how an epoch is scored (`dev_samples`, `dev_words`,
        `rate_target`, `kl_weight`, `seed`), the history begins anew; a warning says if the dev NLL
        was better before.

        Args:
            words: other words to learn from; if not given, the model's own.
            dev: words to select the best epoch by; if not given, those of the model, or a seeded
                share of other `words`. Words that the model has learned from are left out.
            weights: how much each of other `words` counts, as for `fit`.
            minutes: about how long the training takes, as for `fit`.
            progress: as for `fit`.
            **settings: any setting of `fit`, except those that say what the networks are. On the
                model's own words, one of `epochs`, `steps` and `minutes` has to say how much
                longer to train.

        Raises:
            UsageError: as `fit`; or no length is given on the model's own words; or a setting would
                make other networks.
            DataError: as `fit`.
            DivergenceError, KeyboardInterrupt: as `fit`.

        Example:
            >>> better = model.fit_more(epochs=2)
            >>> len(better.history) - len(model.history)
            2
            >>> other = model.fit_more([word + word[-1] for word in model.words], epochs=1)
        """
        bar, on_epoch = arguments.flag_or_function(progress, "progress")
        weighted = refuse_two_weights(words, weights)
        began, allowed = clock(), _minutes(minutes, settings)
        no_length = allowed is None and settings.keys().isdisjoint(("epochs", "steps"))
        if words is None and no_length:
            raise UsageError("expected how much more to train: epochs=N, steps=N or minutes=N")
        resolved = _settings_of_more(self, words is not None, settings, weighted)
        own = words is None and dev is None
        given = self._own_words() if own else self._other_words(words, dev, resolved, weights)
        train, chosen = to_learn_from(given.train), forms_of(given.dev)
        alphabet = self.alphabet.extended(train.alphabet.characters)
        start = self.network.with_characters(alphabet.size - self.alphabet.size)
        resolved, length = _in_time(allowed, began, resolved, alphabet, train, chosen, start)
        refuse_synthetic(resolved, train)
        new = new_characters_note(self.alphabet, alphabet)
        for note in filter(None, [*given.notes, new, length, synthetic_note(resolved, len(train))]):
            warn(note)
        same = own and all(getattr(resolved, n) == getattr(self.settings, n) for n in SCORING)
        before = Before(start, self.history if same else ())
        with showing(bar) as display:
            network, records = train_in_memory(
                resolved, alphabet, train, chosen, display, on_epoch, before
            )
        facts, source = self.facts, _source_of_estimator(resolved)
        known = self.words if own else _known(given, partial(_learned_before, self.words))
        if words is not None:
            facts = {"name": FROM_PYTHON, "start_from": {"data": self.facts.get("name")}}
        return type(self)(
            resolved, alphabet, network, known, records, facts=facts, read_estimator=source
        )

    def _own_words(self) -> Given:
        """Return the words that the model has learned from and those that it was selected by.

        Raises:
            UsageError: they are not known.
        """
        train = self.words.splits.get("train", ())
        if not train:
            raise UsageError("the words of this model are not known: give words to learn from")
        return Given(train, self.words.unseen_dev[0], [], frozenset())

    def _other_words(
        self, words: object, dev: object, settings: Settings, weights: object
    ) -> Given:
        """Return the words given, or those of the model where none are."""
        own = self.words.splits.get("train", ())
        if words is None:
            words, weights = forms_of(own), weights_of(own)
        given = words_to_learn(words, dev, settings, weights)
        chosen, learned = without_seen(given.dev, own)
        notes = given.notes
        if learned:
            notes = [*notes, f"dev: {learned:,} words that the model has learned from left out"]
        refuse_few(given.train, chosen)
        return Given(given.train, chosen, notes, given.source)


def _minutes(found: object, settings: Mapping[str, Any]) -> float | None:
    """Return how long a training may take, None where that is not said.

    Raises:
        UsageError: no time, or a length besides.
    """
    if found is None:
        return None
    minutes = arguments.number(found, "minutes")
    if minutes <= 0:
        raise UsageError(f"expected minutes to be more than 0, found {minutes:g}")
    for name in ("epochs", "steps"):
        if name in settings:
            raise UsageError(
                f"minutes {minutes:g} and {name} {settings[name]}: each says how long the training "
                "is; give one"
            )
    return minutes


def _in_time(
    minutes: float | None,
    began: float,
    settings: Settings,
    alphabet: Alphabet,
    train: TrainingWords,
    dev: Sequence[str],
    network: LatentWordModel | None = None,
    complete: Callable[[Mapping[str, Any]], Settings] | None = None,
) -> tuple[Settings, str]:
    """Return settings whose training takes so long, and say what was chosen, if it is asked for.

    Where `complete` is given, which completes settings that are chosen, more than the length is.
    """
    if minutes is None:
        return settled(settings), ""
    with ONE_AT_A_TIME:
        planned, length = in_time(minutes, began, settings, alphabet, train, dev, network, complete)
    return settled(planned), length


def _known(given: Given, find: Callable[[Sequence[Entry]], Origin]) -> KnownWords:
    splits = {"train": given.train, "dev": given.dev}
    return KnownWords(partial(dict, splits), {name: len(e) for name, e in splits.items()}, find)


def _learned_before(earlier: KnownWords, _: Sequence[Entry]) -> Origin:
    """Return the words of the model that a training started from: they are not new."""
    return Origin("the words learned before", earlier.__contains__)


def _source_of_estimator(settings: Settings) -> Callable[[], str | None] | None:
    own = taken(settings.estimator)
    return partial(str, own.source) if own and own.source is not None else None


def _settings_of_fit(
    preset: object,
    given: dict[str, Any],
    weighted: bool,
    chosen: Mapping[str, Any] | None = None,
) -> Settings:
    """Return the settings of a training in memory, of words with weights or without.

    Those `chosen` for it replace the defaults.

    Raises:
        UsageError: an unknown or impossible one, or one that is not for `fit`.
    """
    named = None if preset is None else arguments.text(preset, "preset")
    resolved = resolve(_for_fit(given, weighted), named, base=chosen)
    take_estimator(resolved)
    refuse_impossible(resolved)
    return resolved.model_copy(update={"data": FROM_PYTHON})


def _settings_of_more(
    model: Trained, other_words: bool, given: dict[str, Any], weighted: bool
) -> Settings:
    """Return the settings of a training that starts from `model`.

    Raises:
        UsageError: as `_settings_of_fit`; or no length, or other networks.
    """
    given = _for_fit(given, weighted)
    if weighted and not other_words:
        raise UsageError("weights are for other words, and none are given to fit_more")
    if "preset" in given:
        raise UsageError("preset is not for fit_more: it keeps the settings of the model")
    device, seed = model.network.device.type, model.settings.seed
    if other_words:
        base = fine_tuning(model.settings, other_words=True) | {"data": FROM_PYTHON, "seed": seed}
    else:
        base = model.settings.model_dump() | NO_TEACHERS
        for name in ("limit", "max_length", "dev_share", "skip_bad"):
            if name in given:
                raise UsageError(f"{name} is for other words, and none are given to fit_more")
        for name in ("epochs", "steps"):
            base.pop(name)
    resolved = resolve(given, base=base | {"device": device})
    refuse_other_networks(resolved, model.settings, "the model")
    if "estimator" in given:
        take_estimator(resolved)
    refuse_impossible(resolved)
    return resolved


def _for_fit(given: dict[str, Any], weighted: bool) -> dict[str, Any]:
    """Return settings as they are named: an estimator given as a class by its name, and weights.

    Raises:
        UsageError: one that is not for `fit`.
    """
    for name in given:
        if name in NOT_FOR_FIT:
            raise UsageError(f"{name} is not for fit: {NOT_FOR_FIT[name]}")
    if not isinstance(given.get("estimator", ""), str):
        given = {**given, "estimator": take(given["estimator"])}
    return {**given, "weights": GIVEN} if weighted else given

"""Everything a training holds, and its complete state."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim import Optimizer

from lexbits.alphabet import Alphabet
from lexbits.config import Precision, Settings
from lexbits.data.corpus import BatchSource, Corpus
from lexbits.data.drawing import drawn, shares
from lexbits.data.permutation import Permutation
from lexbits.data.training_words import TrainingWords, as_training_words
from lexbits.errors import RunError
from lexbits.model import LatentWordModel
from lexbits.objective import TrainingObjective
from lexbits.processes import Processes
from lexbits.randomness import derive_seed, seeded_torch
from lexbits.training.averaging import AveragedModel
from lexbits.training.checkpoint import mismatch
from lexbits.training.devices import make_fabric, make_optimizer, precision_of, processes_of
from lexbits.training.length import epochs, real_in_epoch, synthetic_in_epoch
from lexbits.training.ngrams import NgramTargets, ngram_of
from lexbits.training.progress import Progress
from lexbits.training.schedules import learning_rate

if TYPE_CHECKING:
    from lexbits.training.devices import Fabric


@dataclass
class Session:
    """A training: networks, optimiser, words, settings, progress.

    Attributes:
        objective: the module that is trained; holds the model and the estimator.
        wrapped: the same wrapped by fabric, for the forward pass of a training step.
        corpus: the words to learn from, first the real ones, then the synthetic ones.
        synthetic: number of the latter.
        shares: how much each real word counts, 1 on average; None where all count the same.
        dev: the words to select by.
        average: the running average of the model's weights, if it is asked for.
        targets: what words teach besides their symbols, if it is asked for.
    """

    settings: Settings
    alphabet: Alphabet
    fabric: Fabric
    objective: TrainingObjective
    wrapped: nn.Module
    optimizer: Optimizer
    corpus: BatchSource
    synthetic: int
    shares: NDArray[np.float64] | None
    dev: Corpus
    is_train_word: Callable[[str], bool]
    progress: Progress
    average: AveragedModel | None
    targets: NgramTargets | None

    @classmethod
    def start(
        cls,
        settings: Settings,
        alphabet: Alphabet,
        train: Sequence[str] | TrainingWords,
        dev: Sequence[str],
        synthetic: Sequence[str] = (),
        teacher: LatentWordModel | None = None,
        fabric: Fabric | None = None,
        weights: LatentWordModel | None = None,
    ) -> Session:
        """Build networks with weights that depend on the seed alone, or with those given.

        Args:
            settings: those of the training.
            alphabet: the symbols.
            train: the words to learn from; beside packed ones, there are no synthetic words.
            dev: the words to select by.
            synthetic: words that models generated, to learn from besides.
            teacher: the plain model that the decoder starts from.
            fabric: the devices and processes; this process on the device of `settings` unless said.
            weights: networks of the same sizes to start from, in place of chance and of `teacher`.
        """
        fabric = fabric or make_fabric(settings)
        with seeded_torch(settings.seed, "weights"):
            objective = TrainingObjective(LatentWordModel(settings, alphabet), settings)
        if weights is not None:
            objective.model.load_state_dict(weights.state_dict())
        elif teacher is not None:
            objective.model.decoder.take_over(teacher.decoder)
        words = as_training_words(train)
        optimizer = make_optimizer(objective, settings.weight_decay)
        wrapped, fabric_optimizer = fabric.setup(objective, optimizer)
        return cls(
            settings=settings,
            alphabet=alphabet,
            fabric=fabric,
            objective=objective,
            wrapped=wrapped,
            optimizer=fabric_optimizer,
            corpus=words.corpus(alphabet, synthetic),
            synthetic=len(synthetic),
            shares=shares(words.weights, settings),
            dev=Corpus.from_words(chosen_dev_words(dev, settings), alphabet),
            is_train_word=words.has,
            progress=Progress(),
            average=AveragedModel(objective.model, settings.average_decay)
            if settings.average_decay
            else None,
            targets=NgramTargets(ngram_of(words, dev, alphabet, settings), len(words))
            if len(synthetic) and settings.learns_from_ngram
            else None,
        )

    @property
    def processes(self) -> Processes:
        """The processes that train together."""
        return processes_of(self.fabric)

    @property
    def precision(self) -> Precision:
        """The arithmetic that the networks are trained in here."""
        return precision_of(self.fabric)

    @property
    def model(self) -> LatentWordModel:
        """The networks without objective and estimator."""
        return self.objective.model

    @property
    def evaluated(self) -> LatentWordModel:
        """The networks that are evaluated and saved: their running average, if there is one."""
        return self.model if self.average is None else self.average.model

    @property
    def leg_epochs(self) -> int:
        """Number of epochs of the present leg, if it does not stop early."""
        return self.progress.leg_epochs or epochs(self.settings, self._real)

    @property
    def epochs(self) -> int:
        """Number of epochs of the whole training, if no leg stops early from here on."""
        return self.progress.leg_epoch + self.leg_epochs + sum(self.progress.later_legs)

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches in an epoch."""
        words = real_in_epoch(self.settings, self._real) + self._synthetic_in_epoch
        return -(-words // self.settings.batch_size)

    @property
    def steps(self) -> int:
        """Number of steps of the whole training, if no leg stops early from here on."""
        progress = self.progress
        return progress.leg_step + (self.epochs - progress.leg_epoch) * self.steps_per_epoch

    def learning_rate(self, step: int) -> float:
        """Return the learning rate of `step`, of the present leg."""
        steps = self.leg_epochs * self.steps_per_epoch
        return learning_rate(self.settings, step - self.progress.leg_step, steps)

    def leg_is_over(self) -> bool:
        """Whether the last epoch of the present leg is done, or patience has run out."""
        progress = self.progress
        return progress.epoch == progress.leg_epoch + self.leg_epochs or (
            0 < self.settings.patience <= progress.epoch - progress.leg_best_epoch
        )

    def batches(self) -> list[NDArray[np.int64]]:
        """Return the batches of the current epoch, as indices of words in `corpus`."""
        epoch = self.progress.epoch
        return self.corpus.shuffled_batches(
            self.settings.batch_size, self.settings.seed, epoch, self._words_of_epoch(epoch)
        )

    def _words_of_epoch(self, epoch: int) -> NDArray[np.int64]:
        """Return the words of an epoch as indices: real ones, and the next synthetic ones."""
        words = self._real_words_of_epoch(epoch)
        if not self.synthetic:
            return words
        turn = epoch * self._synthetic_in_epoch + np.arange(self._synthetic_in_epoch)
        return np.concatenate([words, self._real + turn % self.synthetic])

    def _real_words_of_epoch(self, epoch: int) -> NDArray[np.int64]:
        size = real_in_epoch(self.settings, self._real)
        if self.shares is not None:
            return drawn(self.shares, size, self.settings.seed, epoch)
        if size == self._real:
            return np.arange(size)
        passes, places = np.divmod(epoch * size + np.arange(size), self._real)
        return np.concatenate(
            [
                Permutation(self._real, self.settings.seed, number)(places[passes == number])
                for number in np.unique(passes).tolist()
            ]
        )

    @property
    def _real(self) -> int:
        return len(self.corpus) - self.synthetic

    @property
    def _synthetic_in_epoch(self) -> int:
        return min(self.synthetic, synthetic_in_epoch(self.settings, self._real))

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the complete state: tensors, and counters that fit in JSON."""
        tensors = {f"objective/{name}": t for name, t in self.objective.state_dict().items()}
        if self.average is not None:
            weights = self.average.model.state_dict()
            tensors |= {f"average/{name}": tensor for name, tensor in weights.items()}
        for name, values in zip(self._trained(), self._moments(), strict=True):
            tensors |= {f"optimizer/{name}/{key}": value for key, value in values.items()}
        return tensors, dataclasses.asdict(self.progress)

    def restore(self, tensors: dict[str, Tensor], facts: dict[str, Any], where: str) -> None:
        """Take over what `state` returned; `where` names its file in messages.

        Raises:
            RunError: tensors or counters that do not fit this session.
        """
        try:
            self.objective.load_state_dict(_under("objective/", tensors))
            if self.average is not None:
                self.average.model.load_state_dict(_under("average/", tensors))
            moments = {}
            for i, name in enumerate(self._trained()):
                if values := _under(f"optimizer/{name}/", tensors):
                    moments[i] = values
            groups = self.optimizer.state_dict()["param_groups"]
            self.optimizer.load_state_dict({"state": moments, "param_groups": groups})
        except (RuntimeError, TypeError, KeyError, ValueError) as error:
            raise RunError(
                f"{where}: the state does not fit this run's settings ({mismatch(error)})"
            ) from None
        self.progress = Progress.from_counters(facts, where)

    def _trained(self) -> list[str]:
        return [name for name, p in self.objective.named_parameters() if p.requires_grad]

    def _moments(self) -> list[dict[str, Tensor]]:
        parameters = self.optimizer.param_groups[0]["params"]
        return [dict(self.optimizer.state.get(parameter, {})) for parameter in parameters]


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): t for k, t in tensors.items() if k.startswith(prefix)}


def chosen_dev_words(words: Sequence[str], settings: Settings) -> list[str]:
    """Return the dev words that epochs are scored on: all, or some drawn at random, in order."""
    most = settings.dev_words
    if len(words) <= most:
        return list(words)
    random = np.random.Generator(np.random.Philox(key=derive_seed(settings.seed, "dev words")))
    return [words[i] for i in np.sort(random.choice(len(words), most, replace=False))]

"""What is shown while a training runs: a bar on a terminal, a line for each epoch anywhere."""

from __future__ import annotations

import time
from typing import Any

from lexbits.cli.output import duration, messages, say
from lexbits.measures.diagnosis import COLLAPSED_BELOW
from lexbits.training.display import Bar, TrainingBar
from lexbits.training.records import Record
from lexbits.training.session import Session

WARN_AFTER_EPOCHS = 3

SILENCE = 60
"""Seconds without a line after which one says how far something is, where no bar shows it."""


class Signs:
    """Says now and then how far something is, unless stderr is a terminal, which has a bar."""

    def __init__(self) -> None:
        self._needed = not messages().is_terminal
        self.begin(0)

    def begin(self, done: int) -> None:
        """Begin to count something else, of which this much was done before."""
        self._done = done
        self._begun = self._heard = time.monotonic()

    def heard(self) -> None:
        """Know that something was said."""
        self._heard = time.monotonic()

    def tell(self, what: str, done: int, total: int) -> None:
        """Say how far `what` is, and how long it will take, if nothing was said for long."""
        now = time.monotonic()
        if not self._needed or now - self._heard < SILENCE:
            return
        self._heard = now
        left = (now - self._begun) * (total - done) / max(1, done - self._done)
        say(f"{what} {done:,} of {total:,}, about {duration(left)} left")


class TrainingDisplay:
    """Shows a training on stderr: the bar, and a line for each epoch."""

    def __init__(self, bar: Bar) -> None:
        self._bar = TrainingBar(bar)
        self._signs = Signs()

    def teacher(self, number: int, teachers: int) -> None:
        """Say which teacher is trained."""
        say(f"Teacher {number + 1} of {teachers}, a plain language model to draw words from")
        self._bar.teacher(number, teachers)
        self._signs.begin(0)

    def synthetic(self, words: int, total: int) -> None:
        """Move the bar; say when all synthetic words are there."""
        self._bar.synthetic(words, total)
        self._signs.tell("synthetic word", words, total)
        if words == total:
            say(f"{words:,} synthetic words, to learn from beside the real ones")

    def start(self, session: Session) -> None:
        """Say what is trained, and from where."""
        parameters = sum(p.numel() for p in session.model.parameters())
        bits = session.settings.bits
        kind = f"{bits} bits" if bits else "no bits: a plain language model"
        begun = session.progress.step
        where = f"resuming after step {begun:,}" if begun else "from the start"
        say(f"Training {parameters:,} parameters ({kind}), {session.steps:,} steps, {where}")
        self._bar.start(session)
        self._signs.begin(begun)

    def step(self, session: Session) -> None:
        """Move the bar."""
        self._bar.step(session)
        self._signs.tell("step", session.progress.step, session.steps)

    def epoch(self, session: Session, record: Record, is_best: bool) -> None:
        """Print the metrics of an epoch and some samples."""
        self._bar.epoch(session, record, is_best)
        latent = session.settings.bits > 0
        information = (
            f"rate {record['dev_rate']:.2f}  distortion {record['dev_distortion']:.2f}  "
            f"MI {record['dev_mutual_information']:.2f}  "
            if latent
            else ""
        )
        say(
            f"epoch {record['epoch']:>2}/{session.epochs}  "
            f"train ELBO {record['train_elbo']:.2f}  |  dev ELBO {record['dev_elbo']:.2f}  "
            f"{information}NLL {record['dev_nll']:.2f}  "
            f"ppl/symbol {record['dev_perplexity_per_symbol']:.2f}"
            f"{'  best' if is_best else ''}  ({record['seconds']:.0f} s)"
        )
        shown = ", ".join(f"{sample['word']} ({sample['status']})" for sample in record["samples"])
        say(f"            {shown}")
        self._signs.heard()
        if session.progress.finished and record["epoch"] < session.epochs:
            say(f"No better epoch since {session.progress.best_epoch}: the training ends here.")
        ignored = latent and record["dev_mutual_information"] < COLLAPSED_BELOW
        if ignored and record["epoch"] == WARN_AFTER_EPOCHS:
            say(
                f"Warning: the bits share only {record['dev_mutual_information']:.2f} nats with "
                "the word so far; the decoder may learn to do without them (posterior collapse)."
            )


class TrialsDisplay:
    """Shows the trials of a search on stderr: the bar, and lines for each."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._signs = Signs()
        self._trial = ""

    def begin(self, number: int, values: dict[str, Any], session: Session) -> None:
        """Say what is tried."""
        shown = (
            f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
            for name, value in values.items()
        )
        say(f"trial {number}: {', '.join(shown)}")
        self._trial = f"trial {number}"
        self._bar.begin(self._trial, session.steps)
        self._signs.begin(0)

    def step(self, session: Session) -> None:
        """Move the bar."""
        self._bar.move(self._trial, session.progress.step)
        self._signs.tell(f"  {self._trial}, step", session.progress.step, session.steps)

    def epoch(self, session: Session, record: Record) -> None:
        """Print the metrics of an epoch."""
        latent = session.settings.bits > 0
        information = (
            f"  rate {record['dev_rate']:.2f}  MI {record['dev_mutual_information']:.2f}"
            if latent
            else ""
        )
        say(
            f"  epoch {record['epoch']:>2}/{session.epochs}  dev NLL "
            f"{record['dev_nll']:.2f}{information}  ({record['seconds']:.0f} s)"
        )
        self._signs.heard()

    def end(self, number: int, outcome: str) -> None:
        """Say what has come of the trial."""
        say(f"trial {number}: {outcome}")

"""What a mark says, at a terminal and in a notebook."""

from __future__ import annotations

import html
import re
import textwrap
from dataclasses import dataclass

from lexbits.results import Result
from lexbits.tables import lay_out, lay_out_html

WIDTH = 88
COLUMNS = ("part", "found", "expected", "largest_error", "ratio", "right")
TITLES = ("part", "found", "expected", "largest error", "ratio", "right")
SYMBOL = re.compile(r"[fpqzπ]\b|log ")


@dataclass(frozen=True)
class Mistake(Result):
    """In which way an exercise is wrong.

    Attributes:
        name: what the mistake is called.
        effect: what it does to the value or to the gradient, with the number that was measured.
        hint: how to find it.

    Examples:
        >>> from lexbits.checking import mark
        >>> def elbo(q, prior, log_likelihood, samples):
        ...     return log_likelihood(q.sample(samples)).mean(0)
        >>> mark(elbo).mistakes[0].name
        'the KL is forgotten'
    """

    name: str
    effect: str
    hint: str


@dataclass(frozen=True)
class Part(Result):
    """One part of what was measured, with the largest S.

    Attributes:
        part: the value, or a gradient and in whose parameters.
        found: the mean of what the function gives: of one word's value; of a gradient, its length.
        expected: what is right.
        largest_error: of any entry, for any word and S.
        ratio: found / expected, where they point in one direction; else None.
        right: whether there is no error but rounding; None where it is told, but not judged.

    Examples:
        >>> from lexbits.checking import mark
        >>> mark(lambda q, p: q.kl(p), "kl").measured[0].right
        True
    """

    part: str
    found: float
    expected: float
    largest_error: float
    ratio: float | None
    right: bool | None


@dataclass(frozen=True, repr=False)
class Marks(Result):
    """What `mark` says of an exercise.

    Attributes:
        exercise: which one it was taken for.
        name: what the function or class is called.
        right: whether it is right.
        summary: the verdict in a sentence.
        mistakes: in which ways it is wrong; empty where it is right, or not written yet.
        notes: what else is worth knowing; of what is right, how noisy it is.
        measured: its value and gradients beside the exact ones.
        samples: the numbers of samples S that it was measured with.
        variance: of its gradient in q's logits, summed over bits, with the largest S; None where
            the exercise has none.
        variance_of_reinforce: that of the score function with nothing subtracted.
        variance_of_rloo: that with the leave-one-out baseline.
        variance_of_best_constant: that with the best baseline that is a constant.

    Examples:
        >>> from lexbits.checking import mark
        >>> def elbo(q, prior, log_likelihood, samples):
        ...     z = q.sample(samples)
        ...     return (log_likelihood(z) + prior.log_prob(z) - q.log_prob(z)).mean(0)
        >>> marks = mark(elbo)
        >>> assert marks.right, marks
    """

    exercise: str
    name: str
    right: bool
    summary: str
    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()
    measured: tuple[Part, ...] = ()
    samples: tuple[int, ...] = ()
    variance: float | None = None
    variance_of_reinforce: float | None = None
    variance_of_rloo: float | None = None
    variance_of_best_constant: float | None = None

    def __bool__(self) -> bool:
        return self.right

    @property
    def _sign(self) -> str:
        return "✓" if self.right else "✗" if self.mistakes else "○"

    def __str__(self) -> str:
        lines = [*_folded(f"{self._sign} {self.name} {self.summary}", "  ")]
        for number, mistake in enumerate(self.mistakes, 1):
            mark = f"{number}. " if len(self.mistakes) > 1 else ""
            lines += ["", *_folded(f"  {mark}{_sentence(mistake.name)}.", "  ")]
            lines += _folded(f"  {mistake.effect}", "  ")
            lines += _folded(f"  Hint: {mistake.hint}", "  ")
        if self.notes:
            lines.append("")
        for note in self.notes:
            lines += _folded(f"  {note}", "  ")
        if self.measured:
            table = lay_out(TITLES, self._rows())
            lines += ["", *(f"  {line}" for line in table)]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _rows(self) -> list[list[object]]:
        return [[getattr(part, column) for column in COLUMNS] for part in self.measured]

    def _repr_html_(self) -> str:
        """Return the marks for a notebook."""
        colour = {"✓": "#43a047", "✗": "#e53935"}.get(self._sign, "inherit")
        parts = [
            f'<p><b style="color: {colour}">{self._sign} {html.escape(self.name)}</b> '
            f"{html.escape(self.summary)}</p>"
        ]
        if self.mistakes:
            parts.append("<ol>" if len(self.mistakes) > 1 else '<ul style="list-style: none">')
            for mistake in self.mistakes:
                parts.append(
                    f"<li><p><b>{html.escape(_sentence(mistake.name))}.</b> "
                    f"{html.escape(mistake.effect)}</p>"
                    f"<details><summary>Hint</summary>{html.escape(mistake.hint)}</details></li>"
                )
            parts.append("</ol>" if len(self.mistakes) > 1 else "</ul>")
        parts += [f"<p>{html.escape(note)}</p>" for note in self.notes]
        if self.measured:
            parts.append(lay_out_html(TITLES, self._rows()))
        return "\n".join(parts)


def _sentence(text: str) -> str:
    """Begin with a capital letter, unless with a symbol: f, q(z), log q."""
    return text if SYMBOL.match(text) else text[:1].upper() + text[1:]


def _folded(text: str, indent: str) -> list[str]:
    lead = len(text) - len(text.lstrip())
    return textwrap.wrap(
        text.strip(),
        WIDTH,
        initial_indent=text[:lead],
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )

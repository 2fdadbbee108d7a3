"""What is said on stderr of the words and codes of a model, beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lexbits.cli.output import say
from lexbits.errors import command

if TYPE_CHECKING:
    from lexbits.training.records import Record
    from lexbits.word_model import WordModel
    from lexbits.word_model.results import Encoding, Reconstruction, Sample, Score


def note_unseen(found: Sequence[Encoding | Reconstruction | Score]) -> None:
    """Say which words have characters that the model does not know."""
    from lexbits.word_model.results import Score

    for result in found:
        scored = isinstance(result, Score)
        beside = ", which is cheap: its score does not compare with others" if scored else ""
        note_unseen_in(result.word, result.unseen, beside)


def note_unseen_in(word: str, unseen: str, beside: str = "") -> None:
    """Say which characters of a word the model does not know, if there are any, and what of it."""
    if unseen:
        say(
            f"Note: {word!r} has characters that the model has never seen ({unseen!r}); each "
            f"counts as the unknown symbol{beside}."
        )


def note_cut(samples: Sequence[Sample], longest: int) -> None:
    """Say how many words did not end by themselves."""
    cut = sum(not sample.ended for sample in samples)
    if cut:
        say(
            f"{cut:,} of {len(samples):,} words had not ended after {longest} characters "
            "(max_length) and are cut there."
        )


def note_ignored(model: WordModel) -> None:
    """Say once that the bits of a model are ignored, if they are."""
    from lexbits.measures.diagnosis import describe_ignored

    best = _of_best_epoch(model)
    if best and (said := describe_ignored(best["dev_mutual_information"])):
        say(f"Note: {said}; {command('evaluate', model.source)} says what to try.")


def note_limits(model: WordModel, found: Sequence[Reconstruction], searched: bool) -> None:
    """Say why few words came back from their bits, if few did."""
    from lexbits.measures.diagnosis import describe_limits

    note_ignored(model)
    best = _of_best_epoch(model)
    if best and sum(result.exact for result in found) < len(found) / 2:
        said = describe_limits(best["dev_mutual_information"], best["dev_nll"], searched)
        if said:
            say(said)


def _of_best_epoch(model: WordModel) -> Record | None:
    """Return the metrics of the epoch that a model with bits was chosen at, where known."""
    from lexbits.training.records import best_record

    return best_record(model.history) if model.settings.bits and model.history else None

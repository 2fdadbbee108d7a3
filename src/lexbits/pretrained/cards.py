"""The cards of the models that come with lexbits."""

from __future__ import annotations

import json

from lexbits.errors import RunError
from lexbits.pretrained.card import Card
from lexbits.pretrained.places import CARD, MODELS, languages


def available() -> list[Card]:
    """Return the cards of the models that come with lexbits, by language.

    Raises:
        RunError: a card is damaged.

    Examples:
        >>> for card in available():
        ...     line = f"{card.name} {card.test_nll:.2f}"
    """
    return [card_of(language) for language in languages()]


def card_of(language: str) -> Card:
    """Return the card of a model that comes with lexbits.

    Raises:
        RunError: it is damaged.
    """
    path = MODELS / language / CARD
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: cannot be read ({error}); install lexbits again") from None
    return Card.parse(document, str(path))

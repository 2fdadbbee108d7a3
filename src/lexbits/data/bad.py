"""Words that cannot be taken: refused one by one, or left out and counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from lexbits.errors import LexbitsError

T = TypeVar("T")


class BadWords:
    """What is done with bad words: the first one is refused, or all are left out.

    Attributes:
        skip: whether they are left out.
        offer: said when one is refused: how to have them left out.
        count: how many have been.
        first: the message on the first of them.
    """

    def __init__(self, skip: bool, offer: str = "") -> None:
        self.skip = skip
        self.offer = offer
        self.count = 0
        self.first = ""

    def take(self, make: Callable[..., T], *arguments: object) -> T | None:
        """Return `make(*arguments)`, or None where that fails and bad words are left out.

        Raises:
            LexbitsError: as `make`, where they are not.
        """
        try:
            return make(*arguments)
        except LexbitsError as error:
            self.found(error)
            return None

    def found(self, error: LexbitsError) -> None:
        """Count a bad word, of which `error` says what is wrong.

        Raises:
            LexbitsError: the same with the offer, where bad words are not left out.
        """
        if not self.skip:
            raise type(error)(f"{error}; {self.offer}" if self.offer else str(error)) from None
        self.first = self.first or str(error)
        self.count += 1

    def note(self) -> str:
        """Say how many were left out, and why the first was; "" if none were."""
        if not self.count:
            return ""
        words = "1 bad word" if self.count == 1 else f"{self.count:,} bad words"
        return f"{words} left out; the first: {self.first}"

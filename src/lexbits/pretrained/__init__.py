"""Models that come with lexbits: `pretrained:es` wherever a run is expected.

Each was trained on words of simplemma by `benchmarks/pretrain.py`. It is the folder of a run
without the words, which are read from simplemma again where they are needed; its weights are kept
in half precision. Nothing is ever written to these folders.

Examples:
    >>> from lexbits.pretrained import available
    >>> "pretrained:es" in [card.name for card in available()]
    True
"""

from lexbits.pretrained.card import Card
from lexbits.pretrained.cards import available

__all__ = ["Card", "available"]

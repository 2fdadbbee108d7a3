"""A search for settings by trainings in memory: of lowest dev NLL; the test words stay unseen.

It needs optuna, which is imported where it is used.
"""

from lexbits.tuning.space import SPACE, Dimension, searched
from lexbits.tuning.study import TUNE, conclude, open_study, require_optuna
from lexbits.tuning.trials import Watch, search

__all__ = [
    "SPACE",
    "TUNE",
    "Dimension",
    "Watch",
    "conclude",
    "open_study",
    "require_optuna",
    "search",
    "searched",
]

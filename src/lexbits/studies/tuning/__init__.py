"""A search for settings by trainings in memory: of lowest dev NLL; the test words stay unseen.

It needs optuna, which is imported where it is used.
"""

from lexbits.runs.marks import TUNE
from lexbits.studies.tuning.space import SPACE, Dimension, searched
from lexbits.studies.tuning.study import conclude, open_study, require_optuna
from lexbits.studies.tuning.trials import Watch, search

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

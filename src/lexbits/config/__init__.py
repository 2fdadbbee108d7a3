"""The settings: `settings` lists them, `merging` has them from `presets`, files and flags."""

from lexbits.config.fine_tuning import NO_TEACHERS, fine_tuning
from lexbits.config.merging import (
    current_names,
    describe,
    read_toml,
    refuse_other_networks,
    resolve,
    to_toml,
)
from lexbits.config.presets import PRESETS
from lexbits.config.settings import (
    FIRST_SETTINGS,
    MACHINE,
    MAY_CHANGE,
    NETWORKS,
    OLD_NAMES,
    SHARED,
    Precision,
    Settings,
    absolute_file,
)

__all__ = [
    "FIRST_SETTINGS",
    "MACHINE",
    "MAY_CHANGE",
    "NETWORKS",
    "NO_TEACHERS",
    "OLD_NAMES",
    "PRESETS",
    "SHARED",
    "Precision",
    "Settings",
    "absolute_file",
    "current_names",
    "describe",
    "fine_tuning",
    "read_toml",
    "refuse_other_networks",
    "resolve",
    "to_toml",
]

"""The settings: `settings` lists them, `merging` has them from `presets`, files and flags."""

from lexbits.config.merging import current_names, describe, read_toml, resolve, to_toml
from lexbits.config.presets import PRESETS
from lexbits.config.settings import (
    FIRST_SETTINGS,
    MACHINE,
    MAY_CHANGE,
    OLD_NAMES,
    SHARED,
    Settings,
)

__all__ = [
    "FIRST_SETTINGS",
    "MACHINE",
    "MAY_CHANGE",
    "OLD_NAMES",
    "PRESETS",
    "SHARED",
    "Settings",
    "current_names",
    "describe",
    "read_toml",
    "resolve",
    "to_toml",
]

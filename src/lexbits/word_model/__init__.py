"""The same jobs from Python: one object that is trained, loaded, saved and asked."""

from lexbits.word_model.model import WordModel

__all__ = ["WordModel"]

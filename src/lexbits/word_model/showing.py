"""A model in a notebook: what it is, and below that the page that runs it, in a frame."""

from __future__ import annotations

import html
from functools import cached_property
from typing import Any

from lexbits.errors import LexbitsError
from lexbits.report.page import page
from lexbits.report.weights import Precision
from lexbits.word_model.description import describe
from lexbits.word_model.reporting import Reports, half_bytes
from lexbits.word_model.trained import own_modes

MOST_HALF = 500_000
"""Bytes of weights in half precision that a notebook is given; more are rounded to int8."""

MOST_INT8 = 2_000_000
"""Bytes of such weights; of a larger model only the summary is shown, as all is kept in the file of
the notebook."""

FRAME = (
    '<iframe sandbox="allow-scripts" loading="lazy" title="The model at work" '
    'style="width: 100%; height: 640px; border: 0" srcdoc="{page}"></iframe>'
)
"""The page in it cannot reach the notebook around it."""

WRITE = '<code>model.report("model.html")</code> writes a page'


class Shows(Reports):
    """What a notebook shows of a model."""

    def _repr_html_(self) -> str:
        """Return three lines about the model, and the page that runs it, for a notebook.

        The page is made when it is first shown, within two seconds or so, and the notebook's file
        keeps it. It has none of the sections of `report`, as what they tell is measured. A large
        model is not run, and one that no page can hold says why.
        """
        lines = "<br>".join(html.escape(line.strip()) for line in describe(self))
        return f"<p>{lines}</p>\n{self._explorer}"

    @cached_property
    @own_modes()
    def _explorer(self) -> str:
        """The page in a frame, or a sentence in its place."""
        half = half_bytes(self)
        if half / 2 > MOST_INT8:
            return f"<p>This model is too large to run in a notebook: {WRITE} that runs it.</p>"
        try:
            content = self._live_page("half" if half <= MOST_HALF else "int8")
        except LexbitsError as error:
            return f"<p>It cannot be run here: {html.escape(str(error))}</p>"
        return (
            f"{FRAME.format(page=html.escape(content))}\n"
            f"<p>{WRITE} like this to send, with what the model knows.</p>"
        )

    def _live_page(self, precision: Precision) -> str:
        """Return the page without what takes long to measure."""
        model = self._without_lost_words()
        words = model._held_out_entries()
        # Where bits depend on one another, codes and usage of many words take minutes.
        looked_at = words if self.settings.posterior == "factorised" else ()
        usage, codes = model._usage(looked_at), model._codes(looked_at)
        live = model._live(words, usage, codes, precision)
        return page(
            "Model", "", "", "", {"version": 1, "models": [live], "start": model._start(words)}
        )

    def __getstate__(self) -> dict[str, Any]:
        # The page can be made again, from the weights beside it.
        return {name: v for name, v in super().__getstate__().items() if name != "_explorer"}

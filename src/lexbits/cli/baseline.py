"""`lexbits baseline`: what a model of words has to beat."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from cyclopts import App, Parameter

from lexbits.cli.arguments import NO_SETTINGS, Data, Json, SettingFlags, flags_given
from lexbits.cli.output import print_json, print_table, say
from lexbits.config import resolve
from lexbits.errors import UsageError

app = App(name="baseline", help="Floors: what a model of words has to beat.")
USUAL_ORDERS = (2, 3, 4, 5, 6, 7, 8)


@app.command
def ngram(
    data: Data = None,
    /,
    *,
    orders: Annotated[
        tuple[int, ...], Parameter(help="Orders to choose from by dev.")
    ] = USUAL_ORDERS,
    settings: SettingFlags = NO_SETTINGS,
    json: Json = False,
) -> None:
    """Measure an interpolated modified Kneser-Ney model on the splits that `train` would make.

    Of the settings, only those of the data count. Nats per word, the end of the word counted.
    """
    if not orders or min(orders) < 1:
        raise UsageError(f"--orders: expected numbers from 1, found {list(orders)}")
    from lexbits.baselines import ngram_baseline
    from lexbits.preparation import read_words

    found = ngram_baseline(read_words(resolve(flags_given(data, settings)), say), list(orders))
    if json:
        print_json(dataclasses.asdict(found))
        return
    rows = [[o, nll, "chosen" if int(o) == found.order else ""] for o, nll in found.dev_nll.items()]
    print_table(("order", "dev_nll", ""), rows)
    say(
        f"Order {found.order} on {found.words:,} test words: NLL {found.nll:.3f} ± "
        f"{found.nll_se:.3f}, perplexity per symbol {found.perplexity_per_symbol:.3f}"
    )

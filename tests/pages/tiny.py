"""What makes commands of the pages short: the tests have no minutes for a training."""

import pytest

from lexbits import WordModel

SIZES = {
    "--limit": "600",
    "--epochs": "1",
    "--hidden-size": "16",
    "--encoder-hidden-size": "8",
    "--embedding-size": "8",
    "--batch-size": "32",
    "--dev-samples": "2",
}
INSTEAD = {"--epochs": "1", "--steps": "4", "--limit": "600", "--minutes": "9"}
"""Values in place of those of the page."""

OF_COMMAND = {
    "train": SIZES,
    "sweep rate": SIZES | {"--test-samples": "2"},
    "tune": SIZES | {"--trials": "1"},
    "baseline ngram": {"--limit": "400"},
    "evaluate": {"--words": "40", "--samples": "4", "--gain-words": "20"},
    "estimators compare": {"--words": "4", "--repeats": "2", "--estimators": "rloo"},
}
"""Flags that are added where a page does not give them itself."""


def tiny(arguments: list[str]) -> list[str]:
    """Return the arguments of a command that does the same on less."""
    asked = " ".join(arguments)
    flags = next((less for command, less in OF_COMMAND.items() if asked.startswith(command)), {})
    if not flags or "--resume" in arguments or "--print-config" in arguments:
        return arguments
    if "--start-from" in arguments:
        flags = {flag: flags[flag] for flag in ("--limit", "--epochs", "--batch-size")}
    if "--with" in arguments:
        flags = {"--samples": "2"}
    given = list(arguments)
    if given[0] == "train" and given[1].startswith("--") and "--start-from" not in given:
        given.insert(1, "spanish.txt")  # in place of what is embedded, which takes long to read
    if given[0] == "train" and "--minutes" in given:  # its least would be most of a minute
        place = given.index("--minutes")
        del given[place : place + 2]
    for place, flag in enumerate(given[:-1]):
        given[place + 1] = INSTEAD.get(flag, given[place + 1])
    if "--steps" in given:
        flags = {flag: value for flag, value in flags.items() if flag != "--epochs"}
    return given + [part for flag in flags if flag not in given for part in (flag, flags[flag])]


def shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let models that are trained from Python be small, but for what the page says of them."""
    fit, fit_more = WordModel.fit.__func__, WordModel.fit_more

    def small_fit(kind, words, **given):
        sizes = {flag[2:].replace("-", "_"): int(value) for flag, value in SIZES.items()}
        given.pop("minutes", None)
        return fit(kind, words, **sizes | given)

    monkeypatch.setattr(WordModel, "fit", classmethod(small_fit))
    monkeypatch.setattr(
        WordModel, "fit_more", lambda model, *words, **_: fit_more(model, *words, epochs=1)
    )

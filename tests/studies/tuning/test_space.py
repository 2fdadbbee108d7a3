import pytest

from lexbits.config import Settings
from lexbits.errors import UsageError
from lexbits.studies.tuning import SPACE, searched


def names(*arguments):
    return {dimension.name for dimension in searched(*arguments)}


def test_every_bound_is_a_legal_setting():
    assert len({dimension.name for dimension in SPACE}) == len(SPACE)
    for dimension in SPACE:
        for value in dimension.values:
            Settings(**{dimension.name: value})
        if dimension.kind != "choice":
            low, high = dimension.values
            assert low < high


def test_what_is_fixed_or_without_effect_is_not_searched():
    everything = {dimension.name for dimension in SPACE}
    assert names(Settings(), ["epochs"]) == everything
    assert names(Settings(), ["dropout", "bits"]) == everything - {"dropout"}
    assert names(Settings(bits=0), []) == everything - {"samples", "encoder_dropout"}


def test_nothing_left_to_search_is_refused():
    with pytest.raises(UsageError, match="learning_rate"):
        searched(Settings(), [dimension.name for dimension in SPACE])


def test_an_estimator_that_does_not_take_the_samples_is_refused_unless_they_are_fixed():
    settings = Settings(estimator="reinforce-average", free_nats=0.0, bits=4)
    searched(settings, [])
    greedy = settings.model_copy(update={"estimator": "unbiased-nonsense"})
    with pytest.raises(UsageError, match="fix --samples"):
        searched(greedy, [])
    assert "samples" not in names(greedy, ["samples"])


def test_a_search_has_no_teachers():
    with pytest.raises(UsageError, match="--teachers 0"):
        searched(Settings(teachers=1), [])

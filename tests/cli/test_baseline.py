import json

import pytest


def test_the_floor_is_measured_on_the_splits_of_a_training(lexbits_here, words_file):
    done = lexbits_here("baseline", "ngram", words_file, "--orders", "1", "2", "3", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found["dev_nll"]) == {"1", "2", "3"}
    assert found["dev_nll"][str(found["order"])] == min(found["dev_nll"].values())
    assert 0 < found["nll"] < 30


def test_the_order_is_said_in_words(lexbits_here, words_file):
    done = lexbits_here("baseline", "ngram", words_file)
    assert done.returncode == 0
    assert "chosen" in done.stdout
    assert "test words: NLL" in done.stderr


@pytest.mark.parametrize("orders", ["0", "-2"])
def test_an_order_below_one_is_refused(lexbits_here, words_file, orders):
    done = lexbits_here("baseline", "ngram", words_file, f"--orders={orders}")
    assert done.returncode == 2
    assert "expected numbers from 1" in done.stderr

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexbits.data.entry import Entry
from lexbits.data.splits import refuse_few, sample, split, stable_hash, without_seen
from lexbits.errors import DataError, UsageError

WORDS = [Entry(f"w{i}", f"l{i // 5}") for i in range(5000)]


def halves(entries, **changes):
    options = {"seed": 0, "dev_share": 0.1, "test_share": 0.1, "by": "form"} | changes
    return split(entries, **options)


def test_the_hash_is_the_same_in_every_process():
    assert stable_hash("ñandú", 0) == 0.941998626477334
    code = "from lexbits.data.splits import stable_hash; print(stable_hash('ñandú', 0))"
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert float(run.stdout) == stable_hash("ñandú", 0)


@given(st.text(), st.integers(min_value=0))
def test_the_hash_lies_in_the_unit_interval(text, seed):
    assert 0 <= stable_hash(text, seed) < 1


def test_the_hash_is_uniform_and_another_seed_gives_another_hash():
    hashes = [stable_hash(entry.form, 3) for entry in WORDS]
    for tenth in range(10):
        count = sum(tenth <= 10 * value < tenth + 1 for value in hashes)
        assert abs(count - 500) < 5 * 21  # five standard deviations
    assert hashes != [stable_hash(entry.form, 4) for entry in WORDS]


def test_a_split_is_a_partition_in_the_given_order_with_about_the_shares():
    train, dev, test = halves(WORDS)
    assert sorted(train + dev + test) == sorted(WORDS)
    for part in (train, dev, test):
        assert part == [entry for entry in WORDS if entry in set(part)]
    for part in (dev, test):
        assert abs(len(part) - 500) < 5 * 21


def test_a_split_does_not_depend_on_the_order_but_on_the_seed():
    dev = set(halves(WORDS)[1])
    assert set(halves(WORDS[::-1])[1]) == dev
    assert set(halves(WORDS, seed=1)[1]) != dev


def test_words_keep_their_split_when_others_join():
    before, after = halves(WORDS[:2000]), halves(WORDS)
    for part, larger in zip(before, after, strict=True):
        assert set(part) <= set(larger)


def test_the_test_words_do_not_depend_on_the_share_of_dev():
    assert halves(WORDS, dev_share=0.3)[2] == halves(WORDS)[2]
    train, dev, test = halves(WORDS, dev_share=0)
    assert (dev, test) == ([], halves(WORDS)[2])
    assert set(train) == set(WORDS) - set(test)


def test_without_a_test_share_there_is_no_test_split():
    assert halves(WORDS, test_share=0)[1:] == (halves(WORDS)[1], [])


def test_equal_forms_stay_together():
    doubled = WORDS[:100] + [Entry(entry.form, "other") for entry in WORDS[:100]]
    parts = [{entry.form for entry in part} for part in halves(doubled)]
    assert sum(map(len, parts)) == 100


def test_equal_lemmas_stay_together_when_asked():
    parts = [{entry.lemma for entry in part} for part in halves(WORDS, by="lemma")]
    assert sum(map(len, parts)) == 1000
    by_form = [{entry.lemma for entry in part} for part in halves(WORDS)]
    assert sum(map(len, by_form)) > 1000


def test_a_word_without_a_lemma_counts_as_its_own():
    mixed = [*WORDS[:100], Entry("l3")]
    part = next(part for part in halves(mixed, by="lemma") if Entry("l3") in part)
    assert WORDS[15] in part


def test_a_split_by_lemma_without_any_lemma_is_refused():
    with pytest.raises(UsageError, match="use --split-by form"):
        halves([Entry(f"w{i}") for i in range(50)], by="lemma")


@pytest.mark.parametrize("shares", [(0.1, 0.1), (0.001, 0.001), (0.9, 0.09), (0.09, 0.9)])
@pytest.mark.parametrize("seed", range(20))
def test_ten_words_fill_every_split(seed, shares):
    train, dev, test = halves(WORDS[:10], seed=seed, dev_share=shares[0], test_share=shares[1])
    assert train
    assert dev
    assert test
    assert len(train) + len(dev) + len(test) == 10


def test_fewer_than_ten_distinct_words_are_refused():
    with pytest.raises(DataError, match=r"at least 10 distinct forms .* found 9"):
        halves(WORDS[:9] * 3)


def test_samples_are_nested_and_independent_of_the_order():
    small, large = sample(WORDS, 100, lambda e: e.form), sample(WORDS, 300, lambda e: e.form)
    assert (len(small), len(large)) == (100, 300)
    assert set(small) < set(large)
    assert set(sample(WORDS[::-1], 100, lambda e: e.form)) == set(small)
    assert small == sorted(small, key=WORDS.index)


def test_a_sample_is_split_like_any_other_words():
    # Were the two choices made by one hash, the whole sample would land in dev.
    chosen = sample(WORDS, 1000, lambda e: e.form)
    _, dev, test = halves(chosen)
    for part in (dev, test):
        assert abs(len(part) - 100) < 5 * 9.5


def test_rows_whose_form_is_in_train_are_removed():
    dev = [Entry("a", "x"), Entry("b"), Entry("a", "y")]
    assert without_seen(dev, [Entry("a")]) == ([Entry("b")], 2)
    assert without_seen(dev, []) == (dev, 0)


def test_chance_never_leaves_fewer_than_ten_dev_words_of_a_hundred():
    for seed in range(20):
        assert len(halves(WORDS[:100], seed=seed)[1]) >= 10
        assert len(halves(WORDS[:100], seed=seed, dev_share=0.001)[1]) == 10


def test_words_are_few_below_fifty_and_too_few_below_ten():
    train, dev = WORDS[:100], WORDS[100:150]
    assert refuse_few(train, dev) == []
    assert refuse_few(train, dev[:49])[0].startswith("dev: 49 different words")
    assert refuse_few(dev[:49], train)[0].startswith("train: 49 different words")
    with pytest.raises(DataError, match=r"^dev: expected at least 10 different .* found 9"):
        refuse_few(train, dev[:9] * 10)
    with pytest.raises(DataError, match=r"^train: expected at least 10 .* lower --dev-share"):
        refuse_few(train[:1], dev)

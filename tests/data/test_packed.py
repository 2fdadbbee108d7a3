"""Packed words are the distinct words of their sources, wherever they are asked."""

import errno
import itertools
import json
import os
import random

import numpy as np
import pytest

from lexbits.alphabet import Alphabet
from lexbits.config import resolve
from lexbits.data import Entry, load_splits, packing, without_seen
from lexbits.data.corpus import Corpus
from lexbits.data.known import KnownWords
from lexbits.data.packed import PackedWords
from lexbits.data.packing import pack_words
from lexbits.data.splits import stable_hash
from lexbits.data.training_words import ListedWords
from lexbits.errors import DataError, LexbitsError, RunError, UsageError

SETTINGS = resolve({"dev_share": 0.1, "test_share": 0.2, "max_length": 8})


def make_words(count=600):
    draw = random.Random(3)
    return ["".join(draw.choices("abcñ", k=draw.randint(1, 8))) for _ in range(count)]


def pack(folder, words, settings=SETTINGS, name="packed"):
    source = folder / f"{name}.txt"
    source.write_text("".join(f"{word}\n" for word in words), "utf-8")
    return pack_words([str(source)], folder / name, settings, lambda message: None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("packed")


@pytest.fixture(scope="module")
def packed(folder):
    return pack(folder, [*make_words(), "muchtoolong"])


def test_a_full_disk_leaves_nothing_of_them(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="disk is full"):
        pack(tmp_path, make_words())
    assert [path.name for path in tmp_path.iterdir()] == ["packed.txt"]


def expected():
    return {word for word in make_words() if 0.1 <= stable_hash(word, 0) < 0.8}


def test_they_are_the_distinct_training_words(packed):
    forms = [entry.form for entry in packed]
    assert len(forms) == len(set(forms)) == len(packed)
    assert set(forms) == expected()


def test_dev_and_test_are_those_of_the_ordinary_split(packed):
    splits = load_splits(resolve({"data": str(packed.path)}))
    assert splits.train == packed
    hashes = [[stable_hash(entry.form, 0) for entry in part] for part in (splits.dev, splits.test)]
    assert max(hashes[0]) < 0.1
    assert min(hashes[1]) >= 0.8
    together = {*make_words()} - expected()
    assert {entry.form for entry in [*splits.dev, *splits.test]} == together


def test_batches_are_those_of_a_corpus_in_memory(packed):
    words = [entry.form for entry in packed]
    corpus = Corpus.from_words(words, packed.alphabet)
    everything = np.arange(len(words))
    assert (packed.lengths_of(everything) == corpus.lengths).all()
    for ours, theirs in zip(
        packed.shuffled_batches(16, 1, 2), corpus.shuffled_batches(16, 1, 2), strict=True
    ):
        assert (ours == theirs).all()
        assert (packed.batch(ours) == corpus.batch(theirs)).all()


def test_they_know_their_words_and_no_others(packed):
    assert all(packed.has(word) for word in expected())
    others = {*make_words()} - expected()
    assert not any(packed.has(word) for word in [*others, "xyz", "abcabcabcabc", "", "a?"])
    assert Entry(packed[0].form) in packed
    assert "a" not in packed


def test_each_is_found_among_many_of_its_length(tmp_path):
    words = ["".join(letters) for letters in itertools.product("añbcdefghijk", repeat=3)]
    known, others = words[::2], words[1::2]
    packed = pack(tmp_path, known)
    learned = {entry.form for entry in packed}
    assert len(learned) > len(known) / 2
    assert [packed.has(word) for word in known] == [word in learned for word in known]
    assert not any(packed.has(word) for word in others)


def test_they_can_be_indexed_and_sampled_as_a_list(packed):
    forms = [entry.form for entry in packed]
    assert packed[-1].form == forms[-1]
    assert [entry.form for entry in packed[3:9:2]] == forms[3:9:2]
    some = packed.sample(50)
    assert len({entry.form for entry in some}) == 50
    assert some == packed.sample(50)
    with pytest.raises(IndexError):
        packed[len(forms)]


def test_equal_words_in_another_order_make_the_same_split(packed, folder):
    other = pack(folder, reversed([*make_words(), *make_words()]), name="other")
    assert {entry.form for entry in other} == {entry.form for entry in packed}
    assert other.header["forms_read"] == 2 * packed.header["forms_read"]


def test_what_is_known_of_words_is_asked_of_them(packed):
    known = KnownWords(lambda: {"train": packed, "dev": [Entry("zz"), packed[0]]})
    assert known["zz"] == "dev"
    assert known[packed[0].form] == "train"
    assert known.get("nothing", "new") == "new"
    assert len(known) == len(packed) + 2
    assert without_seen([Entry("zz"), packed[0]], packed) == ([Entry("zz")], 1)


def test_a_form_in_several_splits_belongs_to_the_first():
    words = {"train": ["a"], "dev": ["a", "b"], "test": ["a", "b", "c"]}
    splits = {name: [Entry(form) for form in forms] for name, forms in words.items()}
    known = KnownWords(lambda: splits)
    assert dict(known) == {"a": "train", "b": "dev", "c": "test"}


def test_many_characters_take_two_bytes_each(tmp_path):
    words = [chr(0x4E00 + i) + chr(0x4E00 + 7 * i % 400) for i in range(400)]
    packed = pack(tmp_path, words)
    assert packed.header["dtype"] == "uint16"
    assert {entry.form for entry in packed} <= {*words}


def test_a_limit_takes_a_sample_into_memory(packed):
    splits = load_splits(resolve({"data": str(packed.path), "limit": 100}))
    assert isinstance(splits.train, list)
    assert len(splits.train) == 100


def test_packed_words_of_a_run_are_the_same_or_refused(packed, tmp_path):
    reference = packed.reference()
    assert [*PackedWords.referred_to(reference)] == [*packed]
    with pytest.raises(DataError, match="expected the words that the run began with"):
        PackedWords.referred_to(reference | {"sha256": "0" * 64})
    with pytest.raises(DataError, match="found none there"):
        PackedWords.referred_to(reference | {"packed": str(tmp_path / "gone")})


def damage_header(path):
    (path / "header.json").write_text("{", "utf-8")


def make_newer(path):
    header = json.loads((path / "header.json").read_text("utf-8"))
    (path / "header.json").write_text(json.dumps(header | {"format": 99}), "utf-8")


def make_older(path):
    header = json.loads((path / "header.json").read_text("utf-8"))
    (path / "header.json").write_text(json.dumps(header | {"format": 1}), "utf-8")


def forget_alphabet(path):
    header = json.loads((path / "header.json").read_text("utf-8"))
    del header["alphabet"]
    (path / "header.json").write_text(json.dumps(header), "utf-8")


def cut_off(path):
    content = (path / "words.bin").read_bytes()
    (path / "words.bin").write_bytes(content[:-1])


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (damage_header, "expected the header of packed words: damaged"),
        (forget_alphabet, "expected the header of packed words: damaged"),
        (make_newer, "upgrade lexbits"),
        (make_older, "this version reads format 2: pack the words again"),
        (cut_off, "pack it again"),
    ],
)
def test_a_damaged_folder_is_refused_in_a_line(tmp_path, harm, message):
    packed = pack(tmp_path, make_words(200))
    harm(packed.path)
    with pytest.raises(DataError, match=message):
        PackedWords(packed.path)


@pytest.mark.parametrize(
    ("words", "message"), [([], "expected words, found none"), (["a"], "train, dev and test")]
)
def test_too_few_words_are_refused_and_nothing_is_left(tmp_path, words, message):
    with pytest.raises(DataError, match=message):
        pack(tmp_path, words)
    assert [path.name for path in tmp_path.iterdir()] == ["packed.txt"]


def test_what_cannot_be_packed_is_refused(packed, tmp_path):
    def packing(source, out):
        pack_words([source], out, SETTINGS, lambda message: None)

    with pytest.raises(UsageError, match="exists already"):
        packing("words.txt", packed.path)
    with pytest.raises(UsageError, match="expected a file, - or simplemma"):
        packing("sigmorphon2016:german", tmp_path / "out")
    with pytest.raises(LexbitsError, match="expected a file, found none"):
        packing(str(tmp_path / "none.txt"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_of_something_else_is_no_data(tmp_path):
    with pytest.raises(DataError, match="expected a file, found an empty folder"):
        load_splits(resolve({"data": str(tmp_path)}))


def test_longer_words_are_left_out_as_of_a_list(packed):
    splits = load_splits(resolve({"data": str(packed.path), "max_length": 4}))
    short = splits.train
    assert isinstance(short, PackedWords)
    assert {entry.form for entry in short} == {word for word in expected() if len(word) <= 4}
    assert short.too_long == len(packed) - len(short)
    assert short.longest == 4
    assert f"{short.too_long:,} of {len(packed):,} words longer than 4" in splits.notes[1]
    long = next(word for word in expected() if len(word) > 4)
    assert not short.has(long)
    assert all(short.has(entry.form) for entry in short)
    with pytest.raises(DataError, match="raise --max-length"):
        PackedWords(packed.path, 0)


def test_columns_are_those_of_files_that_are_given_beside_them(packed, tmp_path):
    path = tmp_path / "dev.csv"
    path.write_text("1,ñandú\n2,ñu\n")
    how = {"data": str(packed.path), "dev": str(path), "column": 2, "delimiter": ","}
    splits = load_splits(resolve(how))
    assert [entry.form for entry in splits.dev] == ["ñandú", "ñu"]
    assert splits.test == load_splits(resolve({"data": str(packed.path)})).test
    assert "dev: layout: column 2, separated by ','" in splits.notes


def test_a_run_keeps_which_words_were_left_out(packed):
    short = PackedWords(packed.path, 4)
    again = PackedWords.referred_to(json.loads(json.dumps(short.reference())))
    assert [*again] == [*short]
    assert again == short != packed
    assert PackedWords(packed.path) == packed
    assert "max_length" not in packed.reference()  # as 0.1.0 wrote it


def test_characters_are_counted_as_in_a_list(packed):
    for words in (packed, PackedWords(packed.path, 3)):
        listed = ListedWords(words.forms)
        assert words.character_counts() == listed.character_counts()
        assert words.longest == listed.longest


def test_repeated_words_do_not_lower_the_share_that_is_held_out(tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "MOST_HELD_OUT", 60)
    once = pack(tmp_path, make_words(), name="once")
    often = pack(tmp_path, make_words() * 9, name="often")
    assert {entry.form for entry in once} == {entry.form for entry in often}
    assert once.header["dev"] == often.header["dev"]


def test_in_another_alphabet_they_spell_the_same(packed):
    other = Alphabet("zyx").extended(packed.alphabet.characters)
    corpus, some = packed.corpus(other), np.array([0, 3, len(packed) - 1])
    assert len(corpus) == len(packed)
    assert [other.decode(row) for row in corpus.batch(some).tolist()] == [
        packed[i].form for i in some.tolist()
    ]
    np.testing.assert_array_equal(corpus.lengths_of(some), packed.lengths_of(some))
    assert packed.corpus(packed.alphabet) is packed

import io
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

from lexbits.config import Settings
from lexbits.data import embedded, load_entries, load_splits, remote
from lexbits.data.entry import Entry
from lexbits.data.source import fetch_source, parse_source
from lexbits.errors import DataError, UsageError
from tests.data.stdin import on_stdin

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "sigmorphon2016"
needs_files = pytest.mark.skipif(not SHARED.is_dir(), reason="the SIGMORPHON files are not here")

WORDS = [f"word{i}" for i in range(200)]


@pytest.fixture
def words(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("\n".join(WORDS))
    return str(path)


@pytest.fixture
def other(tmp_path):
    path = tmp_path / "other.tsv"
    path.write_text("abeja\tabejas\tN;PL\nser\tword3\tV\n")
    return str(path)


@pytest.fixture
def maltese(tmp_path, monkeypatch):
    """Official files of a language without known hashes, in a folder; return the folder."""
    monkeypatch.delenv("LEXBITS_DATA", raising=False)
    monkeypatch.setattr(remote, "UPSTREAM", "http://127.0.0.1:9/")
    for split, count in (("train", 40), ("dev", 5), ("test", 7)):
        rows = "".join(f"l{i}\tpos=N\t{split}{i}\n" for i in range(count))
        (tmp_path / f"maltese-task1-{split}").write_text(rows)
    return str(tmp_path)


@pytest.fixture
def dictionary(monkeypatch):
    forms = ["".join(chr(97 + i // 26**p % 26) for p in range(4)) for i in range(3000)]
    words = {form: form[:2] for form in forms}
    monkeypatch.setattr(embedded, "_dictionary", lambda _: ("9.9", words))
    return words


def forms(entries):
    return [entry.form for entry in entries]


def test_a_word_list_is_split_by_the_seed(words):
    splits = load_splits(Settings(data=words))
    parts = [forms(part) for part in (splits.train, splits.dev, splits.test)]
    assert sorted(chain(*parts)) == sorted(WORDS)
    assert all(parts)
    assert (splits.name, splits.layout) == (words, "words")
    assert splits.notes[0] == "layout: words (one word a line)"
    assert load_splits(Settings(data=words)) == splits
    assert load_splits(Settings(data=words, seed=1)).dev != splits.dev


def test_standard_input_is_a_source(words):
    with on_stdin(io.BytesIO(Path(words).read_bytes())):
        piped = load_splits(Settings(data="-"))
    assert piped.dev == load_splits(Settings(data=words)).dev


def test_standard_input_can_feed_one_split_only():
    with pytest.raises(UsageError, match="once only"):
        load_splits(Settings(data="-", dev="-"))


def test_a_limit_samples_the_file_before_it_is_split(words):
    splits = load_splits(Settings(data=words, limit=50, dev_share=0.3))
    assert len(splits.train + splits.dev + splits.test) == 50
    assert "a sample of 50 of 200 entries" in splits.notes
    larger = load_splits(Settings(data=words, limit=100, dev_share=0.3))
    assert set(splits.dev) <= set(larger.dev)


@pytest.mark.parametrize("limit", ["auto", "all", 1000])
def test_without_a_smaller_limit_a_file_is_used_whole(words, limit):
    splits = load_splits(Settings(data=words, limit=limit))
    assert len(splits.train + splits.dev + splits.test) == 200


def test_given_files_are_the_splits_and_the_limit_leaves_them_whole(words, other):
    splits = load_splits(Settings(data=words, dev=other, test=other, limit=150))
    assert len(splits.train) == 150
    assert (
        splits.dev == splits.test == [Entry("abejas", "abeja", "N;PL"), Entry("word3", "ser", "V")]
    )
    assert "train: layout: words (one word a line)" in splits.notes
    assert "dev: layout: unimorph (lemma, form, features)" in splits.notes


def test_one_given_file_leaves_the_other_split_to_be_split_off(words, other):
    whole = load_splits(Settings(data=words))
    splits = load_splits(Settings(data=words, dev=other))
    assert forms(splits.dev) == ["abejas", "word3"]
    assert splits.test == whole.test
    assert len(splits.train) + len(splits.test) == 200
    assert load_splits(Settings(data=words, test=other)).dev == whole.dev


def test_forms_shared_with_train_are_noted(words, other):
    splits = load_splits(Settings(data=words, dev=other, test=other))
    assert "dev: the forms of 1 of 2 rows are in train too" in splits.notes


def test_too_few_words_are_refused_by_the_name_of_the_file(tmp_path):
    path = tmp_path / "few.txt"
    path.write_text("uno\ndos\n")
    with pytest.raises(DataError, match=r"few\.txt: expected at least 10 .* found 2"):
        load_splits(Settings(data=str(path)))


def test_a_split_by_lemma_needs_lemmas(words):
    with pytest.raises(UsageError, match="--split-by form"):
        load_splits(Settings(data=words, split_by="lemma"))


def test_embedded_words_are_sampled_and_split(dictionary):
    splits = load_splits(Settings(data="simplemma:de", limit=500))
    assert len(splits.train + splits.dev + splits.test) == 500
    assert splits.layout == "embedded"
    assert "a sample of 500 of the remaining 3,000 forms" in splits.notes


def test_embedded_words_can_be_split_by_lemma(dictionary):
    splits = load_splits(Settings(data="simplemma:de", split_by="lemma"))
    parts = [{entry.lemma for entry in part} for part in (splits.train, splits.dev, splits.test)]
    assert sum(map(len, parts)) == len(set(dictionary.values()))


def test_embedded_words_take_given_files_too(dictionary, other):
    splits = load_splits(Settings(data="simplemma:de", dev=other))
    assert forms(splits.dev) == ["abejas", "word3"]
    assert len(splits.train) + len(splits.test) == 3000
    assert "dev: layout: unimorph (lemma, form, features)" in splits.notes


def test_official_files_are_the_splits_and_the_limit_touches_train_only(maltese):
    settings = Settings(data="sigmorphon2016:mt", data_folder=maltese, limit=20, layout="words")
    splits = load_splits(settings)
    assert [len(splits.train), len(splits.dev), len(splits.test)] == [20, 5, 7]
    assert splits.layout == "sigmorphon"
    assert splits.dev[0] == Entry("dev0", "l0", "pos=N")


def test_given_files_override_official_ones(maltese, other):
    (Path(maltese) / "maltese-task1-dev").unlink()
    settings = Settings(data="sigmorphon2016:maltese", data_folder=maltese, dev=other)
    assert forms(load_splits(settings).dev) == ["abejas", "word3"]


def test_an_official_file_given_by_path_is_just_a_file(maltese):
    splits = load_splits(Settings(data=f"{maltese}/maltese-task1-train"))
    assert len(splits.train + splits.dev + splits.test) == 40


@needs_files
def test_the_spanish_files_have_their_known_sizes_and_overlap():
    splits = load_splits(Settings(data="sigmorphon2016:es", data_folder=str(SHARED)))
    assert [len(splits.train), len(splits.dev), len(splits.test)] == [12_575, 1_596, 23_228]
    assert "test: 1 of 23,229 forms longer than 30 characters left out" in splits.notes
    assert len(set().union(*forms(splits.train))) == 33
    assert "dev: the forms of 86 of 1,596 rows are in train too" in splits.notes


def test_other_data_is_loaded_whole_from_a_path_or_standard_input(words, other):
    assert forms(load_entries(words, Settings(limit=5))[0]) == WORDS
    with on_stdin(io.BytesIO(Path(other).read_bytes())):
        entries, notes = load_entries("-", Settings())
    assert forms(entries) == ["abejas", "word3"]
    assert notes[0] == "layout: unimorph (lemma, form, features)"


def test_other_data_of_the_task_is_the_file_of_the_split(maltese):
    settings = Settings(data_folder=maltese)
    for split, count in (("train", 40), ("dev", 5), ("test", 7)):
        assert len(load_entries("sigmorphon2016:mt", settings, split)[0]) == count


def test_other_embedded_data_is_the_seeded_split_even_of_a_run_with_given_files(dictionary, other):
    settings = Settings(data="simplemma:de", limit=500)
    splits = load_splits(settings)
    changed = settings.model_copy(update={"data": "other", "dev": other})
    for name in ("train", "dev", "test"):
        assert load_entries("simplemma:de", changed, name)[0] == getattr(splits, name)


@pytest.mark.parametrize(
    ("source", "parsed"),
    [
        ("simplemma:es", ("simplemma", "es")),
        ("sigmorphon2016:spanish", ("sigmorphon2016", "spanish")),
        ("-", (None, "-")),
        (r"C:\words.txt", (None, r"C:\words.txt")),
        ("c:words", (None, "c:words")),
        ("dir/a:b", (None, "dir/a:b")),
        ("words.txt", (None, "words.txt")),
        ("", (None, "")),
    ],
)
def test_sources_are_told_apart(source, parsed):
    assert parse_source(source) == parsed


def test_an_unknown_scheme_gets_a_suggestion_and_the_known_ones():
    with pytest.raises(UsageError, match=r"did you mean simplemma:es\?"):
        load_splits(Settings(data="simplema:es"))
    with pytest.raises(UsageError, match=r"'foo:bar' .known are: simplemma:LANG"):
        load_entries("foo:bar", Settings())


def test_a_file_with_a_colon_in_its_name_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("foo:bar").write_text("uno\n")
    assert forms(load_entries("foo:bar", Settings())[0]) == ["uno"]


@pytest.mark.parametrize("source", ["nowhere.txt", r"C:\nowhere.txt", ""])
def test_an_unknown_path_is_a_data_error(source):
    with pytest.raises(DataError):
        load_splits(Settings(data=source))


@pytest.mark.parametrize("source", ["simplemma:es", "words.txt", "foo:bar"])
def test_only_the_files_of_the_task_are_fetched(source):
    with pytest.raises(UsageError, match=r"sigmorphon2016:LANG"):
        fetch_source(source, print)


def test_fetching_by_source_gives_the_cached_files(maltese, monkeypatch):
    monkeypatch.setattr(remote, "cache_folder", lambda: Path(maltese))
    paths = fetch_source("sigmorphon2016:mt", lambda _: None)
    assert [path.name for path in paths] == [f"maltese-task1-{s}" for s in remote.SPLITS]


def test_importing_the_room_loads_nothing_heavy():
    code = (
        "import sys, lexbits.data\n"
        "print({'torch', 'lightning_fabric', 'pooch', 'simplemma', 'numpy'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"

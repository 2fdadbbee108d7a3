"""Lists as they are: comments, capitals, several files, folders."""

import io
from pathlib import Path

import pytest

from lexbits.config import Settings, resolve
from lexbits.data import load_entries, load_splits
from lexbits.data.folders import refuse_folder
from lexbits.data.origin import find_origin
from lexbits.data.reading import read_entries
from lexbits.errors import DataError, UsageError
from tests.data.stdin import on_stdin


def read(text, more=(), **settings):
    with on_stdin(io.BytesIO(text.encode())):
        return read_entries("-", Settings(**settings), more)


def forms(reading):
    return [entry.form for entry in reading.entries]


def test_comments_are_words_unless_they_are_said_to_be_none():
    text = "# my list\nuno\n  # indented\ndos#\n#form\ntres\n"
    assert forms(read(text, layout="words")) == ["# my list", "uno", "# indented", "dos#", "tres"]
    reading = read(text, comment="#")
    assert forms(reading) == ["uno", "dos#", "tres"]
    assert "2 lines of comments left out" in reading.notes
    assert forms(read("%% a\nb\n% c\n", comment="%%")) == ["b", "% c"]


def test_a_file_of_comments_only_is_refused():
    with pytest.raises(DataError, match="found none but 1 blank line and 2 comments"):
        read("# a\n\n# b\n", comment="#")


@pytest.mark.parametrize("mark", ["", "  "])
def test_a_mark_of_comments_has_to_be_seen(mark):
    with pytest.raises(UsageError, match="comment: expected a mark"):
        resolve({"comment": mark})


def test_lower_case_is_that_of_unicode_and_counted():
    reading = read("The\nTHE\nthe\nStraße\nΛΌΓΟΣ\ncasa\n", lowercase=True)
    assert forms(reading) == ["the", "the", "the", "straße", "λόγος", "casa"]
    assert "4 of 6 forms put into lower case" in reading.notes
    assert "2 different forms became one with another, such as 'The' and 'THE'" in " ".join(
        reading.notes
    )


def test_turkish_is_warned_of():
    assert "sed 's/I/ı/g; s/İ/i/g'" in " ".join(read("IŞIK\nışık\n", lowercase=True).notes)
    assert "sed" in " ".join(read("İzmir\n", lowercase=True).notes)
    for text in ("Izmir\n", "ışık\n"):
        assert "sed" not in " ".join(read(text, lowercase=True).notes)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "a.txt").write_text("".join(f"word{i}\n" for i in range(30)))
    rows = "".join(f"l{i}\tV;PST\tword{i}\n" for i in range(20, 60))
    (tmp_path / "b.tsv").write_text(rows)
    return str(tmp_path / "a.txt"), str(tmp_path / "b.tsv")


def test_several_files_are_one_list_each_in_its_own_layout(files):
    words = load_splits(resolve({"data": files[0], "more_data": [files[1]]}))
    every = [entry.form for part in (words.train, words.dev, words.test) for entry in part]
    assert sorted(set(every)) == sorted(f"word{i}" for i in range(60))
    assert len(every) == 70
    assert words.layout == "words + sigmorphon"
    assert words.name == " + ".join(files)
    assert f"{files[1]}: 10 of 40 different forms are in the files before it too" in words.notes


def test_a_place_names_the_file_where_there_are_several(files):
    reading = read_entries(files[0], Settings(), [files[1]])
    assert reading.place(3) == "a.txt, line 4"
    assert reading.place(30) == "b.tsv, line 1"
    same = read_entries(files[0], Settings(), [files[0]])
    assert same.place(30) == f"{files[0]}, line 1"
    assert read("a\n\nb\n").place(1) == "line 3"


def test_standard_input_is_one_of_several_at_most_once(files):
    assert forms(read("x\n", more=[files[0]]))[:2] == ["x", "word0"]
    with pytest.raises(UsageError, match="give - once"):
        load_splits(resolve({"data": "-", "more_data": ["/dev/stdin"]}))


def test_data_sets_are_no_files_of_a_list(files):
    with pytest.raises(UsageError, match="give it alone"):
        load_splits(resolve({"data": files[0], "more_data": ["simplemma:es"]}))
    with pytest.raises(UsageError, match="give it alone"):
        load_entries("simplemma:es", Settings(), more=[files[0]])


def test_words_to_evaluate_on_may_be_several_files(files):
    entries, notes = load_entries(files[0], Settings(), more=[files[1]])
    assert len(entries) == 70
    assert any("10 of 40" in note for note in notes)


def test_words_of_the_files_that_a_sample_left_out_are_known(files):
    settings = resolve({"data": files[0], "more_data": [files[1]], "limit": 20})
    words = load_splits(settings)
    sizes = {"train": len(words.train), "dev": len(words.dev), "test": len(words.test)}
    origin = find_origin(words.name, settings, sizes, words.train)
    assert all(origin.has(f"word{i}") for i in range(60))
    Path(files[1]).unlink()
    assert (
        "b.tsv is no longer available"
        in find_origin(words.name, settings, sizes, words.train).missing
    )


def found_in(path):
    with pytest.raises(DataError) as caught:
        refuse_folder(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: expected a file, found ")
    assert "\n" not in message
    return message


def test_a_folder_of_lists_is_refused_with_the_command_that_takes_them(tmp_path):
    assert "an empty folder" in found_in(tmp_path)
    (tmp_path / "es words.txt").touch()
    assert f"`lexbits data show '{tmp_path}/es words.txt'` takes" in found_in(tmp_path)
    (tmp_path / "de.tsv.gz").touch()
    (tmp_path / "old").mkdir()
    message = found_in(tmp_path)
    assert "2 files (de.tsv.gz, es words.txt) and 1 other" in message
    for i in range(8):
        (tmp_path / f"{i}.txt").touch()
    assert f"`lexbits data show {tmp_path}/*.txt`" in found_in(tmp_path)


def test_a_folder_without_lists_is_shown(tmp_path):
    (tmp_path / "photo.jpg").touch()
    assert "photo.jpg, none of them named as a list of words" in found_in(tmp_path)


def test_folders_of_lexbits_are_called_by_what_they_are(tmp_path):
    run = tmp_path / "run"
    (run / "splits").mkdir(parents=True)
    for name in ("config.toml", "alphabet.json", "splits/train.tsv"):
        (run / name).touch()
    assert "a run folder; `lexbits data show " in found_in(run)
    assert "--resume" in found_in(run)
    sweep = tmp_path / "sweep"
    sweep.mkdir()
    (sweep / "sweep.json").touch()
    assert "the folder of a sweep" in found_in(sweep)


def test_official_files_are_taken_by_the_name_of_their_language(tmp_path):
    (tmp_path / "turkish-task1-train").touch()
    assert f"data show sigmorphon2016:turkish --data-folder {tmp_path}`" in found_in(tmp_path)

"""A run whose files no longer fit together is refused, and the file that differs is named."""

import pytest

from lexbits.alphabet import Alphabet
from lexbits.config import MAY_CHANGE, Settings, to_toml
from lexbits.data import Entry
from lexbits.errors import LexbitsError, RunError
from lexbits.runs.folder import RunFolder
from lexbits.runs.identity import IDENTITY, OF_EVERY_CONFIG, sha256_of_records

SPLITS = {"train": [Entry("uno"), Entry("dos")], "dev": [Entry("sol")], "test": [Entry("luz")]}
OTHER = {"device": "cuda", "precision": "bf16", "save_seconds": 3.0, "data_folder": "away"}


@pytest.fixture
def run(tmp_path):
    settings = Settings(bits=4, dropout=0.1 + 0.2, seed=2**62 + 1, data="ñandú.txt")
    return RunFolder.create(tmp_path / "run", settings, Alphabet.from_words(["unodos"]), SPLITS)


def edit(run, name, old, new):
    text = (run.path / name).read_text("utf-8")
    assert old in text
    (run.path / name).write_text(text.replace(old, new), "utf-8")


def test_an_untouched_run_is_read(run):
    again = RunFolder.open(run.path)
    assert again.settings().bits == 4
    assert again.splits() == SPLITS


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("bits = 4", "bits = 5", "bits = 4, .* found 5"),
        ("dropout = 0.30000000000000004", "dropout = 0.3", "dropout"),
        ('data = "ñandú.txt"', 'data = "nandu.txt"', "data"),
        ("seed = 4611686018427387905", "seed = 4611686018427387904", "seed"),
    ],
)
def test_another_setting_is_named_with_both_values(old, new, name, run):
    edit(run, "config.toml", old, new)
    with pytest.raises(RunError, match=rf"config\.toml: expected {name}"):
        RunFolder.open(run.path)


@pytest.mark.parametrize("name", MAY_CHANGE)
def test_where_and_how_a_run_computes_may_change(name, run):
    other = run.settings().model_copy(update={name: OTHER[name]})
    run.write("config.toml", to_toml(other))
    assert getattr(RunFolder.open(run.path).settings(), name) == OTHER[name]


@pytest.mark.parametrize("with_identity", [True, False])
def test_a_setting_that_is_missing_is_not_replaced_by_its_default(with_identity, run):
    if not with_identity:  # as in runs of 0.1.0
        (run.path / IDENTITY).unlink()
    lines = (run.path / "config.toml").read_text("utf-8").splitlines(keepends=True)
    for kept in range(len(lines)):
        if lines[kept].startswith((" ", "]")):  # in the middle of a list: no valid TOML
            continue
        (run.path / "config.toml").write_text("".join(lines[:kept]), "utf-8")
        with pytest.raises(RunError, match=r"config\.toml: expected every setting, found no"):
            RunFolder.open(run.path)


def test_what_every_config_has_are_settings_that_exist():
    assert set(Settings.model_fields) >= {*OF_EVERY_CONFIG}


@pytest.mark.parametrize("name", ["alphabet.json", "splits/train.tsv", "splits/test.tsv"])
def test_another_letter_is_noticed(name, run):
    edit(run, name, "u", "v")
    with pytest.raises(LexbitsError, match=rf"{name}: not as it was written"):
        RunFolder.open(run.path).splits()


@pytest.mark.parametrize("name", ["train", "dev", "test"])
def test_a_missing_split_is_no_empty_one(name, run):
    (run.path / "splits" / f"{name}.tsv").unlink()
    with pytest.raises(RunError, match=rf"splits/{name}\.tsv: missing"):
        run.splits()


def test_half_of_a_surrogate_pair_is_no_character(run):
    (run.path / IDENTITY).unlink()  # as in runs of 0.1.0
    edit(run, "alphabet.json", '"u"', r'"\ud800"')
    with pytest.raises(RunError, match=r"alphabet\.json: not an alphabet"):
        RunFolder.open(run.path)


@pytest.mark.parametrize("content", ["{}", '{"settings": {"bitz": 3}, "sha256": {}}', "[]", "{"])
def test_a_damaged_identity_is_refused(content, run):
    run.write(IDENTITY, content)
    with pytest.raises(RunError, match=r"identity\.json"):
        RunFolder.open(run.path)


def test_synthetic_words_are_guarded_and_only_the_same_ones_are_written_again(run):
    run.write_synthetic(["dos\u2028uno", "nodo"])
    digest = run.digest()
    assert run.synthetic() == ["dos\u2028uno", "nodo"]
    edit(run, "synthetic.txt", "nodo", "nudo")
    with pytest.raises(RunError, match=r"synthetic\.txt: not as it was written"):
        run.synthetic()
    run.write_synthetic(["dos\u2028uno", "nodo"])
    assert run.digest() == digest
    with pytest.raises(RunError, match=r"synthetic\.txt: missing, and .* not the same"):
        run.write_synthetic(["nudo"])


def test_synthetic_words_without_a_digest_are_those_of_a_stop_in_between(run):
    run.write("synthetic.txt", "uno\n")
    assert not run.has_synthetic()
    run.write_synthetic(["uno"])
    assert run.has_synthetic()


def test_the_digest_of_metrics_does_not_depend_on_how_long_they_took():
    record = {"epoch": 1, "dev_nll": 0.1 + 0.2, "seconds": 1.0}
    assert sha256_of_records([record]) == sha256_of_records([record | {"seconds": 2.0}])
    assert sha256_of_records([record]) != sha256_of_records([record | {"dev_nll": 0.3}])

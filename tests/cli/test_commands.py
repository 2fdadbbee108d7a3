"""Every command does its work on a run."""

import json

import pytest

from tests.cli.conftest import TINY

CODE = "0110"


def document(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_training_that_ends_early_says_so(lexbits_here, words_file, tmp_path):
    flags = ("--epochs", "9", "--patience", "1", "--learning-rate", "1", "--gradient-clip", "0")
    done = lexbits_here("train", words_file, "--out", tmp_path / "run", *flags, *TINY)
    assert "the training ends here" in done.stderr
    assert "/9" in done.stderr


def test_training_leaves_a_complete_run_folder_and_a_summary(run_folder, lexbits_here):
    for name in (
        "config.toml", "alphabet.json", "data.json", "environment.json", "metrics.jsonl",
        "model.safetensors", "state/last.safetensors", "splits/train.tsv", "splits/dev.tsv",
        "splits/test.tsv", "samples/epoch-001.txt", "samples/epoch-002.txt", "summary.json",
        "figures/training.png", "figures/training.svg",
    ):  # fmt: skip
        assert (run_folder / name).stat().st_size > 0, name
    records = [json.loads(line) for line in (run_folder / "metrics.jsonl").open(encoding="utf-8")]
    assert [record["epoch"] for record in records] == [1, 2]
    done = lexbits_here("train", "--resume", run_folder, "--json")
    summary = document(done)
    assert summary["epochs"] == 2
    assert summary["test"]["nll"] > 0
    assert summary["precision"] == "fp32"  # what auto comes to for networks so small
    assert 'precision = "fp32"' in (run_folder / "config.toml").read_text(encoding="utf-8")
    assert " s (fp32)" in lexbits_here("train", "--resume", run_folder).stdout


def test_evaluate_gives_every_promised_figure(run_folder, lexbits_here):
    figures = document(lexbits_here("evaluate", run_folder, "--samples", "3", "--json"))
    assert figures.keys() >= {
        "split", "words", "symbols", "samples", "elbo", "rate", "distortion", "nll", "nll_se",
        "perplexity_per_symbol", "ess", "dev_overlap_removed",
    }  # fmt: skip
    assert figures["split"] == "test"
    assert figures["elbo"] == pytest.approx(-figures["rate"] - figures["distortion"])
    assert "NLL" in lexbits_here("evaluate", run_folder, "--samples", "3").stdout


def test_evaluate_measures_other_words_and_can_leave_out_known_ones(
    run_folder, lexbits_here, words_file
):
    everything = document(
        lexbits_here("evaluate", run_folder, words_file, "--samples", "2", "--json")
    )
    assert everything["train_overlap"] > 0
    unseen = document(
        lexbits_here(
            "evaluate", run_folder, words_file, "--samples", "2", "--unseen-only", "--json"
        )
    )
    assert unseen["words"] == everything["words"] - everything["train_overlap"]


def test_sample_is_repeatable_with_a_seed_and_can_avoid_known_words(
    run_folder, lexbits, lexbits_here
):
    arguments = ("sample", run_folder, "-n", "5", "--seed", "3", "--new-only", "--json")
    first, second = document(lexbits(*arguments)), document(lexbits_here(*arguments))
    assert first == second
    assert {sample["status"] for sample in first} == {"new"}
    assert len({sample["word"] for sample in first}) == 5


@pytest.mark.parametrize("method", ["greedy", "beam", "sample"])
def test_sample_decodes_a_given_code_by_each_method(run_folder, lexbits_here, method):
    samples = document(
        lexbits_here("sample", run_folder, "-n", "2", "--code", CODE, "--decode", method, "--json")
    )
    assert [sample["code"] for sample in samples] == [CODE, CODE]


def test_encode_and_decode_speak_the_same_codes(run_folder, lexbits_here):
    codes = document(lexbits_here("encode", run_folder, "canto", "hablan", "--json"))
    assert [len(row["code"]) for row in codes] == [4, 4]
    words = document(lexbits_here("decode", run_folder, *(row["code"] for row in codes), "--json"))
    modes = document(lexbits_here("reconstruct", run_folder, "canto", "hablan", "--json"))
    assert [row["word"] for row in words] == [row["mode"] for row in modes]


def test_interpolation_has_both_ends_and_the_asked_number_of_steps(run_folder, lexbits_here):
    for through in ("means", "bits"):
        points = document(
            lexbits_here("interpolate", run_folder, "canto", "hablan", "--steps", "4",
                    "--through", through, "--json")
        )  # fmt: skip
        assert [point["position"] for point in points] == pytest.approx([0, 1 / 3, 2 / 3, 1])


def test_score_reads_arguments_and_standard_input_alike(run_folder, lexbits_here):
    by_argument = document(lexbits_here("score", run_folder, "canto", "xyzxyzxyzxyz", "--json"))
    by_input = document(lexbits_here("score", run_folder, "--json", text="canto\n\nxyzxyzxyzxyz\n"))
    assert by_argument == by_input
    assert by_argument[0]["log_prob"] > by_argument[1]["log_prob"]
    assert by_argument[1]["unseen"] == "xyz"


def test_plot_and_info_work_on_any_run(run_folder, lexbits_here):
    paths = document(lexbits_here("plot", run_folder, "--json"))["figures"]
    assert [path.rsplit(".", 1)[1] for path in paths] == ["png", "svg"]
    assert document(lexbits_here("info", run_folder, "--json"))["finished"] is True


def test_a_model_without_bits_scores_and_samples_and_refuses_the_rest(plain_folder, lexbits_here):
    scores = document(lexbits_here("score", plain_folder, "canto", "--json"))
    assert scores[0]["standard_error"] == 0
    assert lexbits_here("sample", plain_folder, "-n", "2").returncode == 0
    assert document(lexbits_here("evaluate", plain_folder, "--json"))["rate"] == 0
    refused = lexbits_here("encode", plain_folder, "canto")
    assert refused.returncode == 2
    assert "no bits" in refused.stderr


def test_data_commands_list_and_show(lexbits_here, words_file):
    rows = document(lexbits_here("data", "list", "--json"))
    georgian = [row["name"] for row in rows if row["language"] == "Georgian"]
    assert georgian == ["simplemma:ka", "sigmorphon2016:georgian"]
    assert [row["model"] for row in rows if row["name"] == "simplemma:es"] == ["pretrained:es"]
    assert [row["language"] for row in rows] == sorted(row["language"] for row in rows)
    shown = document(lexbits_here("data", "show", words_file, "--json"))
    assert shown["layout"] == "words"
    assert shown["train"] + shown["dev"] + shown["test"] == 216


def test_settings_print_as_toml_that_can_be_given_back(lexbits_here, tmp_path):
    printed = lexbits_here("train", "--preset", "notebook", "--bits", "5", "--print-config").stdout
    path = tmp_path / "settings.toml"
    path.write_text(printed, encoding="utf-8")
    assert lexbits_here("train", "--config", path, "--print-config").stdout == printed
    assert "bits = 5" in printed


def test_results_go_to_stdout_and_messages_to_stderr(run_folder, lexbits_here):
    done = lexbits_here("evaluate", run_folder, "--samples", "2", "--json")
    json.loads(done.stdout)
    done = lexbits_here("score", run_folder, "canto")
    assert "Note" not in done.stdout


def test_a_flag_is_known_by_its_old_name(lexbits_here):
    for given in (["--drawn-words", "2"], ["--drawn-words=2"]):
        done = lexbits_here("train", "--print-config", *given)
        assert "synthetic_words = 2.0" in done.stdout


def test_words_of_a_list_are_excluded_and_it_is_said_what_new_means(
    run_folder, lexbits_here, tmp_path
):
    arguments = ("sample", run_folder, "-n", "20", "--seed", "3", "--json")
    usual = lexbits_here(*arguments)
    assert "new: in none of the model's own words" in usual.stderr
    unwanted = [s["word"] for s in json.loads(usual.stdout)][:5]
    listed = tmp_path / "unwanted.txt"
    listed.write_text("".join(f"{word}\n" for word in unwanted), encoding="utf-8")
    done = lexbits_here(*arguments, "--exclude", listed, "--exclude", "simplemma:es")
    assert done.returncode == 0, done.stderr
    assert not set(unwanted) & {s["word"] for s in json.loads(done.stdout)}


def test_words_that_were_cut_are_counted(lexbits_here, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("".join(f"{a}{b}\n" for a in "bdfgklmn" for b in "aeiou"), encoding="utf-8")
    run = tmp_path / "run"
    trained = lexbits_here(
        "train", words, "--out", run, "--max-length", "2", "--bits", "2", "--hidden-size", "4",
        "--embedding-size", "4", "--encoder-hidden-size", "4", "--epochs", "1", "--teachers", "0",
        "--synthetic-words", "0",
    )  # fmt: skip
    assert trained.returncode == 0, trained.stderr
    samples = document(shown := lexbits_here("sample", run, "-n", "30", "--seed", "1", "--json"))
    assert all(1 <= len(sample["word"]) <= 2 for sample in samples)
    cut = sum(not sample["ended"] for sample in samples)
    assert cut > 0
    assert f"{cut} of 30 words had not ended after 2 characters" in shown.stderr


@pytest.mark.parametrize(
    "arguments",
    [("sample", "-n", "1"), ("decode", "0000"), ("reconstruct", "canto"),
     ("interpolate", "canto", "hablo")],
)  # fmt: skip
def test_ignored_bits_are_told_once_beside_the_words(
    arguments, run_folder, plain_folder, lexbits_here
):
    name, *rest = arguments
    done = lexbits_here(name, run_folder, *rest)
    assert done.stderr.count("posterior collapse") == 1
    assert f"`lexbits evaluate {run_folder}` says what to try" in done.stderr
    if name == "sample":
        assert "collapse" not in lexbits_here(name, plain_folder, *rest).stderr

"""`lexbits models` and `lexbits model-card`."""

import json

import pytest

from lexbits.pretrained import available


def test_the_list_has_all_facts(lexbits_here):
    listed = json.loads(lexbits_here("models", "list", "--json").stdout)
    assert listed == [card.to_dict() for card in available()]
    shown = lexbits_here("models", "list")
    assert "pretrained:es" in shown.stdout
    assert "lexbits sample pretrained:" in shown.stderr


def test_people_see_languages_by_name_and_what_to_do_with_the_usual_one(lexbits_here):
    done = lexbits_here("models", "list")
    assert "pretrained:es  Spanish" in done.stdout
    assert done.stderr.startswith("`lexbits sample pretrained:es` makes up words")


@pytest.mark.parametrize("name", ["es", "pretrained:es"])
def test_a_card_is_markdown(name, lexbits_here):
    assert lexbits_here("models", "card", name).stdout.startswith("# pretrained:es: a generative")


def test_an_unknown_language_is_refused(lexbits_here):
    done = lexbits_here("models", "card", "klingon")
    assert done.returncode == 2
    assert done.stderr.startswith("lexbits: pretrained:klingon: no such model comes with lexbits")
    assert done.stderr.count("\n") == 1


def test_a_run_has_a_card_in_a_file(lexbits_here, run_folder, tmp_path):
    file = tmp_path / "CARD.md"
    for _ in range(2):  # an earlier card is replaced
        done = lexbits_here("model-card", run_folder, "--out", file)
        assert done.stdout == f"{file}\n"
    assert file.read_text("utf-8").startswith(f"# {run_folder.name}: ")
    assert "Kneser-Ney" in file.read_text("utf-8")


def test_another_file_is_not_replaced(lexbits_here, run_folder, tmp_path):
    file = tmp_path / "notes.md"
    file.write_text("mine")
    done = lexbits_here("model-card", run_folder, "--out", file)
    assert done.returncode == 2
    assert "is no model card of lexbits" in done.stderr
    assert file.read_text() == "mine"

"""Arguments that the parser refuses, said in a line: what was expected, and what was found."""

import re

import pytest

from lexbits.cli import main

RUN = "run"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sample"], "expected RUN, found none"),
        (["interpolate", RUN, "olivia"], "expected SECOND, found none"),
        (["sample", RUN, "10", "11"], "expected no other arguments, found '10', '11'"),
        (["sample", RUN, "-n"], "-n: expected a whole number after it, found none"),
        (["sample", RUN, "--sort"], "--sort: expected probability or word after it, found none"),
        (["train", "--resume"], "--resume: expected a path after it, found none"),
        (["sample", RUN, "-n", "ten"], "-n: expected a whole number, found 'ten'"),
        (["sample", RUN, "--temperature", "hot"], "--temperature: expected a number, found 'hot'"),
        (["sample", RUN, "--json=perhaps"], "--json: expected true or false, found 'perhaps'"),
        (["evaluate", RUN, "--split", "t"], "--split: expected one of train, dev, test, found 't'"),
        (["smaple", RUN], "unknown command 'smaple'; did you mean sample?"),
        (["models", "es"], "unknown command 'es'; there are list, card"),
        (["data", "pack", "--out", "PACKED"], "expected DATA, found none"),
        (["sample", RUN, "--csv"], "unknown flag --csv; did you mean --tsv?"),
        (["sample", RUN, "--n", "10"], "unknown flag --n; did you mean -n?"),
        (["sample", RUN, "--xyzzy"], "unknown flag --xyzzy"),
        (["train", "--epochs", "few"], "epochs: expected a whole number or 'auto' or +N, found"),
        (["train", "--prior", "normal"], "prior: expected 'fixed', 'learned', 'made' or"),
    ],
)
def test_arguments_are_refused_in_a_line_that_says_what_is_expected(arguments, said, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"lexbits: {said}")
    assert re.search(r"\(see lexbits( [a-z]+)* --help\)$", line)

"""What the pages say is what the program does: code, tables, figures and commands."""

import re
import shlex
import sys
import textwrap
import warnings
from pathlib import Path

import pytest
import torch

from lexbits.bits import FactorisedBernoulli
from lexbits.checking import assert_sound, measured
from lexbits.checking.marking.exercises import EXERCISES
from lexbits.config import resolve
from lexbits.errors import LexbitsWarning
from lexbits.estimators import ESTIMATORS
from lexbits.estimators.own import take
from lexbits.estimators.registry import estimator_class
from lexbits.objective import make_estimator
from tests.estimators.enumerate import all_estimates, total_variance
from tests.estimators.toy import multi, toy_for

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/estimators.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MATH = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$")
PROSE = re.sub(r"`[^`\n]*`", "", FENCE.sub("", PAGE))


def blocks(language, page=PAGE):
    return [body for kind, body in FENCE.findall(page) if kind == language]


QUOTED = [body for body in blocks("python") if body.startswith("# src/lexbits/")]
OWN = {
    body.splitlines()[0].removeprefix("# "): body for body in blocks("python") if body not in QUOTED
}


def rows(*header):
    """Return the rows of the table with this header, as lists of cells."""
    lines = PAGE.splitlines()
    first = lines.index(" | ".join(["", *header, ""]).strip().replace("|  |", "| |")) + 2
    found = []
    for line in lines[first:]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


TABLE = rows("estimator", "bound", "unbiased", "evaluations", "needs", "reference")
FIGURES = rows("estimator", "S", "evaluations", "variance", "bias")


def occurs(quoted, text):
    """Whether the lines of `quoted` stand in `text` one after another, but for their indent."""
    wanted, lines = quoted.splitlines(), text.splitlines()
    return any(
        textwrap.dedent("\n".join(lines[i : i + len(wanted)])).splitlines() == wanted
        for i in range(len(lines) - len(wanted) + 1)
        if lines[i].strip() == wanted[0].strip()
    )


@pytest.mark.parametrize("quoted", QUOTED, ids=lambda body: body.splitlines()[0][14:])
def test_quoted_code_is_that_of_the_source(quoted):
    file, code = quoted.removeprefix("# ").split("\n", 1)
    assert occurs(code, (ROOT / file).read_text(encoding="utf-8")), code


def test_changed_code_is_found():
    file, code = QUOTED[0].removeprefix("# ").split("\n", 1)
    source = (ROOT / file).read_text(encoding="utf-8")
    assert not occurs(code.replace("z)", "zz)"), source)
    assert not occurs("\n".join(code.splitlines()[::2]), source)


def test_every_estimator_has_its_row_and_its_section_in_order():
    names = list(ESTIMATORS)
    assert [row[0] for row in TABLE] == [f"[`{name}`](#{name})" for name in names]
    sections = re.split(r"^### ", PAGE, flags=re.MULTILINE)
    of_name = {s.split("\n", 1)[0].strip("`"): s for s in sections if s.startswith("`")}
    assert list(of_name) == names
    for name, section in of_name.items():
        assert "$$" in section or name == "ugc", f"{name} has no formula"
        assert any(body in section for body in QUOTED), f"{name} has no code"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0].split("`")[1])
def test_the_table_says_what_the_class_declares(row):
    name, bound, unbiased, evaluations, needs, reference = row
    kind = ESTIMATORS[name.split("`")[1]]
    assert bound == kind.bound
    assert unbiased == ("no" if not kind.unbiased else "up to scale" if kind.bias else "yes")
    assert evaluations == f"${kind.cost}$"
    declared = {
        "all of the objective in $f$": kind.scales_gradient,
        "factorised $q$": kind.needs_factorised_q,
        r"$\partial f/\partial z$": kind.needs_differentiable_f,
        rf"$K \le {kind.most_bits}$": kind.most_bits,
        rf"$S \ge {kind.least_samples}$": kind.least_samples > 1,
        "even $S$": kind.sample_step == 2,
    }
    assert needs == ", ".join(need for need, holds in declared.items() if holds)
    assert reference == kind.reference


def test_the_estimators_said_to_fit_a_structured_posterior_do():
    said = re.search(r'rows without "factorised" in the.*?\. The others', PAGE, re.DOTALL)[0]
    fitting = {name for name, kind in ESTIMATORS.items() if not kind.needs_factorised_q}
    assert set(re.findall(r"`([\w-]+)`", said)) == fitting


def test_every_estimator_has_figures():
    assert [row[0].strip("`") for row in FIGURES] == list(ESTIMATORS)


@pytest.mark.parametrize("row", FIGURES, ids=lambda row: row[0].strip("`"))
def test_figures_are_the_measured_ones(row):
    name, samples, evaluations, variance, bias = row
    kind = ESTIMATORS[name.strip("`")]
    found = measured(kind, toy_for(kind), int(samples))
    assert found.evaluations == int(evaluations)
    assert ("≈" in variance) == (found.method == "sampling")
    # Three digits; or two, where continuous noise is drawn.
    digits = {"rel": 0.05} if "≈" in variance else {"rel": 0.006, "abs": 1e-20}
    assert found.total_variance == pytest.approx(float(variance.strip("≈ ")), **digits)
    assert bool(bias) == (not found.unbiased)
    if bias:
        assert found.max_abs_bias == pytest.approx(float(bias), rel=0.02)


class OfLogWeights:
    """MULTI with its log p(x|z), or with that for which q is the posterior; KL inside f or not."""

    bits = 3

    def __init__(self, at_posterior, inside):
        self.at_posterior, self.inside = at_posterior, inside

    def logits(self):
        return multi().logits()

    def function(self, shift=0.0):
        q, f = FactorisedBernoulli(self.logits().detach()), multi().function(shift)
        return lambda z: (
            (q.log_prob(z) + 0 * f(z) if self.at_posterior else f(z))
            - (q.log_prob(z) if self.inside else 0)
        )


def test_the_variances_of_exact_and_sampled_kl_are_the_measured_ones():
    (_, *near), (_, *far) = rows("", "exact KL", "sampled KL")
    for at_posterior, said in ((True, near), (False, far)):
        for inside, value in zip((False, True), said, strict=True):
            toy = OfLogWeights(at_posterior, inside)
            found = total_variance(*all_estimates(ESTIMATORS["rloo"](3, 3), toy, 2))
            assert found == pytest.approx(float(value), rel=0.002, abs=1e-20)


def test_the_example_estimator_is_sound(tmp_path, monkeypatch):
    for file in ("my.py", "test_my.py"):
        (tmp_path / file).write_text(OWN[file], encoding="utf-8")
    kind = estimator_class(f"{tmp_path / 'my.py'}:Mine")
    assert_sound(kind)
    monkeypatch.syspath_prepend(tmp_path)
    names = {}
    exec(compile(OWN["test_my.py"], "test_my.py", "exec"), names)
    assert callable(names["test_my_estimator_is_sound"])
    with torch.no_grad():
        q = FactorisedBernoulli(torch.zeros(2, 3))
        assert kind(3, 3).estimate(q, lambda z: z.sum(-1), 4).value.shape == (2,)


def test_every_example_is_run_or_compared():
    assert set(OWN) == {"my.py", "test_my.py", "notebook.py", "exercises.py"}


def test_the_exercise_is_marked_as_the_page_shows(capsys):
    names = {}
    exec(compile(OWN["exercises.py"], "exercises.py", "exec"), names)
    assert capsys.readouterr().out == blocks("text")[0]
    said = rows("exercise", "function", "returns, for each word")
    assert [row[0].strip("`") for row in said] == list(EXERCISES)
    for name, function, _ in said:
        parameters = ", ".join(EXERCISES[name.strip("`")].parameters)
        assert re.search(r"\((.*)\)", function)[1] == parameters


def test_the_example_estimator_trains_a_model_from_python(tmp_path, monkeypatch):
    (tmp_path / "my.py").write_text(OWN["my.py"], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "my", raising=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LexbitsWarning)  # the words are few
        exec(compile(OWN["notebook.py"], "notebook.py", "exec"), {})
    assert (tmp_path / "kept" / "estimator.py").read_text(encoding="utf-8") == OWN["my.py"]


TRAININGS = [line for body in blocks("sh") for line in body.splitlines() if "lexbits train" in line]
RESUMED = [line for line in TRAININGS if "--resume" in line]
"""These are run in tests/cli/test_own_estimator.py."""


@pytest.mark.parametrize("line", [line for line in TRAININGS if line not in RESUMED])
def test_trainings_that_are_shown_are_possible(line, tmp_path, monkeypatch):
    (tmp_path / "my.py").write_text(OWN["my.py"], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line.removeprefix("lexbits train"))
    flags = dict(zip(words[::2], words[1::2], strict=True))
    assert flags.pop("--out")
    settings = resolve({name[2:].replace("-", "_"): value for name, value in flags.items()})
    take(settings.estimator)
    make_estimator(settings, 8)


def test_math_is_such_that_github_shows_it():
    """Markdown takes `\\{`, `*`, `<`, some `_` and `](` for its own; a `$` needs its space."""
    for formula in (m[1] or m[2] for m in MATH.finditer(PROSE)):
        assert not re.search(r"\\[^A-Za-z]|[^A-Za-z0-9]_|[*~<>]|\]\(", formula), formula
        assert formula == formula.strip(), formula
    for match in MATH.finditer(PROSE):
        around = PROSE[match.start() - 1] + PROSE[match.end()]
        assert match[1] or re.fullmatch(r"[\s(*][\s.,;:)*]", around), match[0] + around
    for line in PROSE.splitlines():
        assert line.count("$") % 2 == 0, line
        assert line.startswith("|") or len(re.sub(r"\$\$.*", "", line)) <= 110, line


def test_links_lead_to_headings_and_files():
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", PAGE), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}
    links = re.findall(r"\]\(([^)]+)\)", re.sub(r"\$[^$\n]*\$", "", PAGE))
    for link in links:
        assert link[1:] in anchors if link.startswith("#") else (ROOT / "docs" / link).exists()


def test_the_places_that_contributors_are_sent_to_exist():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:src|tests|docs|\.ci)/[\w./-]*|[A-Z]+\.md)`", page)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []
    names = re.findall(r"in (?:the table )?`([A-Z][A-Za-z]+)`|, `([A-Z][A-Za-z]+)`:", page)
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    for name in {first or second for first, second in names}:
        assert re.search(rf"^(class )?{name}\b", source, re.MULTILINE), name

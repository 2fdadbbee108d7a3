"""Whatever a reader's function does, marking it ends with a sentence."""

import functools
import linecache

import pytest
import torch

from lexbits.checking import mark
from lexbits.checking.marking.exercises import exercise_of
from lexbits.errors import UsageError


def of(body, name="elbo", parameters="q, prior, log_likelihood, samples"):
    """Return a function as a notebook's cell defines it: there is no file."""
    source = f"def {name}({parameters}):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    file = f"<cell {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    names = {"torch": torch}
    exec(compile(source, file, "exec"), names)
    return names[name]


@pytest.mark.parametrize(
    ("body", "name", "said"),
    [
        ("q.smaple(samples)", "it stops with an error", "line 2, `q.smaple(samples)`: Attribut"),
        ("raise SystemExit", "it stops with an error", "SystemExit"),
        ("log_likelihood(q.sample(samples))", "nothing is returned", "found None"),
        ("return 3.0", "the result is no tensor", "found a float"),
        ("return q.logits.detach().numpy()", "the result is no tensor", "found numpy"),
        ("return q.kl(prior), q.kl(prior)", "the result is no tensor", "found a tuple of 2"),
        ("return q.kl(prior).long()", "the result has the type int64", "float32"),
        ("return (q.kl(prior) - 10).log()", "the result holds NaN", "NaN"),
        ("return torch.zeros(5, 7)", "the shape of the result is wrong", "found [5, 7]"),
        ("k = q.kl(prior)\nreturn k[:, None] - k", "words meet each other", "[5, 5]"),
        ("z = q.sample(samples)\nreturn log_likelihood(z.transpose(0, 1)).mean(0)",
         "it stops with an error", "line 3"),
        ("return log_likelihood(q.sample(samples)[..., :2]).mean(0)",
         "it stops with an error", "expected z of shape [S, B, K]"),
        ("return torch.zeros(5)",
         "the shape of the result depends on the batch", "it gave [5]"),
        ("v = log_likelihood(q.sample(samples)).mean(0) - q.kl(prior)\n"
         "v.sum().backward()\nreturn v", "a graph is used twice", "backward"),
    ],
)  # fmt: skip
def test_what_cannot_be_measured_is_said(body, name, said):
    marks = mark(of(body))
    (mistake,) = marks.mistakes
    assert not marks.right
    assert mistake.name == name
    assert said in mistake.effect


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("return log_likelihood(q.sample(samples)) - q.kl(prior)",
         "samples are left in the result"),
        ("return (log_likelihood(q.sample(samples)).mean(0) - q.kl(prior)).mean()",
         "the words of the batch are averaged"),
        ("return (log_likelihood(q.sample(samples)).mean(0) - q.kl(prior)).sum()",
         "the words of the batch are summed"),
        ("z = q.sample(samples)\n"
         "return (log_likelihood(z) + prior.log_prob(z) - q.log_prob(z)).mean(1)",
         "the words are put together, in place of the samples"),
        ("return (log_likelihood(q.sample(samples)).mean(0) - q.kl(prior))[:, None]",
         "an axis of one is left in the result"),
    ],
)  # fmt: skip
def test_a_wrong_axis_is_named_and_the_rest_marked(body, name):
    marks = mark(of(body))
    assert not marks.right
    assert [mistake.name for mistake in marks.mistakes] == [name]
    assert all(part.right for part in marks.measured)


def test_behind_a_wrong_shape_the_other_mistake_is_seen():
    marks = mark(of("return -(log_likelihood(q.sample(samples)).mean(0) - q.kl(prior)).mean()"))
    assert [mistake.name for mistake in marks.mistakes] == [
        "the words of the batch are averaged",
        "the sign of the whole is turned",
    ]


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("a, b = q.mean, prior.mean\n"
         "k = a * (a / b).log() + (1 - a) * ((1 - a) / (1 - b)).log()\n"
         "return log_likelihood(q.sample(samples)).mean(0) - k.sum(-1)", "where a bit is certain"),
    ],
)  # fmt: skip
def test_what_is_right_on_ordinary_numbers_may_break_down(body, what):
    (mistake,) = mark(of(body)).mistakes
    assert mistake.name.startswith("it breaks down")
    assert what in mistake.name


def test_an_underflow_is_found():
    body = (
        "z = q.sample(samples)\n"
        "w = log_likelihood(z) + prior.log_prob(z) - q.log_prob(z)\n"
        "return w.exp().mean(0).log()"
    )
    (mistake,) = mark(of(body), "log-likelihood").mistakes
    assert mistake.name == "it breaks down for improbable words"


def test_what_is_printed_is_shown_once(capsys):
    body = "print('z')\nreturn log_likelihood(q.sample(samples)).mean(0) - q.kl(prior)"
    assert mark(of(body)).right
    assert capsys.readouterr().out == "z\n"


def test_an_average_that_keeps_its_graph_is_found():
    body = (
        "global b\n"
        "z = q.sample(samples)\n"
        "v = f(z)\n"
        "a = v.detach() - b\n"
        "b = 0.9 * b + 0.1 * v.mean()\n"
        "return (v + a * q.log_prob(z)).mean(0)"
    )
    function = of(body, "reinforce", "q, f, samples")
    function.__globals__["b"] = torch.zeros(())
    assert mark(function).mistakes[0].name == "a graph is used twice"


def elbo_of_two(weight, q, prior, log_likelihood, samples):
    return log_likelihood(q.sample(samples)).mean(0) - weight * q.kl(prior)


class Callable:
    def __call__(self, q, prior, log_likelihood, samples):
        return log_likelihood(q.sample(samples)).mean(0) - q.kl(prior)


@pytest.mark.parametrize(
    "function",
    [
        functools.partial(elbo_of_two, 1.0),
        Callable(),
        Callable().__call__,
        lambda q, p, f, s, verbose=False: f(q.sample(s)).mean(0) - q.kl(p),
    ],
)
def test_whatever_can_be_called_is_marked(function):
    assert mark(function).right


@pytest.mark.parametrize(
    ("name", "parameters", "exercise"),
    [
        ("elbo", "q, prior, log_likelihood, samples", "elbo"),
        ("my_log_likelihood", "q, prior, log_likelihood, samples", "log-likelihood"),
        ("iwae", "q, p, f, n", "log-likelihood"),
        ("reinforce", "q, f, samples", "surrogate"),
        ("rloo", "q, f, samples", "leave-one-out"),
        ("leave_one_out", "q, f, S", "leave-one-out"),
        ("kl", "q, p", "kl"),
        ("divergence", "a, b", "kl"),
        ("anything", "prior, log_likelihood, bits", "exact"),
    ],
)
def test_the_exercise_is_told_by_parameters_and_name(name, parameters, exercise):
    assert mark(of("return None", name, parameters)).exercise == exercise


def test_parameters_of_no_exercise_are_a_mistake():
    (mistake,) = mark(lambda a: a).mistakes
    assert "exact(prior, log_likelihood, bits)" in mistake.effect


@pytest.mark.parametrize(
    ("given", "said"),
    [((3,), "expected a function or a class"), ((lambda q, p: 1, "kll"), "expected the exercise")],
)
def test_what_is_no_function_and_no_exercise_is_refused(given, said):
    with pytest.raises(UsageError, match=said):
        mark(*given)


def test_the_random_numbers_of_the_reader_are_left_alone():
    state = torch.get_rng_state()
    mark(Callable())
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize(
    ("name", "exercise"),
    [
        ("reinforce", "surrogate"),
        ("leave_one_out", "leave-one-out"),
        ("importance", "log-likelihood"),
    ],
)
def test_an_exercise_may_be_named_as_the_lesson_names_its_function(name, exercise):
    assert exercise_of(len, name).name == exercise

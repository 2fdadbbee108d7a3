"""Whatever a reader's function does, marking it ends with a sentence."""

import functools
import linecache

import numpy as np
import pytest
import torch

from lexbits.checking import mark
from lexbits.checking.marking import calls
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
        ("return logg(q.mean)", "it stops with an error", "NameError"),
        ("raise GeneratorExit", "it stops with an error", "GeneratorExit"),
        ("class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd",
         "it stops with an error", "`raise Odd`: Odd"),
        ("raise ValueError('a' * 10_000)", "it stops with an error", "aaa …"),
        ("yield q.kl(prior)", "the result is no tensor", "found a generator"),
        ("return q.kl", "the result is no tensor", "which can be called"),
        ("return list(q.kl(prior))", "the result is no tensor", "a list of 5 tensors"),
        ("return q.kl(prior).half()", "the result has the type float16", "seven digits"),
        ("return q.kl(prior).to_sparse()", "the result is no ordinary tensor", "sparse"),
        ("return torch.zeros(5, device='meta')", "the result is no ordinary tensor", "on meta"),
        ("q.logits.data.zero_()\nreturn q.kl(prior)", "it changes what it is given", "After"),
        ("q.logits = q.logits + 1\nreturn q.kl(prior)", "it changes what it is given", "After"),
        ("torch.manual_seed(5)\nz = torch.bernoulli(q.mean.detach().expand(samples, -1, -1))\n"
         "return log_likelihood(z).mean(0) - q.kl(prior)",
         "it sets the seed of the random numbers", "all calls draw the same"),
        ("return log_likelihood(q.sample(1000)).mean(0) - q.kl(prior)",
         "it draws too often", "1000 samples of each word, in 1 draw:"),
        ("v = log_likelihood(q.sample(samples))\nreturn (v / v.std(0)).mean(0) - q.kl(prior)",
         "the result holds NaN or infinity for some draws", "the same code"),
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


def test_what_is_right_but_breaks_down_where_a_bit_is_certain_is_right_with_a_caution():
    body = (
        "a, b = q.mean, prior.mean\n"
        "k = a * (a / b).log() + (1 - a) * ((1 - a) / (1 - b)).log()\n"
        "return log_likelihood(q.sample(samples)).mean(0) - k.sum(-1)"
    )
    marks = mark(of(body))
    assert marks.right, marks
    assert any(note.startswith("Mind: it breaks down where a bit is cert") for note in marks.notes)


@pytest.mark.parametrize("body", ["return None", "pass", "...", "raise NotImplementedError"])
def test_an_exercise_that_is_not_written_is_no_mistake_yet(body):
    marks = mark(of(body))
    assert not marks.right
    assert marks.mistakes == ()
    assert str(marks).startswith("○ elbo is not written yet.")
    assert "#e53935" not in marks._repr_html_()


def test_a_call_without_end_is_stopped(monkeypatch):
    monkeypatch.setattr(calls, "PATIENCE", 0.2)
    body = "import time\nend = time.monotonic() + 20\nwhile time.monotonic() < end: pass"
    (mistake,) = mark(of(body)).mistakes
    assert mistake.name == "it does not come to an end"


def test_an_interrupt_of_the_reader_is_passed_on():
    with pytest.raises(KeyboardInterrupt):
        mark(of("raise KeyboardInterrupt"))


@pytest.mark.parametrize(
    "setting",
    ["torch.set_grad_enabled(False)", "torch.set_default_dtype(torch.float64)"],
)
def test_what_a_function_sets_for_all_is_set_back(setting):
    mark(of(f"{setting}\nreturn log_likelihood(q.sample(samples)).mean(0) - q.kl(prior)"))
    assert torch.is_grad_enabled()
    assert torch.get_default_dtype() is torch.float32


@pytest.mark.parametrize("around", [torch.no_grad, torch.inference_mode])
def test_where_gradients_are_switched_off_it_is_marked_all_the_same(around):
    with around():
        assert mark(Callable())


def test_noise_of_numpy_is_seen_and_its_generator_left_alone():
    body = (
        "u = torch.from_numpy(numpy.random.rand(samples, *q.logits.shape))\n"
        "return log_likelihood((u < q.mean).double()).mean(0) - q.kl(prior)"
    )
    function = of(body)
    function.__globals__["numpy"] = np
    state = np.random.get_state()[1].tobytes()
    assert "40,000 draws" in str(mark(function))
    assert np.random.get_state()[1].tobytes() == state


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


def elbo_by_name(samples, log_likelihood, *, prior, q):
    return log_likelihood(q.sample(samples)).mean(0) - q.kl(prior)


def elbo_of_whatever(*given):
    return elbo_of_two(1.0, *given)


class Module(torch.nn.Module):
    def forward(self, q, prior, log_likelihood, samples):
        return log_likelihood(q.sample(samples)).mean(0) - q.kl(prior)


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
        elbo_by_name,
        elbo_of_whatever,
        Module(),
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

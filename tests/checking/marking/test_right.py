"""What is right is found right, however it is written, and told how noisy it is."""

import pytest

from lexbits.checking import mark
from tests.checking.marking import written_right as right


@pytest.mark.parametrize(
    ("function", "exercise"),
    [(f, "elbo") for f in right.ELBOS]
    + [(f, "surrogate") for f in right.SURROGATES]
    + [(f, None) for f in right.OTHERS],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_right_answer_is_right(function, exercise):
    marks = mark(function, exercise)
    assert marks.right, marks
    assert marks
    assert marks.mistakes == ()
    assert all(part.right is not False for part in marks.measured)


@pytest.mark.parametrize("function", [right.leave_one_out, right.var_grad, right.rloo_in_a_loop])
def test_leave_one_out_is_told_from_its_outcomes(function):
    marks = mark(function, "leave-one-out")
    assert marks.right, marks
    assert marks.variance == pytest.approx(marks.variance_of_rloo)
    assert "it is the leave-one-out estimator" in str(marks)


def test_variances_stand_beside_one_another():
    marks = mark(right.reinforce)
    assert marks.variance == pytest.approx(marks.variance_of_reinforce)
    assert marks.variance_of_best_constant < marks.variance_of_rloo < marks.variance
    assert "plain REINFORCE" in str(marks)


def test_the_gradient_of_log_q_is_no_mistake_but_noise():
    marks = mark(right.with_gradient_of_log_q, "surrogate")
    assert marks.variance > marks.variance_of_reinforce
    assert "noisier than with nothing subtracted" in " ".join(marks.notes)


@pytest.mark.parametrize("function", [right.reinforce, right.others_divided_by_samples])
def test_another_baseline_is_no_leave_one_out(function):
    (mistake,) = mark(function, "leave-one-out").mistakes
    assert mistake.name == (
        "nothing is subtracted"
        if function is right.reinforce
        else "the baseline is not the mean of the other samples"
    )


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (right.exact_kl, "that of −KL alone"),
        (right.sampled_kl, "is zero on average"),
        (right.with_its_score, "a surrogate already"),
        (right.own_coins, "40,000 draws"),
    ],
)
def test_an_elbo_is_told_what_it_leaves_to_the_surrogate(function, said):
    assert said in " ".join(mark(function, "elbo").notes)


def test_a_baseline_of_other_words_is_measured_with_all_outcomes_of_a_batch():
    assert "depends on the other words" in " ".join(mark(right.other_word, "surrogate").notes)


def test_a_running_average_is_measured_once_it_has_settled():
    kept = [0.0]

    def reinforce(q, f, samples):
        z = q.sample(samples)
        value = f(z)
        advantage = value.detach() - kept[0]
        kept[0] = 0.9 * kept[0] + 0.1 * value.mean().item()
        return (value + advantage * q.log_prob(z)).mean(0)

    marks = mark(reinforce)
    assert marks.right, marks
    assert marks.variance < 0.1 * marks.variance_of_reinforce
    assert "keeps something between calls" in str(marks)

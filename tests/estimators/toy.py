"""Two toys whose gradients, biases and variances are known, computed without this code.

The same numbers as in facts/toys.json. SINGLE: q has 3 bits, f(z) = tanh(z Wᵀ + c)·v + offset.
MULTI: log p(x|z) has that form and p(z) is uniform.
"""

from lexbits.checking.toys import Toy, ToyNumbers
from lexbits.estimators import Estimator

SINGLE = {
    "phi": [1.764052345967664, 0.4001572083672233, 0.9787379841057392],
    "W": [
        [3.3613397988021867, 2.8013369852249514, -1.4659168198146166],
        [1.425132626288384, -0.22703581244654683, -0.15482827769033677],
        [0.6158977529075584, 0.216065356741317, 2.1814102604444625],
        [1.14155658772049, 0.18251252473924262, 0.6657948491181385],
        [0.5005114910614002, 2.241118609736409, -0.3077373956487013],
        [0.46960155247635205, -1.2811436089525872, -3.829484723751118],
    ],
    "c": [
        0.6536185954403606,
        0.8644361988595057,
        -0.7421650204064419,
        2.2697546239876076,
        -1.4543656745987648,
        0.04575851730144607,
    ],
    "v": [
        -0.3743677000516672,
        3.065558428716915,
        2.93871753980057,
        0.3098948513938326,
        0.7563250392043471,
        -1.7755714952602255,
    ],
    "offset": -30.0,
    "exact_gradient": [0.20959354103798344, 0.41759879714450143, 0.8511422137647138],
    "total_variance": {
        "reinforce_S1": 351.4133,
        "reinforce_mean_baseline_oracle": 3.4437,
        "reinforce_optimal_constant_oracle": 2.7685,
        "rloo_S2": 3.6313,
        "rloo_S4": 1.1792,
        "disarm_1_pair": 2.776,
        "disarm_2_pairs": 1.388,
        "arm_1_pair": 3.4309,
        "arms_n2": 2.776,
        "arms_n4": 0.8816,
        "double_cv_S2_oracle_alpha_-1.21": 1.4508,
        "double_cv_S4_oracle_alpha_-0.98": 0.6548,
        "leg": 0.1601,
        "bitflip1": 2.3659,
        "straight_through": 0.8836,
        "reinmax_tau1": 3.1422,
    },
    "max_abs_bias": {
        "straight_through": 0.247,
        "reinmax_tau1": 0.206,
        "wrong_rloo_without_S_over_S_minus_1_S2": 0.426,
        "wrong_rloo_without_S_over_S_minus_1_S4": 0.213,
        "wrong_arms_without_debias_n2": 0.32,
        "wrong_arms_without_debias_n4": 0.207,
    },
}
MULTI = {
    "phi": [1.7886284734303186, 0.43650985051198943, 0.09649746807200862],
    "W": [
        [-2.795239055046736, -0.4160823037715986, -0.5321384689034802],
        [-0.12411222222368966, -0.9405010152357709, -0.06572725346389235],
        [-0.715827045539254, -1.9707971300440232, 1.326933570749377],
        [1.3219770633112948, 2.5643595954794227, 0.07505046326529032],
        [-0.6070161219013362, -0.8180399214292957, -2.3197159733744526],
        [1.4735511513872401, -1.6516014451672136, -1.7775697905302592],
    ],
    "c": [
        -0.20564989942254108,
        1.4861483550745902,
        0.23671626722691233,
        -1.0237851399264681,
        -0.7129932001120494,
        0.6252449661628293,
    ],
    "v": [
        -0.3210267263738478,
        -1.53767270063846,
        -0.4600614445558781,
        1.4901125328107416,
        3.952221566252605,
        -2.488246657911874,
    ],
    "offset": -20.0,
    "log_px": -21.265245,
    "bound_by_S": {"1": -23.458507, "2": -22.590566, "3": -22.166041, "4": -21.923881},
    "elbo_gap": 2.1932616,
    "total_variance": {
        "iwae_plain_score_S2": 668.7248,
        "iwae_plain_score_S4": 1223.2607,
        "vimco_geometric_S2": 3.3644,
        "vimco_geometric_S3": 1.917,
        "vimco_geometric_S4": 1.2431,
        "vimco_arithmetic_S3": 2.1467,
        "vimco_arithmetic_S4": 1.4334,
    },
}


def single(**changes):
    return Toy("single", ToyNumbers.model_validate(SINGLE | changes), joint=False)


def multi(**changes):
    return Toy("multi", ToyNumbers.model_validate(MULTI | changes), joint=True)


def toy_for(kind, **changes):
    """Return the toy for what an estimator estimates."""
    return single(**changes) if kind.bound == "elbo" else multi(**changes)


class Declared(Estimator):
    """What an estimator of a test declares, if it says nothing else."""

    summary, reference, bound, unbiased = "of a test", "none", "elbo", True
    needs_factorised_q, needs_differentiable_f, cost = False, False, "S"

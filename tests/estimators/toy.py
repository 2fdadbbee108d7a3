"""The toy whose gradient and variances are known: q has 3 bits, f(z) = tanh(z Wᵀ + c)·v + offset.

The same numbers as in facts/toys.json ("single_sample_objective"), where they were computed
without this code.
"""

import torch

TOY = {
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
}
VARIANCE = {
    "reinforce_S1": 351.4133,
    "reinforce_mean_baseline_oracle": 3.4437,
    "rloo_S2": 3.6313,
    "rloo_S4": 1.1792,
}
BIAS = {
    "wrong_rloo_without_S_over_S_minus_1_S2": 0.426,
    "wrong_rloo_without_S_over_S_minus_1_S4": 0.213,
}


class ToyFunction(torch.nn.Module):
    """f(z), with parameters to differentiate; counts how often it is evaluated."""

    def __init__(self, shift=0.0):
        super().__init__()
        for name in ("W", "c", "v"):
            values = torch.tensor(TOY[name], dtype=torch.float64)
            self.register_parameter(name, torch.nn.Parameter(values))
        self.offset = TOY["offset"] + shift
        self.evaluations = 0

    def forward(self, z):
        self.evaluations += z.shape[0]
        return torch.tanh(z @ self.W.T + self.c) @ self.v + self.offset


def toy_logits():
    return torch.tensor(TOY["phi"], dtype=torch.float64, requires_grad=True)

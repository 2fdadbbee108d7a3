import subprocess
import sys

import pytest

from lexbits.studies.figures import training_figure

RECORDS = [
    {
        "epoch": epoch, "train_elbo": -20.0, "dev_elbo": -21.0, "train_rate": 1.0, "dev_rate": 1.0,
        "dev_nll": 20.0 - epoch, "dev_score": 20.0 - epoch, "dev_perplexity_per_symbol": 8.0,
    }
    for epoch in (1, 2, 3)
]  # fmt: skip


@pytest.mark.parametrize(("kind", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_a_figure_is_the_bytes_of_a_file_and_always_the_same(kind, begins):
    figure = training_figure(RECORDS, kind)
    assert figure.startswith(begins)
    assert training_figure(RECORDS, kind) == figure


def test_the_backend_of_whoever_draws_is_left_alone():
    program = (
        "import matplotlib; matplotlib.use('svg')\n"
        "from lexbits.studies.figures import training_figure\n"
        f"training_figure({RECORDS}, 'png')\n"
        "import sys; assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert matplotlib.get_backend() == 'svg', matplotlib.get_backend()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)

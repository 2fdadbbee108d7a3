"""Whoever imports lexbits keeps the matplotlib that they have set up."""

import subprocess
import sys

PROGRAM = """
import importlib, pkgutil, sys
import matplotlib
matplotlib.use("pdf")
matplotlib.rcParams["font.size"] = 20
before = matplotlib.rcParams.copy()
import lexbits
for module in pkgutil.walk_packages(lexbits.__path__, "lexbits."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
from tests.figures.test_accounting import account, accounting_figure
from tests.figures.test_gain import gain_figure, gains
from tests.figures.test_training import course, training_figure
from lexbits.figures.bits import bits_figure
from lexbits.figures.style import as_file, as_inline_svg
as_file(training_figure([course()]), "png")
as_file(accounting_figure([account()]), "pdf")
as_inline_svg(gain_figure([gains()]), "name", "title")
bits_figure([0.5], [0.1], 10)._repr_png_()
assert matplotlib.rcParams.copy() == before
assert matplotlib.get_backend() == "pdf"
assert "matplotlib.pyplot" not in sys.modules
"""


def test_importing_and_drawing_change_no_backend_and_no_setting_and_load_no_pyplot():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

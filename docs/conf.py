"""How `sphinx-build -W -n -q docs site` builds the documentation: a folder that works offline."""

import hashlib
import os
import shutil
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

from sphinx.application import Sphinx

DOCS = Path(__file__).parent
ROOT = DOCS.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
sys.path.insert(0, str(DOCS / "_ext"))

project = PROJECT["name"]
release = version = PROJECT["version"]
author = "The lexbits authors"
copyright = "the lexbits authors; MIT licence"  # noqa: A001  the name that Sphinx reads

extensions = [
    "myst_nb",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinx.ext.mathjax",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "generated",
    "links",
    "made",
    "notebooks",
    "pictures",
    "python_api",
    "shown",
    "sources",
]
exclude_patterns = ["_ext", "**/.ipynb_checkpoints"]
nitpicky = True
source_suffix = {".md": "myst-nb"}

html_theme = "furo"
html_title = f"{project} {release}"
html_static_path = ["_static", str(files("sphinx-mathjax-offline") / "static/mathjax/tex-svg.js")]
mathjax_path = "tex-svg.js"  # formulas drawn in the page, as SVG: browsers load no fonts from disk
html_css_files = ["lexbits.css"]
html_copy_source = False
html_show_search_summary = False  # a page from disk may not read another
html_show_sphinx = False
pygments_style = "friendly"
pygments_dark_style = "github-dark"
smartquotes_action = "q"  # dashes stay what they are: two of them begin a flag
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True

# Headings have the anchors that GitHub gives them, so that one link serves both.
myst_heading_anchors = 5
myst_enable_extensions = [
    "amsmath",
    "attrs_inline",
    "colon_fence",
    "deflist",
    "dollarmath",
    "html_image",
]
myst_dmath_double_inline = True
suppress_warnings: list[str] = []

add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
default_role = "name"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88

os.environ.setdefault("OMP_NUM_THREADS", "1")
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_timeout = 600
nb_merge_streams = True


def digest_of(folder: Path, also: str = "") -> str:
    """Return a digest of all files in a folder."""
    digest = hashlib.sha256(also.encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def cache_of_notebooks() -> Path:
    """Return where the outputs of notebooks are kept: lexbits makes them, not the cells alone."""
    folder = ROOT / ".jupyter_cache"
    kept = folder / digest_of(ROOT / "src", os.environ.get("LEXBITS_LESSON", ""))
    for other in folder.glob("*"):
        if other != kept:
            shutil.rmtree(other)
    return kept


nb_execution_cache_path = str(cache_of_notebooks())

# Kernels have a profile of their own, not that of whoever builds, and say errors only: each would
# warn that it listens on this machine.
profile = Path(nb_execution_cache_path, "ipython", "profile_default")
profile.mkdir(parents=True, exist_ok=True)
(profile / "ipython_kernel_config.py").write_text('get_config().IPKernelApp.log_level = "ERROR"\n')
os.environ["IPYTHONDIR"] = str(profile.parent)


def setup(app: Sphinx) -> None:
    """Let all pages be read again when one of the extensions here has changed."""
    app.add_config_value("digest_of_extensions", digest_of(DOCS / "_ext"), "env")

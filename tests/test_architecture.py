"""The house has storeys, and a file imports only from storeys below its own.

The numbering is that of docs/architecture.md. Files of one room, a folder, know each other; rooms
and files of one storey do not.
"""

import ast
import subprocess
import sys
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from xml.etree import ElementTree

import pytest

import lexbits

ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path(lexbits.__file__).parent
STOREYS = [
    ["accelerators", "errors", "processes", "randomness", "tables"],
    ["alphabet", "arguments", "config", "files", "languages", "results"],
    ["data", "bits", "pretrained"],
    ["estimators", "ngram", "model"],
    ["objective", "decoding", "likelihood", "checking"],
    ["measures"],
    ["training"],
    ["runs", "figures", "report"],
    ["word_model"],
    ["studies", "sklearn"],
    ["cli"],
    ["__main__"],
]
STOREY = {room: number for number, rooms in enumerate(STOREYS) for room in rooms}
MOST_LINES = 400
FILES = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))


def room(module):
    """Return the room of a module of lexbits: "data" for lexbits.data.corpus."""
    return module.split(".")[1]


def name_of(file):
    """Return the module in a file: lexbits.data for data/__init__.py."""
    parts = ["lexbits", *Path(file).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def exists(module):
    path = SOURCE.parent.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def imports(tree, module="lexbits.x"):
    """Yield the modules of lexbits that a syntax tree imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] == "lexbits")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import"
            if node.module and node.module.split(".")[0] == "lexbits":
                inside = [f"{node.module}.{a.name}" for a in node.names]
                modules = [name if exists(name) else node.module for name in inside]
                yield from dict.fromkeys(modules)


def violations(file, text):
    """Return the imports of a file that lead up, or across to another room."""
    module = name_of(file)
    found = [name for name in imports(ast.parse(text), module) if name != "lexbits"]
    return [
        f"{module} (storey {STOREY[room(module)]}) imports {name} (storey {STOREY[room(name)]})"
        for name in found
        if room(name) != room(module) and STOREY[room(name)] >= STOREY[room(module)]
    ]


def read(file):
    return (SOURCE / file).read_text(encoding="utf-8")


def test_every_file_has_a_storey_and_every_storey_its_files():
    rooms = {room(name_of(file)) for file in FILES if file != "__init__.py"}
    assert rooms == set(STOREY)
    assert len(STOREY) == sum(map(len, STOREYS))


@pytest.mark.parametrize("file", [file for file in FILES if file != "__init__.py"])
def test_a_file_imports_only_from_storeys_below(file):
    assert violations(file, read(file)) == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("errors.py", "from lexbits.alphabet import END"),
        ("alphabet.py", "import lexbits.config"),
        ("bits/factorised.py", "from lexbits import data"),
        ("model/decoder.py", "def late():\n    from lexbits.estimators import base"),
        ("training/loop.py", "from lexbits.runs.folder import RunFolder"),
        ("word_model/model.py", "from lexbits.studies import rates"),
    ],
)
def test_an_import_that_leads_up_or_across_is_found(file, text):
    assert len(violations(file, text)) == 1


def test_the_files_of_a_room_do_not_import_each_other_in_a_circle():
    packages = {name_of(file) for file in FILES if file.endswith("__init__.py")}
    # What a package gathers is for others: its own files import each other directly.
    graph = {
        name_of(file): set(imports(ast.parse(read(file)))) - packages
        for file in FILES
        if name_of(file) not in packages
    }
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_the_drawing_of_the_house_shows_its_rooms():
    drawing = ElementTree.parse(ROOT / "docs" / "images" / "house.svg")
    storeys = defaultdict(list)
    for text in drawing.iter("{http://www.w3.org/2000/svg}text"):
        if text.get("class") == "room":
            storeys[int(text.get("y"))].append(text.text)
    drawn = [sorted(storeys[height]) for height in sorted(storeys, reverse=True)]
    assert drawn == [sorted(rooms) for rooms in STOREYS if rooms != ["__main__"]]


def test_no_file_is_longer_than_can_be_read_in_one_sitting():
    lengths = {file: len(read(file).splitlines()) for file in FILES}
    assert {file: n for file, n in lengths.items() if n > MOST_LINES} == {}


def test_the_scripts_of_the_page_can_be_read_in_one_sitting():
    scripts = [read(f"report/{name}.js").splitlines() for name in ("model", "page")]
    assert sum(map(len, scripts)) <= 500


HEAVY = ("torch", "lightning_fabric", "safetensors", "matplotlib", "optuna", "sklearn", "pandas")


@pytest.mark.parametrize(
    "program",
    [
        "import lexbits; lexbits.__version__; dir(lexbits)",
        "import lexbits.config, lexbits.errors, lexbits.alphabet, lexbits.data",
        "import lexbits.cli",
        "import lexbits.cli\ntry: lexbits.cli.main(['--help'])\nexcept SystemExit: pass",
        "import lexbits.cli\ntry: lexbits.cli.main(['train', '--help'])\nexcept SystemExit: pass",
        "import lexbits.cli\ntry: lexbits.cli.main(['train', '--print-config'])\n"
        "except SystemExit: pass",
        "import lexbits.cli\ntry: lexbits.cli.main(['tune', '--help'])\nexcept SystemExit: pass",
        "import lexbits.cli\ntry: lexbits.cli.main(['sweep', 'rate', '--help'])\n"
        "except SystemExit: pass",
        "import lexbits.cli\ntry: lexbits.cli.main(['--version'])\nexcept SystemExit: pass",
    ],
)
def test_what_must_answer_at_once_loads_no_torch(program):
    look = f"\nimport sys; print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", program + look], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip().splitlines()[-1] == "[]"


def test_the_help_of_the_module_loads_no_torch():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "lexbits", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "lexbits.cli" in loaded
    assert loaded.isdisjoint(HEAVY)
    assert "train" in done.stdout


def test_only_a_training_loads_the_engine_for_many_devices():
    """It takes as long to load as torch."""
    program = "import lexbits.word_model, sys; print('lightning_fabric' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_only_devices_knows_lightning_fabric_by_its_functions():
    """Others may name its type; they build nothing with it."""
    users = {file for file in FILES if "lightning_fabric" in read(file)}
    assert users <= {"training/devices.py", "training/session.py"}

"""The bounds of dependencies are true: what the code uses is there from them on."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "src").rglob("*.py"))
)
NEEDS = {
    r"torch\.accelerator\b": ("torch", (2, 6)),
    r"current_accelerator\(check_available": ("torch", (2, 7)),
    r"torch\.get_device_module": ("torch", (2, 6)),
}
"""What the code may use, and the version of the package that it came with."""


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BOUNDS = dict(
    dependency.lower().split(">=")
    for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for dependency in group
    if not dependency.startswith("lexbits")
)


def numbers(version):
    return tuple(int(part) for part in version.split("."))


def least(package):
    return numbers(BOUNDS[package])


@pytest.mark.parametrize("pattern", NEEDS)
def test_a_function_that_is_used_is_in_the_oldest_version_that_is_allowed(pattern):
    package, version = NEEDS[pattern]
    assert re.search(pattern, SOURCE), f"nothing uses {pattern} any more"
    assert least(package) >= version


@pytest.mark.parametrize("package", BOUNDS)
def test_every_pinned_version_is_within_the_bounds(package):
    pinned = dict(
        line.lower().replace("_", "-").split("==")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    )
    assert numbers(pinned[package]) >= least(package)


def test_the_citation_and_the_changelog_are_of_this_version():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version, date = (
        re.search(rf"^{name}: (.+)$", citation, re.MULTILINE)[1]
        for name in ("version", "date-released")
    )
    assert version == PROJECT["version"]
    released = [line for line in changelog.splitlines() if line.startswith("## ")]
    assert f"## {version} ({date})" == next(line for line in released if line != "## Unreleased")

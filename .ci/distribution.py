"""Check a source distribution and a wheel: what they hold, and what a package index would show.

    python .ci/distribution.py FOLDER

FOLDER holds one of each; the repository around this file says what should be in them.
"""

import email
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "src/lexbits/"
MODELS = "lexbits/pretrained/models/"
MOST_BYTES = 30_000_000
"""Of the trained models in the wheel, compressed: everybody downloads them all."""


def tracked() -> set[str]:
    """Return the files of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return {name for name in listed.split("\0") if (ROOT / name).is_file()}


def in_source(path: Path) -> set[str]:
    """Return the files of a source distribution, without the folder that they are in."""
    with tarfile.open(path) as archive:
        names = {member.name for member in archive if member.isfile()}
    return {name.split("/", 1)[1] for name in names} - {"PKG-INFO"}


def in_wheel(path: Path) -> tuple[set[str], str]:
    """Return the files of the package in a wheel, by their places in the source; its metadata."""
    with zipfile.ZipFile(path) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        about = metadata.removesuffix("METADATA")
        names = {name for name in archive.namelist() if not name.startswith(about)}
        return {f"src/{name}" for name in names}, archive.read(metadata).decode()


def bytes_of_models(path: Path) -> int:
    """Return how many bytes of a wheel are trained models."""
    with zipfile.ZipFile(path) as archive:
        return sum(f.compress_size for f in archive.infolist() if f.filename.startswith(MODELS))


def compared(what: str, found: set[str], expected: set[str]) -> None:
    """Fail where files are missing or should not be there."""
    for verdict, names in (("lacks", expected - found), ("should not hold", found - expected)):
        if names:
            sys.exit(f"the {what} {verdict} {', '.join(sorted(names))}")


def main(folder: str) -> None:
    """Check what is in a folder."""
    (source,), (wheel,) = Path(folder).glob("*.tar.gz"), Path(folder).glob("*.whl")
    files = tracked()
    compared("source distribution", in_source(source), files)
    package, text = in_wheel(wheel)
    compared("wheel", package, {name for name in files if name.startswith(PACKAGE)})
    if (size := bytes_of_models(wheel)) > MOST_BYTES:
        sys.exit(f"the models take {size:,} bytes of the wheel, more than {MOST_BYTES:,}")
    metadata = email.message_from_string(text)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert metadata["Version"] == project["version"], metadata["Version"]
    assert metadata["Requires-Python"] == project["requires-python"]
    assert metadata["License-Expression"] == project["license"]
    assert metadata["Description-Content-Type"] == "text/markdown"
    description = metadata.get_payload()
    assert isinstance(description, str)
    assert description.startswith("# lexbits\n"), description[:80]
    if relative := re.findall(r"\]\((?!https?:|#)[^)]*\)", description):
        sys.exit(f"the description links to files that an index does not have: {relative}")
    sizes = " and ".join(f"{path.name} ({path.stat().st_size / 1e6:.1f} MB)"
                         for path in (source, wheel))  # fmt: skip
    print(f"{sizes}: complete, {len(package)} files in the package")


if __name__ == "__main__":
    main(*sys.argv[1:])

#!/usr/bin/env bash
# Run all of benchmarks/gpu.py on a machine that may have nothing but Python and a CUDA build of torch:
#
#     benchmarks/gpu.sh [--data FOLDER] [--out FILE] [--minutes 9.5] [--device cuda] [--quick]
#
# The figures are written to FILE, else to $OUT/gpu.json, else to gpu.json. FOLDER holds
# spanish-task1-{train,dev,test} of SIGMORPHON 2016; else $LEXBITS_DATA is asked. The packages that
# lexbits needs are installed into an environment of its own, $LEXBITS_GPU_VENV, beside the torch
# that is there. Where nothing can be installed, those that are there have to do.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=${PYTHON:-python3}
venv=${LEXBITS_GPU_VENV:-${TMPDIR:-/tmp}/lexbits-gpu-venv}
export PYTHONPATH="$root/src${PYTHONPATH:+:$PYTHONPATH}"

usable() { # whether all can be imported by a Python
  "$1" -c 'import torch, cyclopts, filelock, lightning_fabric, matplotlib, numpy, pooch, pydantic, rapidfuzz, rich, safetensors, simplemma, tomli_w, hypothesis, pytest' 2>/dev/null
}

install() { # lexbits with its packages, of the versions that it was tested with if these can be had
  "$python" -m venv --system-site-packages "$venv" || return 1
  # So it sees the packages of the system; those of an environment that this Python is of are added.
  "$python" -c 'import sysconfig; print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' \
    >"$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/outer.pth"
  local wanted="$venv/constraints.txt"
  # The torch that is there stays, with what it brings along; without one, pip takes that for CUDA.
  grep -Ev '^(torch|triton|nvidia|numpy|setuptools|sympy|networkx|fsspec|jinja2|mpmath)' \
    "$root/constraints.txt" >"$wanted"
  "$venv/bin/python" -c 'import torch; print("torch==" + torch.__version__.split("+")[0])' \
    >>"$wanted" 2>/dev/null
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -c "$wanted" "$root[test]" ||
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$root[test]"
}

if ! usable "$python"; then
  usable "$venv/bin/python" || install >&2 || echo "gpu.sh: not everything could be installed" >&2
  [ -x "$venv/bin/python" ] && usable "$venv/bin/python" && python="$venv/bin/python"
fi
exec "$python" "$root/benchmarks/gpu.py" "$@"

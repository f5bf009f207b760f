#!/usr/bin/env bash
# Makes .venv/bin/python able to `import torch` 2.11.0 on the CPU: for the tests that load exported networks in Python and
# for the reference of `make bench-worker`. NASCENT_PYTHON=/path/to/python with a torch of its own skips it.
#
# The wheel on PyPI is built for CUDA and by itself needs gigabytes of NVIDIA's libraries. Only its Python half is taken;
# libtorch comes from .libtorch, and scripts/torch_without_cuda.py makes stand-ins for the CUDA libraries.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -n "${NASCENT_PYTHON:-}" ] && { "$NASCENT_PYTHON" -c 'import torch' && exit 0; echo "torch: $NASCENT_PYTHON cannot import torch" >&2; exit 1; }
works() { .venv/bin/python -c 'import torch; torch.nn.Linear(2, 2)(torch.zeros(1, 2)).sum().backward()' 2>/dev/null; }
works && exit 0
if [ "$(uname -s)-$(uname -m)" != Linux-x86_64 ]; then
  python3 -m venv .venv && .venv/bin/python -m pip install --quiet torch==2.11.0 numpy
  exit 0
fi
bash scripts/libtorch.sh
libraries=$(realpath "${LIBTORCH:-${NASCENT_LIBTORCH_DIR:-.libtorch}}/lib")

cache=${NASCENT_DOWNLOADS:-.downloads}
tag=$(python3 -c 'import sys; print("cp%d%d" % sys.version_info[:2])')
wheel=$(ls "$cache"/torch-2.11.0-"$tag"-"$tag"-*x86_64.whl 2>/dev/null | head -1 || true)
if [ -z "$wheel" ]; then
  echo "torch: downloading torch==2.11.0 for Python"
  mkdir -p "$cache"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$cache" torch==2.11.0
  wheel=$(ls "$cache"/torch-2.11.0-"$tag"-"$tag"-*x86_64.whl | head -1)
fi
rm -rf .venv
python3 -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check numpy sympy typing_extensions filelock networkx jinja2 fsspec
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["platlib"])')
.venv/bin/python scripts/torch_without_cuda.py "$wheel" "$libraries" "$site"
rm -f "$wheel"
works || { echo "torch: import torch fails in .venv: $(.venv/bin/python -c 'import torch' 2>&1 | tail -1)" >&2; exit 1; }
echo "torch: ready in .venv"

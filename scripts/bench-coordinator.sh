#!/usr/bin/env bash
# Runs the coordinator's benchmark; Optuna is installed into .venv-bench for the comparison.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --quiet --bins
if [ ! -x .venv-bench/bin/python ]; then
  python3 -m venv .venv-bench
  .venv-bench/bin/python -m pip install --quiet --disable-pip-version-check optuna psycopg2-binary
fi
export NASCENT_BENCH_PYTHON=${NASCENT_BENCH_PYTHON:-$PWD/.venv-bench/bin/python}
exec target/release/bench-coordinator "$@"

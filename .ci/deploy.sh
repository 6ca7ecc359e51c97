#!/usr/bin/env bash
# Deploys what `starfleet deploy` renders on ministack, after the AWS SAM translator expanded it and cfn-lint had no finding:
# .ci/deploy.sh [go test arguments]
# Needs Python and Go, and Linux, because ministack runs the bootstraps as they are. Fails when the peer cannot be fetched or started:
# there is no skipping.
set -euo pipefail
cd "$(dirname "$0")/.."

version=1.5.33
lint_version=1.58.0
translator_version=1.115.0
dir=$(mktemp -d)
pid=
finish() {
  if [[ -n $pid ]]; then
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check "ministack==$version"
# An environment of its own, since each pins what the other needs in another version.
python3 -m venv "$dir/lint"
"$dir/lint/bin/pip" install --quiet --no-compile --disable-pip-version-check "cfn-lint==$lint_version" "aws-sam-translator==$translator_version"
mkdir "$dir/tmp"

# start PORT starts ministack and waits until it answers. It returns 1 when the process ended, because the port is taken for one.
start() {
  TMPDIR=$dir/tmp GATEWAY_PORT=$1 BIND_HOST=127.0.0.1 "$dir/venv/bin/ministack" >"$dir/log" 2>&1 &
  pid=$!
  for _ in $(seq 300); do
    kill -0 "$pid" 2>/dev/null || return 1
    # It says so itself, so that no other process on the port is taken for it.
    if grep -q "Running on http://127.0.0.1:$1" "$dir/log"; then
      return 0
    fi
    sleep 0.2
  done
  return 1
}

port=
for _ in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 12000))
  if start "$port"; then
    break
  fi
  kill "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  pid=
done
if [[ -z $pid ]]; then
  echo "deploy.sh: ministack $version did not start:" >&2
  cat "$dir/log" >&2
  exit 1
fi

export STARFLEET_TEST_MINISTACK_URL="http://127.0.0.1:$port"
export STARFLEET_TEST_SAM_PYTHON=$dir/lint/bin/python STARFLEET_TEST_CFN_LINT=$dir/lint/bin/cfn-lint
if ! go test -count=1 -tags=peers -run '^TestDeploy' "$@" ./internal/e2e; then
  echo "deploy.sh: what ministack complained about:" >&2
  grep -E ' (WARNING|ERROR) ' "$dir/log" | tail -n 40 >&2 || true
  exit 1
fi

#!/usr/bin/env bash
# Runs the conformance suites of S3 against ministack, and the deployed whole of internal/e2e on it: .ci/ministack.sh [go test arguments]
# Needs Python and Go, and Linux, because ministack runs the bootstraps as they are. Fails when the peer cannot be fetched or started:
# there is no skipping.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/peers.sh

# Without its extras: S3, SQS, Lambda, CloudWatch Logs, STS and the scheduler need none, and they take most of a minute to install.
install ministack ministack==1.5.33
mkdir "$dir/tmp"
run_ministack() { TMPDIR=$dir/tmp GATEWAY_PORT=$1 BIND_HOST=127.0.0.1 exec "$dir/ministack/bin/ministack"; }
start ministack 'Running on http://127.0.0.1:PORT'

export STARFLEET_TEST_MINISTACK_URL="http://127.0.0.1:$port"
# Tests of internal/e2e mostly wait for the peer, each for itself.
if ! go test -count=1 -tags=peers -parallel=8 -run '^TestMinistack' "$@" ./aws/s3templates ./aws/s3index ./aws/s3state ./examples/ships/githubsync ./internal/e2e; then
  complaints ministack
  exit 1
fi

#!/usr/bin/env bash
# Deploys what `starfleet deploy` renders on ministack, after the AWS SAM translator expanded it and cfn-lint had no finding:
# .ci/deploy.sh [go test arguments]
# Needs Python and Go, and Linux, because ministack runs the bootstraps as they are. Fails when the peer cannot be fetched or started:
# there is no skipping.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/peers.sh

install ministack ministack==1.5.33
install lint cfn-lint==1.58.0 aws-sam-translator==1.115.0
mkdir "$dir/tmp"
run_ministack() { TMPDIR=$dir/tmp GATEWAY_PORT=$1 BIND_HOST=127.0.0.1 exec "$dir/ministack/bin/ministack"; }
start ministack 'Running on http://127.0.0.1:PORT'

export STARFLEET_TEST_MINISTACK_URL="http://127.0.0.1:$port"
export STARFLEET_TEST_SAM_PYTHON=$dir/lint/bin/python STARFLEET_TEST_CFN_LINT=$dir/lint/bin/cfn-lint
if ! go test -count=1 -tags=peers -run '^TestDeploy' "$@" ./internal/e2e; then
  complaints ministack
  exit 1
fi

#!/usr/bin/env bash
# Runs the tests of a whole organization against moto and ministack: .ci/moto.sh [go test arguments]
# Needs Python and Go. Fails when a peer cannot be fetched or started: there is no skipping.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/peers.sh

moto_version=5.2.5
install moto "moto[server]==$moto_version"
install ministack 'ministack[full]==1.5.33'
run_moto() { exec "$dir/moto/bin/moto_server" -H 127.0.0.1 -p "$1"; }
run_ministack() { GATEWAY_PORT=$1 BIND_HOST=127.0.0.1 exec "$dir/ministack/bin/ministack"; }

start moto 'Running on http://127.0.0.1:PORT'
export STARFLEET_TEST_MOTO_URL="http://127.0.0.1:$port"
start ministack 'Running on http://127.0.0.1:PORT'
export AWS_ENDPOINT_URL_ACCOUNT="http://127.0.0.1:$port"
# Commands of the documents find the moto that is installed here.
PATH="$dir/moto/bin:$PATH" go test -count=1 -tags=peers -run '^TestMoto' "$@" ./internal/orgpeers ./internal/walkthrough

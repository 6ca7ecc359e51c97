#!/usr/bin/env bash
# Runs the conformance suite of queues, and the commands about dead letters, against ElasticMQ: .ci/elasticmq.sh [go test arguments]
# Needs Java, Maven and Go. Fails when the peer cannot be fetched or started: there is no skipping.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/peers.sh

fetch org.elasticmq elasticmq-server_2.13 1.7.1
run_elasticmq() {
  cat >"$dir/emq.conf" <<CONF
include classpath("application.conf")
node-address { protocol = http, host = localhost, port = $1, context-path = "" }
rest-sqs { enabled = true, bind-port = $1, bind-hostname = "127.0.0.1", sqs-limits = strict }
rest-stats { enabled = false }
CONF
  exec java -Xmx512m -XX:TieredStopAtLevel=1 -Dconfig.file="$dir/emq.conf" -cp "$dir/lib/*" org.elasticmq.server.Main
}
start elasticmq 'ElasticMQ server .* started in'

STARFLEET_ELASTICMQ="http://127.0.0.1:$port" go test -count=1 -tags=peers -run '^TestElasticMQ' "$@" ./aws/sqsqueue ./internal/cli ./internal/e2e ./watch

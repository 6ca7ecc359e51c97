#!/usr/bin/env bash
# Runs the conformance suites of aws/dynamostore against DynamoDB Local: .ci/dynamodb.sh [go test arguments]
# Needs a JDK of version 17 or later, Maven and Go. Fails when the peer cannot be fetched or started: there is no skipping.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/peers.sh

fetch com.amazonaws DynamoDBLocal 2.6.1
run_dynamodb() {
  exec java -Xmx512m -XX:TieredStopAtLevel=1 -Djava.library.path="$dir/lib" -cp "$dir/lib/*" .ci/DynamoDBLocal.java \
    -inMemory -disableTelemetry -port "$1"
}
start dynamodb 'DynamoDB Local is ready'

STARFLEET_TEST_DYNAMODB_URL="http://127.0.0.1:$port" go test -count=1 -tags=peers -run '^TestDynamoDB' "$@" ./aws/dynamostore

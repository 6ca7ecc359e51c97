#!/usr/bin/env bash
# Runs the conformance suites of aws/dynamostore against DynamoDB Local: .ci/dynamodb.sh [go test arguments]
# Needs a JDK of version 17 or later, Maven and Go. Fails when the peer cannot be fetched or started: there is no skipping.
set -euo pipefail
cd "$(dirname "$0")/.."

version=2.6.1
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

cat >"$dir/pom.xml" <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>peers</groupId>
  <artifactId>dynamodb</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.amazonaws</groupId>
      <artifactId>DynamoDBLocal</artifactId>
      <version>$version</version>
    </dependency>
  </dependencies>
</project>
XML
mvn -q -B -f "$dir/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$dir/lib"

# start PORT starts DynamoDB Local and waits until it answers. It returns 1 when the process ended, because the port is taken for one.
start() {
  java -Xmx512m -XX:TieredStopAtLevel=1 -Djava.library.path="$dir/lib" -cp "$dir/lib/*" .ci/DynamoDBLocal.java \
    -inMemory -disableTelemetry -port "$1" >"$dir/log" 2>&1 &
  pid=$!
  for _ in $(seq 300); do
    kill -0 "$pid" 2>/dev/null || return 1
    # It says so itself, so that no other process on the port is taken for it.
    if grep -q "DynamoDB Local is ready" "$dir/log"; then
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
  echo "dynamodb.sh: DynamoDB Local $version did not start:" >&2
  cat "$dir/log" >&2
  exit 1
fi

STARFLEET_TEST_DYNAMODB_URL="http://127.0.0.1:$port" go test -count=1 -tags=peers -run '^TestDynamoDB' "$@" ./aws/dynamostore

#!/usr/bin/env bash
# Runs the conformance suite of queues, and the commands about dead letters, against ElasticMQ: .ci/elasticmq.sh [go test arguments]
# Needs Java, Maven and Go. Fails when the peer cannot be fetched or started: there is no skipping.
set -euo pipefail
cd "$(dirname "$0")/.."

version=1.7.1
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
  <artifactId>elasticmq</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.elasticmq</groupId>
      <artifactId>elasticmq-server_2.13</artifactId>
      <version>$version</version>
    </dependency>
  </dependencies>
</project>
XML
mvn -q -B -f "$dir/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$dir/lib"

# start PORT starts ElasticMQ and waits until it answers. It returns 1 when the process ended, because the port is taken for one.
start() {
  cat >"$dir/emq.conf" <<CONF
include classpath("application.conf")
node-address { protocol = http, host = localhost, port = $1, context-path = "" }
rest-sqs { enabled = true, bind-port = $1, bind-hostname = "127.0.0.1", sqs-limits = strict }
rest-stats { enabled = false }
CONF
  java -Xmx512m -XX:TieredStopAtLevel=1 -Dconfig.file="$dir/emq.conf" -cp "$dir/lib/*" org.elasticmq.server.Main >"$dir/log" 2>&1 &
  pid=$!
  for _ in $(seq 300); do
    kill -0 "$pid" 2>/dev/null || return 1
    # It says so itself, so that no other process on the port is taken for it.
    if grep -q "ElasticMQ server .* started in" "$dir/log"; then
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
  echo "elasticmq.sh: ElasticMQ $version did not start:" >&2
  cat "$dir/log" >&2
  exit 1
fi

STARFLEET_ELASTICMQ="http://127.0.0.1:$port" go test -count=1 -tags=peers -run '^TestElasticMQ' "$@" ./aws/sqsqueue ./internal/cli ./internal/e2e ./watch

#!/usr/bin/env bash
# Runs the tests of a whole organization against moto and ministack: .ci/moto.sh [go test arguments]
# Needs Python and Go. Fails when a peer cannot be fetched or started: there is no skipping.
set -euo pipefail
cd "$(dirname "$0")/.."

moto_version=5.2.5
ministack_version=1.5.33
dir=$(mktemp -d)
pids=()
finish() {
  local pid
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Two environments, since each peer pins what the other needs in another version.
install() { # NAME PACKAGE
  python3 -m venv "$dir/$1"
  "$dir/$1/bin/pip" install --quiet --disable-pip-version-check "$2"
}
install moto "moto[server]==$moto_version"
install ministack "ministack[full]==$ministack_version"

run_moto() { exec "$dir/moto/bin/moto_server" -H 127.0.0.1 -p "$1"; }
run_ministack() { GATEWAY_PORT=$1 BIND_HOST=127.0.0.1 exec "$dir/ministack/bin/ministack"; }

# start NAME starts a peer on a free port, waits until it says itself that it listens there (no other process on the port is taken
# for it), and leaves the port in $port.
start() {
  local name=$1 pid
  for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 12000))
    "run_$name" "$port" >"$dir/$name.log" 2>&1 &
    pid=$!
    pids+=("$pid")
    for _ in $(seq 300); do
      kill -0 "$pid" 2>/dev/null || break
      if grep -q "Running on http://127.0.0.1:$port" "$dir/$name.log"; then
        return 0
      fi
      sleep 0.2
    done
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  echo "moto.sh: $name did not start:" >&2
  cat "$dir/$name.log" >&2
  return 1
}

start moto
export STARFLEET_TEST_MOTO_URL="http://127.0.0.1:$port"
start ministack
export AWS_ENDPOINT_URL_ACCOUNT="http://127.0.0.1:$port"
# Commands of the documents find the moto that is installed here.
PATH="$dir/moto/bin:$PATH" go test -count=1 -tags=peers -run '^TestMoto' "$@" ./internal/orgpeers ./internal/walkthrough

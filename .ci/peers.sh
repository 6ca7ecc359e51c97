# What the jobs with peers share; they source it from the root of the checkout. A peer is started by a function of the job, run_NAME PORT, which
# ends in exec. Peers are stopped, and $dir is deleted, when the job ends.

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

# install NAME PACKAGE... installs Python packages in an environment of their own, $dir/NAME, since peers pin what others need in another version.
install() {
  python3 -m venv "$dir/$1"
  "$dir/$1/bin/pip" install --quiet --no-compile --disable-pip-version-check "${@:2}"
}

# fetch GROUP ARTIFACT VERSION fetches a Java program with all that it needs to $dir/lib.
fetch() {
  cat >"$dir/pom.xml" <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>peers</groupId>
  <artifactId>peer</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>$1</groupId>
      <artifactId>$2</artifactId>
      <version>$3</version>
    </dependency>
  </dependencies>
</project>
XML
  mvn -q -B -f "$dir/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$dir/lib"
}

# start NAME READY starts a peer on a free port, which it leaves in $port, and waits until the peer says READY in its log, $dir/NAME.log: a pattern of grep in
# which PORT stands for the port, so that no other process on the port is taken for it. A peer that ends has found the port taken.
start() {
  local name=$1 ready=$2 pid
  for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 12000))
    "run_$name" "$port" >"$dir/$name.log" 2>&1 &
    pid=$!
    pids+=("$pid")
    for _ in $(seq 300); do
      kill -0 "$pid" 2>/dev/null || break
      if grep -q "${ready//PORT/$port}" "$dir/$name.log"; then
        return 0
      fi
      sleep 0.2
    done
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  echo "$(basename "$0"): $name did not start:" >&2
  cat "$dir/$name.log" >&2
  return 1
}

# complaints prints what a peer complained about, for a job that failed.
complaints() {
  echo "$(basename "$0"): what $1 complained about:" >&2
  grep -E ' (WARNING|ERROR) ' "$dir/$1.log" | tail -n 40 >&2 || true
}

//go:build peers

package walkthrough_test

import (
	"fmt"
	"net"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet/internal/walkthrough"
)

// TestMotoWriteAShip runs all commands of docs/write-a-ship.md in order in one shell, as a reader does, but for the port of moto, which
// may be taken here. .ci/moto.sh has an environment of Python on the PATH that has moto already.
func TestMotoWriteAShip(t *testing.T) {
	if _, err := exec.LookPath("moto_server"); err != nil {
		t.Fatalf("%v: run .ci/moto.sh", err)
	}
	steps, _ := writeAShip(t)
	s := newSession(t)
	printed := runInShell(t, s, script(freePort(t), steps))
	for i, step := range steps {
		if _, begun := printed[i]; !begun {
			t.Fatalf("line %d: %s was not run", step.Line, step.Command)
		}
		check(t, step, printed[i])
	}
}

// mark goes before what each command prints, with its number.
const mark = "@@ "

// script is the document as one script. What is put into the background has opened its port before the next command runs.
func script(port string, steps []walkthrough.Step) string {
	var b strings.Builder
	b.WriteString("exec 2>&1\nset -e\n")
	for i, step := range steps {
		command := regexp.MustCompile(`\b5000\b`).ReplaceAllString(step.Command, port)
		fmt.Fprintf(&b, "printf '\\n%s%d\\n'\n%s\n", mark, i, command)
		if strings.HasSuffix(command, "&") {
			fmt.Fprintf(&b, "trap \"kill $!; wait $! || true\" EXIT\nuntil (exec 3<>/dev/tcp/127.0.0.1/%s) 2>/dev/null; do kill -0 $!; sleep 0.2; done\n", port)
		}
	}
	return b.String()
}

// runInShell gives what each command printed, by its number.
func runInShell(t *testing.T, s *session, script string) map[int]string {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "bash", "-c", script)
	shell.Dir, shell.Env = s.dir, s.env
	shell.Cancel = func() error { return shell.Process.Signal(syscall.SIGTERM) } // the script ends moto
	shell.WaitDelay = 10 * time.Second
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	printed := map[int]string{}
	for part := range strings.SplitSeq(string(out), "\n"+mark) {
		number, text, _ := strings.Cut(part, "\n")
		var i int
		if _, err := fmt.Sscanf(number, "%d", &i); err == nil {
			printed[i] = text
		}
	}
	return printed
}

// freePort is a port of loopback on which nothing listens.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

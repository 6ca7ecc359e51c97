package command_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/starfleet-go/starfleet/watch/command"
)

// watcherVariable makes the test binary a process that runs a command: the variable is its script.
const watcherVariable = "STARFLEET_TEST_WATCHER"

func TestMain(m *testing.M) {
	script, ok := os.LookupEnv(watcherVariable)
	if !ok {
		os.Exit(m.Run())
	}
	if err := command.HideEnvironment(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	fmt.Println("dumpable", dumpable, err)
	c, err := command.New(command.Config{Args: []string{script}, Shell: true})
	if err == nil {
		err = c.Handle(context.Background(), message("x"))
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// TestDiesWithTheWatcher: a program does not outlive a watcher that is killed.
func TestDiesWithTheWatcher(t *testing.T) {
	t.Parallel()
	pid := filepath.Join(t.TempDir(), "pid")
	watcher := exec.CommandContext(t.Context(), os.Args[0])
	watcher.Env = append(os.Environ(), watcherVariable+"=echo $$ >"+pid+"; exec sleep 1000")
	if err := watcher.Start(); err != nil {
		t.Fatal(err)
	}
	program := waitFor(t, pid)
	if err := watcher.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = watcher.Wait() // it was killed
	gone(t, program)
}

// TestHideEnvironment: /proc shows nothing of the watcher to its user's other processes.
func TestHideEnvironment(t *testing.T) {
	t.Parallel()
	watcher := exec.CommandContext(t.Context(), os.Args[0])
	watcher.Env = append(os.Environ(), watcherVariable+"=true")
	out, err := watcher.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "dumpable 0 <nil>" {
		t.Errorf("%v: %s", err, out)
	}
}

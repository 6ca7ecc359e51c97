//go:build linux

package command_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/starfleet-go/starfleet/watch"
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
	if err == nil { // as the first process of a container is
		err = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	c, err := command.New(command.Config{Args: []string{script}, Shell: true})
	if err == nil {
		err = c.Handle(context.Background(), message("x"))
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	if _, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); !errors.Is(err, unix.ECHILD) {
		fmt.Println("a child is left", err)
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

// TestReapsWhatIsLeftBehind: the first process of a container has no zombies after a job that left processes behind.
func TestReapsWhatIsLeftBehind(t *testing.T) {
	t.Parallel()
	watcher := exec.CommandContext(t.Context(), os.Args[0])
	watcher.Env = append(os.Environ(), watcherVariable+"=sleep 1000 & sleep 1000 & (sleep 1000 & sleep 1000) & exit 0")
	out, err := watcher.CombinedOutput()
	if err != nil || strings.Contains(string(out), "left") {
		t.Errorf("%v: %s", err, out)
	}
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

// TestEndedBefore: a program that ended by itself counts as it ended, though its job is told to end while its output is waited for.
func TestEndedBefore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, _ := newCommand(t, command.Config{Dir: dir, Shell: true, Args: []string{`setsid sh -c 'echo x >away; sleep 3' & while [ ! -s away ]; do sleep 0.01; done; echo $$ >pid; exit 0`}})
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan error)
	go func() { done <- c.Handle(ctx, message("x")) }()
	program, err := strconv.Atoi(waitFor(t, filepath.Join(dir, "pid")))
	if err != nil {
		t.Fatal(err)
	}
	for unix.Kill(program, 0) == nil { // until it was waited for
		runtime.Gosched()
	}
	cancel(watch.ErrLimit)
	if err := <-done; err != nil {
		t.Errorf("error %v", err)
	}
}

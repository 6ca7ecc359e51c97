//go:build unix

package command

import (
	"errors"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

var shell = []string{"/bin/sh", "-c"}

func (g *group) terminate() { g.signal(syscall.SIGTERM) }
func (g *group) kill()      { g.signal(syscall.SIGKILL) }

// signal sends a signal to the whole group, as long as its number is its own.
func (g *group) signal(s syscall.Signal) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.gone {
		_ = syscall.Kill(-g.process.Pid, s) // it may have ended meanwhile
	}
}

// ended says how a program ended.
func ended(state *os.ProcessState) *ExitError {
	status, ok := state.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return &ExitError{Code: -1, Signal: strings.TrimPrefix(unix.SignalName(status.Signal()), "SIG")}
	}
	return &ExitError{Code: state.ExitCode()}
}

// tooBig says whether a program could not be started because of the size of its environment.
func tooBig(err error) bool { return errors.Is(err, syscall.E2BIG) }

//go:build unix

package command

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"time"

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

// lingerPoll is how often it is looked whether a group that was told to end has ended. In so short a time no number comes round again.
const lingerPoll = 10 * time.Millisecond

// linger leaves the others of a group that was told to end, and whose program has ended, the rest of the grace. It returns false when there are
// none any more, and true when the grace is over and they were killed. A group that has a process left keeps its number.
func (g *group) linger() (killed bool) {
	ticker := time.NewTicker(lingerPoll)
	defer ticker.Stop()
	for g.left() {
		select {
		case <-ticker.C:
		case <-g.killed:
			return true
		}
	}
	return false
}

// left says whether a process of the group is left.
func (g *group) left() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reap(syscall.WNOHANG)
	g.gone = syscall.Kill(-g.process.Pid, 0) != nil
	return !g.gone
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

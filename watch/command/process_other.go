//go:build !unix

package command

import (
	"os"
	"os/exec"
	"syscall"
)

var shell = []string{"cmd", "/C"}

func attributes() *syscall.SysProcAttr { return nil }

func (g *group) terminate() {}

// kill ends the program alone: there are no groups.
func (g *group) kill() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.gone {
		_ = g.process.Kill() // it may have ended meanwhile
	}
}

func (g *group) wait(cmd *exec.Cmd) (told bool, err error) {
	err = cmd.Wait()
	told = !g.unwatch()
	g.leave()
	return told, err
}

func ended(state *os.ProcessState) *ExitError { return &ExitError{Code: state.ExitCode()} }

// tooBig cannot be told here: what is too big for the environment is an error.
func tooBig(error) bool { return false }

// HideEnvironment does nothing.
func HideEnvironment() error { return nil }

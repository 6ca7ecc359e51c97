//go:build unix && !linux

package command

import (
	"os/exec"
	"syscall"
)

// attributes give a program a group of its own.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// wait waits for the program and kills what it left behind.
func (g *group) wait(cmd *exec.Cmd) (told bool, err error) {
	err = cmd.Wait()
	if told = !g.unwatch(); told {
		g.linger()
	} else {
		g.kill() // at once: the number of a group that is empty is soon another's
	}
	g.leave()
	return told, err
}

// reap does nothing: what a program left behind is no child of this process.
func (g *group) reap(int) {}

// HideEnvironment does nothing: other systems than Linux do not show it.
func HideEnvironment() error { return nil }

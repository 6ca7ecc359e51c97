//go:build unix && !linux

package command

import (
	"os/exec"
	"syscall"
)

// attributes give a program a group of its own.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// wait waits for the program and kills what it left behind.
func (g *group) wait(cmd *exec.Cmd) error {
	err := cmd.Wait()
	g.kill() // at once: the number of a group that is empty is soon another's
	g.mu.Lock()
	defer g.mu.Unlock()
	g.gone = true
	return err
}

// HideEnvironment does nothing: other systems than Linux do not show it.
func HideEnvironment() error { return nil }

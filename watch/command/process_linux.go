package command

import (
	"errors"
	"fmt"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes give a program a group of its own, and have it die with this process.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// wait waits for the program and kills what it left behind, where nobody told it to end before the program is reaped: until then the number
// of the group is its own.
func (g *group) wait(cmd *exec.Cmd) (told bool, err error) {
	for {
		err := unix.Waitid(unix.P_PID, g.process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if told = !g.unwatch(); told {
		err = cmd.Wait()
		if !g.linger() {
			return told, err // nothing is left
		}
		g.leave()
	} else {
		g.kill()
		g.leave()
		err = cmd.Wait()
	}
	g.reap(0)
	return told, err
}

// reap takes note of the end of what the program left behind where that is this process's to do: the first one of a container inherits the
// children of others, and a process whose end nobody notes keeps its place for ever. With unix.WNOHANG it waits for nothing.
func (g *group) reap(options int) {
	for {
		pid, err := unix.Wait4(-g.process.Pid, nil, options, nil)
		if err != nil && !errors.Is(err, unix.EINTR) || err == nil && pid == 0 {
			return // there are none, or no more
		}
	}
}

// HideEnvironment keeps the memory and the environment of this process from the programs that it runs, which are the same user's and could
// read them in /proc. It has to be called before the first program is run; the process dumps no core after it.
func HideEnvironment() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("command: the environment of this process cannot be hidden: %w", err)
	}
	return nil
}

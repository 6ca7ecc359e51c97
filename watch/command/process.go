package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

// leftOpen is how long output is waited for after the program, and all of its group, has ended: a process that left the group may hold it open.
const leftOpen = time.Second

// process is one run of the program.
type process struct {
	command *Command
	message queue.Message
	environ []string
	text    string
	stdin   *os.File // nil: text, through a pipe
}

// run runs the program and waits for it and its output.
func (p process) run(ctx context.Context) error {
	// The thread that starts a program is the one with which the kernel lets it die.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := &exec.Cmd{Path: p.command.path, Args: p.command.args, Env: p.environ, Dir: p.command.cfg.Dir, SysProcAttr: attributes()}
	pipes, err := p.connect(cmd)
	if err != nil {
		return fmt.Errorf("%s could not be started: %w", p.command.programName(), err)
	}
	err = cmd.Start()
	pipes.closeTheirs()
	if err != nil {
		pipes.closeOurs()
		return fmt.Errorf("%s could not be started: %w", p.command.programName(), err)
	}
	group := &group{process: cmd.Process, killed: make(chan struct{})}
	finish := group.endWith(ctx, p.command.cfg.KillGrace)
	pipes.begin(ctx, p)
	told, err := group.wait(cmd)
	finish()
	pipes.finish(ctx, p)
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("wait for %s: %w", p.command.programName(), err)
	}
	end := ended(cmd.ProcessState)
	if told { // not only: ctx has ended; that may have been later
		end.Cause = context.Cause(ctx)
	}
	return end.meaning()
}

// group is a program with what it started.
//
// wait waits for the program and kills what it left behind: at once, or after the rest of the grace when the group was told to end. told says
// that it was, while the program ran.
type group struct {
	process *os.Process
	unwatch func() bool   // false: the group was told to end
	killed  chan struct{} // closed when the grace is over, and all of the group was killed

	mu   sync.Mutex
	gone bool // its number may be another's
}

// endWith ends the group when ctx does. The function that it returns has to be called when the group has ended.
func (g *group) endWith(ctx context.Context, grace time.Duration) (finish func()) {
	over, finish := context.WithCancel(context.Background())
	g.unwatch = context.AfterFunc(ctx, func() {
		if grace > 0 {
			g.terminate()
		}
		timer := time.AfterFunc(grace, func() {
			g.kill()
			close(g.killed)
		})
		context.AfterFunc(over, func() { timer.Stop() })
	})
	return finish
}

// leave takes note that the number of the group may be another's.
func (g *group) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.gone = true
}

// pipes are the standard streams of a program.
type pipes struct {
	theirs  []*os.File
	in      *os.File // ours; nil when standard input is a file
	out     [2]*os.File
	readers sync.WaitGroup
}

var streams = [2]string{"stdout", "stderr"}

// connect makes the streams.
func (p process) connect(cmd *exec.Cmd) (*pipes, error) {
	var all pipes
	fail := func(err error) (*pipes, error) {
		all.closeTheirs()
		all.closeOurs()
		return nil, err
	}
	if p.stdin != nil {
		cmd.Stdin = p.stdin
	} else {
		r, w, err := os.Pipe()
		if err != nil {
			return fail(err)
		}
		cmd.Stdin, all.in = r, w
		all.theirs = append(all.theirs, r)
	}
	for i := range all.out {
		r, w, err := os.Pipe()
		if err != nil {
			return fail(err)
		}
		all.out[i] = r
		all.theirs = append(all.theirs, w)
	}
	cmd.Stdout, cmd.Stderr = all.theirs[len(all.theirs)-2], all.theirs[len(all.theirs)-1]
	return &all, nil
}

func (p *pipes) closeTheirs() {
	for _, f := range p.theirs {
		_ = f.Close()
	}
}

func (p *pipes) closeOurs() {
	for _, f := range []*os.File{p.in, p.out[0], p.out[1]} {
		if f != nil {
			_ = f.Close()
		}
	}
}

// begin feeds the program, and logs what it says.
func (p *pipes) begin(ctx context.Context, job process) {
	if p.in != nil {
		p.readers.Go(func() {
			_, _ = p.in.WriteString(job.text) // a program need not read it
			_ = p.in.Close()
		})
	}
	for i, stream := range streams {
		p.readers.Go(func() { job.command.log(ctx, job.message.ID, stream, p.out[i]) })
	}
}

// finish waits for the rest of the output.
func (p *pipes) finish(ctx context.Context, job process) {
	done := make(chan struct{})
	go func() {
		p.readers.Wait()
		close(done)
	}()
	timer := time.NewTimer(leftOpen)
	defer timer.Stop()
	select {
	case <-done:
		p.closeOurs()
	case <-timer.C:
		job.command.cfg.Logger.WarnContext(ctx, "another process holds the output of the program open: what it still says is not read", "message", job.message.ID)
		p.closeOurs()
		<-done
	}
}

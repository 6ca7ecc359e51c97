package main

import (
	"fmt"
	"io"
	"sync"

	"github.com/schollz/progressbar/v3"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/starbase"
)

// progress shows on standard error how far the work is: a bar on a terminal, a line for each template elsewhere.
type progress struct {
	out      io.Writer
	terminal bool

	mu    sync.Mutex
	bar   *progressbar.ProgressBar
	key   string
	total int
	done  int
}

func newProgress(out io.Writer, terminal bool) *progress {
	return &progress{out: out, terminal: terminal}
}

// run begins the bar of a template.
func (p *progress) run(r starbase.RunReport) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.key, p.total, p.done = r.TemplateKey, r.Targets, 0
	if p.terminal {
		p.bar = progressbar.NewOptions(r.Targets, progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription(r.TemplateKey),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))
		return
	}
	_, _ = fmt.Fprintf(p.out, "%s: %d tasks sent\n", p.key, p.total)
}

// result counts a first attempt: a retry is no new task.
func (p *progress) result(r starfleet.Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Attempt > 1 {
		return
	}
	p.done++
	if p.bar != nil {
		_ = p.bar.Add(1) // what a terminal does not show is no failure
	} else if p.done == p.total {
		_, _ = fmt.Fprintf(p.out, "%s: %d of %d tasks worked\n", p.key, p.done, p.total)
	}
}

func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

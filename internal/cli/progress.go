package cli

import (
	"log/slog"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/starfleet-go/starfleet/internal/command"
)

const (
	progressLines = 10                     // that tell of a run where no bar can
	redraw        = 100 * time.Millisecond // the bar, at most so often
)

// progress tells on standard error how far sending has come: by a bar on a terminal, by structured lines elsewhere.
type progressBar struct {
	logger   *slog.Logger // for what Dispatch has to say; silent beside a bar
	run      string
	resolved int
	told     int // tenths that were told of
	bar      *progressbar.ProgressBar
}

func newProgress(c *command.Console, run string, resolved int) *progressBar {
	p := &progressBar{run: run, resolved: resolved}
	switch {
	case c.JSON:
		p.logger = slog.New(slog.NewJSONHandler(c.Err, nil))
	case c.ErrTerminal:
		p.logger = slog.New(slog.DiscardHandler)
		p.bar = progressbar.NewOptions(resolved,
			progressbar.OptionSetWriter(c.Err),
			progressbar.OptionSetDescription("sending"),
			progressbar.OptionShowCount(),
			progressbar.OptionSetRenderBlankState(true),
			progressbar.OptionThrottle(redraw),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionUseANSICodes(false),
			progressbar.OptionClearOnFinish(),
		)
	default:
		p.logger = slog.New(slog.NewTextHandler(c.Err, nil))
	}
	return p
}

// sent is told how many tasks were sent so far.
func (p *progressBar) sent(n int) {
	if p.bar != nil {
		_ = p.bar.Set(n) // a bar that cannot be drawn is no reason to stop
		return
	}
	if tenths := n * progressLines / max(p.resolved, 1); tenths > p.told {
		p.told = tenths
		p.logger.Info("sent", slog.String("run", p.run), slog.Int("sent", n), slog.Int("resolved", p.resolved))
	}
}

// finish takes the bar away.
func (p *progressBar) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

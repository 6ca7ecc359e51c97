// Package watchflags are the flags by which command lines set up a watcher: those of starfleet watch and of a ship's own watch.
package watchflags

import (
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch"
)

// Flags are those that both have.
type Flags struct {
	Concurrency  int           `placeholder:"N" default:"1" help:"How many messages are worked on at once. Default: 1."`
	UntilEmpty   bool          `xor:"end" help:"End, with status 0, when a long poll finds nothing and no job runs. Messages that are hidden are not waited for."`
	FreshProcess bool          `xor:"end" help:"Work on one message, then end: for a service that starts a new container each time."`
	JobLimit     time.Duration `placeholder:"D" help:"How long a job may take, such as 90s or 2h. Then it is ended, and its message comes back. Default: no limit."`
	Lease        time.Duration `placeholder:"D" default:"180s" help:"How long a message is hidden at a time; it is extended while its job runs. After a crash the message is back when it ends. Default: 180s."`
	Wait         time.Duration `placeholder:"D" default:"20s" help:"How long one long poll lasts, at most 20s, which is the default."`
	Grace        time.Duration `placeholder:"D" default:"20s" help:"How long running jobs have to finish after SIGTERM or SIGINT. Then they are ended, and their messages given back at once. 0s: none. Default: 20s."`
	Listen       string        `placeholder:"ADDRESS" help:"Serve /metrics, /healthz and /readyz there: a port of 127.0.0.1 such as 9090, or an address such as 0.0.0.0:9090. Default: nowhere."`
	EMF          bool          `name:"emf" help:"Write metrics in CloudWatch's embedded metric format to standard output, once a minute."`
}

// Defaults are the flags as they are where none is given.
func Defaults() Flags {
	return Flags{Concurrency: 1, Lease: watch.DefaultLease, Wait: queue.MaxWait, Grace: watch.DefaultGrace}
}

// Apply sets up a watcher. What the watcher refuses is a wrong use of the command line.
func (f *Flags) Apply(cfg watch.Config) (*watch.Watcher, error) {
	cfg.Concurrency, cfg.UntilEmpty, cfg.Once = f.Concurrency, f.UntilEmpty, f.FreshProcess
	cfg.Limit, cfg.Lease, cfg.Wait, cfg.Grace = f.JobLimit, f.Lease, f.Wait, f.Grace
	if f.Grace == 0 {
		cfg.Grace = -1
	}
	w, err := watch.New(cfg)
	if err != nil {
		return nil, &command.UsageError{Problem: named.Replace(err.Error())}
	}
	return w, nil
}

// Check refuses what the flags themselves cannot be.
func (f *Flags) Check() error {
	switch {
	case f.Concurrency < 1:
		return command.Usagef("--concurrency must be at least 1, is %d", f.Concurrency)
	case f.UntilEmpty && f.FreshProcess:
		return command.Usagef("--until-empty and --fresh-process can't be used together")
	case f.FreshProcess && f.Concurrency > 1:
		return command.Usagef("--fresh-process works on one message: leave --concurrency out")
	case f.Wait <= 0:
		return command.Usagef("--wait must be more than 0, is %s", f.Wait)
	case f.Lease <= 0:
		return command.Usagef("--lease must be more than 0, is %s", f.Lease)
	case f.Grace < 0:
		return command.Usagef("--grace must not be negative, is %s", f.Grace)
	case f.JobLimit < 0:
		return command.Usagef("--job-limit must not be negative, is %s", f.JobLimit)
	}
	return nil
}

// named puts flags in place of the fields.
var named = strings.NewReplacer(
	"watch: Config.Concurrency", "--concurrency", "watch: Config.Wait", "--wait", "watch: Config.Lease", "--lease", "watch: Config.Limit", "--job-limit", "\n", "; ",
)

package deadletter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

// Defaults of a Config.
const (
	DefaultVisibility = 10 * time.Minute
	DefaultWait       = time.Second
)

// Config is what a Box is made of.
type Config struct {
	// From is the dead-letter queue. Required.
	From queue.Receiver

	// Visibility is how long a letter is hidden from others while it is looked at; one that is looked at for longer is hidden anew before
	// anything is done with it. When the process is killed, letters come back after this time. Default: DefaultVisibility.
	Visibility time.Duration

	// Wait is how long to wait for another letter before the queue is taken to have no more. Default: DefaultWait.
	Wait time.Duration

	// Page is how many letters are held undecided at once, 1 to 10: 1 where a person decides. Default: 10.
	Page int

	// Now is the clock. Default: time.Now.
	Now func() time.Time

	// Pause waits between attempts, and ends early, with its error, when the context does. Default: a timer.
	Pause func(ctx context.Context, d time.Duration) error
}

// Box is a dead-letter queue that can be walked. It is used by one walk at a time.
type Box struct{ Config }

// New makes a Box. The error names the field at fault.
func New(cfg Config) (*Box, error) {
	var faults []error
	if cfg.From == nil {
		faults = append(faults, errors.New("deadletter: Config.From is nil: give the dead-letter queue"))
	}
	if cfg.Visibility == 0 {
		cfg.Visibility = DefaultVisibility
	}
	if cfg.Wait == 0 {
		cfg.Wait = DefaultWait
	}
	if cfg.Page == 0 {
		cfg.Page = queue.MaxBatchEntries
	}
	if cfg.Visibility < time.Second || cfg.Visibility > queue.MaxVisibility {
		faults = append(faults, fmt.Errorf("deadletter: Config.Visibility is %v, it must be 1s to %v", cfg.Visibility, queue.MaxVisibility))
	}
	if cfg.Wait < 0 || cfg.Wait > queue.MaxWait {
		faults = append(faults, fmt.Errorf("deadletter: Config.Wait is %v, it must be at most %v", cfg.Wait, queue.MaxWait))
	}
	if cfg.Page < 1 || cfg.Page > queue.MaxBatchEntries {
		faults = append(faults, fmt.Errorf("deadletter: Config.Page is %d, it must be 1 to %d", cfg.Page, queue.MaxBatchEntries))
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Pause == nil {
		cfg.Pause = pause
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return &Box{cfg}, nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Act is what becomes of a letter.
type Act uint8

// The acts.
const (
	// Keep leaves the letter where it is: it is given back at the end of the walk.
	Keep Act = iota
	// Replay sends the letter to a queue and deletes it then.
	Replay
	// Drop deletes the letter.
	Drop
)

// Verdict says what is to become of a letter.
type Verdict struct {
	Act Act
	// To is where a letter that is replayed goes.
	To queue.Sender
	// NotAfter replaces the time at which the task of a letter that is replayed expires. Zero leaves it as it is.
	NotAfter time.Time
	// Stop ends the walk after this letter.
	Stop bool
}

// Left is a letter that was to be replayed or dropped, and is still there.
type Left struct {
	// Letter is the letter, without its body.
	Letter Letter
	// Reason is why.
	Reason string
}

// Report says what became of the letters of a walk. Seen is the sum of Kept, Replayed, Dropped, and of what Left, Unsure and Gone have.
type Report struct {
	Seen, Kept, Replayed, Dropped int
	// Left were refused, by the destination or before: they are still there.
	Left []Left
	// Undeleted were replayed, and are still there, because they could not be deleted: part of Replayed.
	Undeleted []Left
	// Unsure may have been sent, or not: the answer of the destination was lost. They are still there.
	Unsure []Left
	// Gone were no longer held when they were to be replayed or dropped: nothing was done with them.
	Gone []Left
	// Unreturned is how many of the letters that stay could not be given back at once. They come back after Config.Visibility.
	Unreturned int
}

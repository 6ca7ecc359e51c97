package alert

import (
	"context"
	"errors"
)

// Message is one alert. Title and Text are plain text: each sink escapes them for what it writes to, and cuts them to what it takes.
type Message struct {
	// Channel is where the message goes, in a sink that has channels: a Slack channel's id. "" leaves it to the sink.
	Channel string
	// Priority is how urgent it is.
	Priority Priority
	// Title is one line.
	Title string
	// Text is the message, in lines. The most important come first, since the end may be cut.
	Text string

	// Ship, Template and RunID say what it is about, each "" where unknown or none.
	Ship, Template, RunID string
	// Class is the kind of failure, "" for messages that are about none.
	Class string
	// Count is how many tasks or events the message is about.
	Count int
	// Targets are the accounts, with their regions, of the first tasks, such as "111122223333 eu-west-1".
	Targets []string
	// Key is what the message is about, for Delivery.Once. "" sends it every time.
	Key string
}

// Alerter sends messages. Implementations are safe for concurrent use.
type Alerter interface {
	// Alert sends one message, and returns when it was accepted, or with the reason why not. It ends with ctx.
	Alert(ctx context.Context, m Message) error
}

// Discard sends nothing, and succeeds.
type Discard struct{}

// Alert does nothing.
func (Discard) Alert(context.Context, Message) error { return nil }

// All sends each message to every one of several sinks. A sink that fails keeps no other from its message.
func All(alerters ...Alerter) Alerter { return several(alerters) }

type several []Alerter

// Alert returns the errors of all that failed.
func (s several) Alert(ctx context.Context, m Message) error {
	errs := make([]error, len(s))
	for i, a := range s {
		errs[i] = a.Alert(ctx, m)
	}
	return errors.Join(errs...)
}

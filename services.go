package starfleet

import (
	"context"
	"fmt"

	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/idempotency"
	"github.com/starfleet-go/starfleet/secret"
)

// services are what a ship and its worker are served with besides AWS credentials.
type services struct {
	secrets     secret.Source
	openSecrets SecretsOpener
	alerter     alert.Alerter
	openAlerter AlerterOpener
	once        idempotency.Store
	concurrency int
	byHand      bool // a person runs one task: no alerts, and no task is a duplicate
}

// SecretsOpener makes the source of secrets of a configuration, which is nil when the ship has none. secrets.Open fits.
type SecretsOpener func(*config.Configuration) (secret.Source, error)

// AlerterOpener makes the alerter of a configuration, which is nil when the ship has none. slackalert.Open fits.
type AlerterOpener func(*config.Configuration, secret.Source) (alert.Alerter, error)

// WithSecrets lets the ship read the fleet's secret: see [Invocation.Secret].
func WithSecrets(source secret.Source) Option {
	return option("WithSecrets", source == nil, func(s *settings) { s.secrets = source })
}

// WithSecretsFrom is [WithSecrets] with the source that open makes of the ship's configuration, as in
//
//	starfleet.Run(ship, starfleet.WithSecretsFrom(secrets.Open), starfleet.WithAlerterFrom(slackalert.Open))
func WithSecretsFrom(open SecretsOpener) Option {
	return option("WithSecretsFrom", open == nil, func(s *settings) { s.openSecrets = open })
}

// WithAlerter sends alerts: what the ship itself tells ([Invocation.Alert]), and one message for each class of failure of a run in
// an invocation. They go to the channel, and from the priority on, that AlertConfiguration in the ship's section says; without
// it none is sent. An alert that cannot be sent is logged and never fails a task. The ship's own command line sends none.
func WithAlerter(alerter alert.Alerter) Option {
	return option("WithAlerter", alerter == nil, func(s *settings) { s.alerter = alerter })
}

// WithAlerterFrom is [WithAlerter] with the alerter that open makes of the ship's configuration and secrets.
func WithAlerterFrom(open AlerterOpener) Option {
	return option("WithAlerterFrom", open == nil, func(s *settings) { s.openAlerter = open })
}

// WithIdempotency drops duplicates: a task that was done before in its run, for the same payload, is acknowledged and skipped; one that
// another delivery is at work on comes back when that one's time is over. A task that failed is never a duplicate, nor is one of another
// run. Without the store a duplicate is executed again. The store also keeps a class of failures of a run from being alerted more than
// once an hour. While the store fails tasks are retried. The ship's own command line does not use it.
func WithIdempotency(store idempotency.Store) Option {
	return option("WithIdempotency", store == nil, func(s *settings) { s.once = store })
}

// WithConcurrency sets how many messages of a batch are worked on at once, on Lambda. Default 1. Messages of one group of a FIFO queue stay
// in order.
func WithConcurrency(n int) Option {
	return func(s *settings) error {
		if n < 1 {
			return fmt.Errorf("WithConcurrency: %d is less than 1", n)
		}
		s.concurrency = n
		return nil
	}
}

// open makes what is to be made of the configuration.
func (s *services) open(c *config.Configuration) (err error) {
	if s.openSecrets != nil && s.secrets == nil {
		if s.secrets, err = s.openSecrets(c); err != nil {
			return fmt.Errorf("secrets: %w", err)
		}
	}
	if s.secrets == nil {
		s.secrets = secret.None{}
	}
	if s.byHand {
		s.alerter, s.openAlerter, s.once = nil, nil, nil
	}
	if s.openAlerter != nil && s.alerter == nil {
		if s.alerter, err = s.openAlerter(c, s.secrets); err != nil {
			return fmt.Errorf("alerter: %w", err)
		}
	}
	return nil
}

// Secret decodes a section of the fleet's secret into what target points to, a struct or a map with secret.Value at its leaves:
//
//	var keys map[string]secret.Value
//	err := inv.Secret(ctx, "GitHubSyncWorker", &keys)
//
// Names match case-sensitively. It fails with secret.ErrNotConfigured, *secret.DeniedError, *secret.MissingError or
// *secret.MalformedError. When whom a secret is for refuses it, call InvalidateSecret and read the section again: if the value
// changed, try once more with it.
func (inv *Invocation[P]) Secret(ctx context.Context, section string, target any) error {
	if inv.secrets == nil {
		return secret.ErrNotConfigured
	}
	return inv.secrets.Section(ctx, section, target)
}

// InvalidateSecret says that a secret was refused: the next Secret reads it anew, unless it was read moments ago.
func (inv *Invocation[P]) InvalidateSecret() {
	if inv.secrets != nil {
		inv.secrets.Invalidate()
	}
}

package slackalert

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/secret"
)

// What a Config that is silent means.
const (
	// DefaultURL is Slack's Web API.
	DefaultURL = "https://slack.com/api/"
	// DefaultTimeout is for one request: 5 seconds.
	DefaultTimeout = 5 * time.Second
)

// SecretSection is the section of the fleet's secret that has the token, under the name SlackToken.
const SecretSection = "STARFLEET"

// HTTPClient sends one request. *http.Client is one.
type HTTPClient interface {
	Do(*http.Request) (*http.Response, error)
}

// Config is what a Slack is made of.
type Config struct {
	// Secrets has the token: see SecretSection. Required. It is first asked when the first message is sent, and asked again when Slack
	// refuses the token.
	Secrets secret.Source

	// Channel is the id of the channel for messages that name none. Default: such messages fail.
	Channel string

	// URL is Slack's Web API, ending in a slash. Default: DefaultURL.
	URL string

	// Client sends the requests. Default: one of its own.
	Client HTTPClient

	// Timeout is for one request. Default: DefaultTimeout.
	Timeout time.Duration
}

// New makes a sink. It fails when cfg has no source of the token. Nothing is sent yet.
func New(cfg Config) (*Slack, error) {
	var faults []error
	if cfg.Secrets == nil {
		faults = append(faults, errors.New("slackalert: Config.Secrets is nil: give the source of the fleet's secret, which has the token"))
	}
	if cfg.Timeout < 0 {
		faults = append(faults, fmt.Errorf("slackalert: Config.Timeout is %v: it can not be negative", cfg.Timeout))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	cfg.URL = cmp.Or(cfg.URL, DefaultURL)
	cfg.Timeout = cmp.Or(cfg.Timeout, DefaultTimeout)
	if cfg.Client == nil {
		cfg.Client = &http.Client{}
	}
	return &Slack{cfg: cfg, turns: newTurns()}, nil
}

// Open is the sink of a configuration: Slack when STARFLEET.SlackEnabled is true, and alert.Discard otherwise. It fits
// starfleet.WithAlerterFrom.
func Open(c *config.Configuration, secrets secret.Source) (alert.Alerter, error) {
	if c == nil || !c.Starfleet.SlackEnabled {
		return alert.Discard{}, nil
	}
	return New(Config{Secrets: secrets})
}

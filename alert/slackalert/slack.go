package slackalert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/secret"
)

// Slack is the sink. It is an alert.Alerter, safe for concurrent use. Make one with New or Open.
type Slack struct {
	cfg   Config
	turns *turns
}

var _ alert.Alerter = (*Slack)(nil)

// Attempts at one message.
const (
	attempts   = 3
	retryPause = time.Second // after an answer that says nothing of when to come again
)

// APIError is Slack's refusal of a message.
type APIError struct {
	// Channel is where the message was to go.
	Channel string
	// Code is Slack's, such as channel_not_found or invalid_auth.
	Code string
}

// Error names the channel and the code, and what to do about the usual ones.
func (e *APIError) Error() string {
	hint := ""
	switch e.Code {
	case "channel_not_found":
		hint = ": give the channel's id (C...), not its name, and invite the bot to it"
	case "not_in_channel":
		hint = ": invite the bot to the channel"
	case "missing_scope":
		hint = ": the bot needs the scope chat:write"
	}
	if authFailed(e.Code) {
		hint = ": put a valid token into the fleet's secret, " + SecretSection + ".SlackToken"
	}
	return fmt.Sprintf("Slack refused the message for channel %s: %s%s", e.Channel, e.Code, hint)
}

// authFailed says whether a code of Slack's is about the token.
func authFailed(code string) bool {
	switch code {
	case "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive":
		return true
	}
	return false
}

// Alert posts one message. It waits for its turn in the channel, tries again at most twice when Slack is throttling or out of order, and once
// with the token read anew when Slack refuses it. It fails with an *APIError, with an error of the source of the token, or with that of the last attempt.
func (s *Slack) Alert(ctx context.Context, m alert.Message) error {
	m.Channel = cmp.Or(m.Channel, s.cfg.Channel)
	if m.Channel == "" {
		return errors.New("slack: the message names no channel: set AlertConfiguration.ChannelId in the ship's section")
	}
	token, err := s.token(ctx)
	if err != nil {
		return err
	}
	err = s.post(ctx, token, m)
	var refused *APIError
	if !errors.As(err, &refused) || !authFailed(refused.Code) {
		return err
	}
	s.cfg.Secrets.Invalidate()
	renewed, readErr := s.token(ctx)
	if readErr != nil || renewed.Equal(token) {
		return errors.Join(err, readErr)
	}
	return s.post(ctx, renewed, m)
}

func (s *Slack) token(ctx context.Context) (secret.Value, error) {
	var section struct{ SlackToken secret.Value }
	if err := s.cfg.Secrets.Section(ctx, SecretSection, &section); err != nil {
		return secret.Value{}, fmt.Errorf("slack token: %w", err)
	}
	if section.SlackToken.IsZero() {
		return secret.Value{}, fmt.Errorf("slack token: section %s of the fleet's secret has no SlackToken", SecretSection)
	}
	return section.SlackToken, nil
}

// post sends a message with a token, and again where that may help.
func (s *Slack) post(ctx context.Context, token secret.Value, m alert.Message) error {
	client := slack.New(token.Reveal(), slack.OptionAPIURL(s.cfg.URL), slack.OptionHTTPClient(s.cfg.Client))
	var last error
	for attempt := 1; ; attempt++ {
		if err := s.turns.wait(ctx, m.Channel); err != nil {
			return errors.Join(last, fmt.Errorf("slack: no turn in channel %s in the time left: %w", m.Channel, err))
		}
		last = s.once(ctx, client, m)
		pause, again := retryable(last)
		if !again || attempt == attempts || ctx.Err() != nil {
			return last
		}
		s.turns.hold(m.Channel, pause)
	}
}

func (s *Slack) once(ctx context.Context, client *slack.Client, m alert.Message) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	_, _, err := client.PostMessageContext(ctx, m.Channel, options(m)...)
	var refused slack.SlackErrorResponse
	if errors.As(err, &refused) {
		return &APIError{Channel: m.Channel, Code: refused.Err}
	}
	if err != nil {
		return fmt.Errorf("slack: %w", err)
	}
	return nil
}

// retryable says whether another attempt may succeed, and how long it has to wait.
func retryable(err error) (time.Duration, bool) {
	var (
		limited *slack.RateLimitedError
		status  slack.StatusCodeError
		refused *APIError
	)
	switch {
	case err == nil:
		return 0, false
	case errors.As(err, &limited):
		return limited.RetryAfter, true
	case errors.As(err, &refused):
		switch refused.Code {
		case "ratelimited", "rate_limited", "service_unavailable", "internal_error", "fatal_error":
			return retryPause, true
		}
		return 0, false
	case errors.As(err, &status):
		return retryPause, status.Code >= 500 || status.Code == 429
	}
	return retryPause, true // no answer: the connection failed, or the time of one request ran out
}

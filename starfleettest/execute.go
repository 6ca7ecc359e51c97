package starfleettest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/secret"
)

// The target of Execute when its options name none.
const (
	DefaultAccount = "111111111111"
	DefaultRegion  = "us-east-1"
)

// ExecuteOptions of Execute. Nil means all defaults.
type ExecuteOptions struct {
	Account string // default DefaultAccount
	Region  string // default DefaultRegion; for ships by account and region
	Commit  bool   // default: dry run
	Attempt int    // default 1
	// AWSConfig is what Invocation.AWSConfig answers. Default: an empty configuration in the task's region, without credentials.
	AWSConfig func(context.Context, starfleet.Target) (aws.Config, error)
	// Index is the worker's account index. Default: none.
	Index *accountindex.Index
	// Configuration is the ship's configuration. Default: none.
	Configuration *config.Configuration
	Middleware    []starfleet.Middleware
	// Secrets is what Invocation.Secret reads, such as one of secret.Parse. Default: none.
	Secrets secret.Source
}

// Execute runs a ship for one task, through the whole worker: the payload is checked by its schema and its Validate method, guards apply,
// and a panic is the task's failure. What the payload's base lacks is filled in: a template name and description, and a selection of just
// the target. Wrong wiring fails the test; the ship's own error is in the result. Nothing is read from the environment.
func Execute[P starfleet.Payload](tb testing.TB, ship starfleet.Ship[P], payload P, o *ExecuteOptions) starfleet.Result {
	tb.Helper()
	if o == nil {
		o = &ExecuteOptions{}
	}
	var result starfleet.Result
	handler, err := starfleet.NewHandler(ship, o.handlerOptions(tb, &result)...)
	if err != nil {
		tb.Fatalf("starfleettest: %v", err)
	}
	body, err := taskBody(payload, handler.Manifest().FanOut, o.target())
	if err != nil {
		tb.Fatalf("starfleettest: payload of ship %s: %v", ship.Name(), err)
	}
	_ = handler.Handle(tb.Context(), queue.Message{ID: "test-message", Body: string(body), ReceiveCount: max(o.Attempt, 1)}) // the error is in the result
	return result
}

func (o *ExecuteOptions) target() accountindex.Target {
	t := accountindex.Target{AccountID: o.Account, Region: o.Region}
	if t.AccountID == "" {
		t.AccountID = DefaultAccount
	}
	if t.Region == "" {
		t.Region = DefaultRegion
	}
	return t
}

func (o *ExecuteOptions) handlerOptions(tb testing.TB, result *starfleet.Result) []starfleet.Option {
	awsConfig := o.AWSConfig
	if awsConfig == nil {
		awsConfig = func(_ context.Context, t starfleet.Target) (aws.Config, error) {
			return aws.Config{Region: t.Region}, nil
		}
	}
	options := []starfleet.Option{
		starfleet.WithEnvironment(func(string) (string, bool) { return "", false }),
		starfleet.WithCommit(o.Commit), starfleet.WithAWSConfig(awsConfig), starfleet.WithMiddleware(o.Middleware...),
		starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { *result = r }),
		starfleet.WithLogger(slog.New(slog.NewTextHandler(tb.Output(), nil))),
	}
	if o.Index != nil {
		options = append(options, starfleet.WithIndex(accountindex.Static{X: o.Index}))
	}
	if o.Configuration != nil {
		options = append(options, starfleet.WithConfiguration(o.Configuration))
	}
	if o.Secrets != nil {
		options = append(options, starfleet.WithSecrets(o.Secrets))
	}
	return options
}

// durationsAsText writes durations as templates have them, such as "30s".
var durationsAsText = json.MarshalToFunc(func(enc *jsontext.Encoder, d time.Duration) error {
	return enc.WriteToken(jsontext.String(d.String()))
})

// taskBody is the payload as the body of a task for the target.
func taskBody(payload any, strategy starfleet.FanOutStrategy, target accountindex.Target) ([]byte, error) {
	data, err := json.Marshal(payload, json.WithMarshalers(durationsAsText))
	if err != nil {
		return nil, err
	}
	fields := map[string]jsontext.Value{}
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	set := func(key string, value any, when bool) {
		if encoded, e := json.Marshal(value); e == nil && when {
			fields[key] = encoded
		}
	}
	empty := func(key string) bool {
		switch string(fields[key]) {
		case "", "null", `""`, "{}", "[]", `{"AllAccounts":false}`:
			return true
		}
		return false
	}
	set("TemplateName", "test", empty("TemplateName"))
	set("TemplateDescription", "A template of a test", empty("TemplateDescription"))
	if strategy != starfleet.SingleInvocation {
		set("IncludeAccounts", map[string][]string{"ByIds": {target.AccountID}}, empty("IncludeAccounts"))
		set("StarbaseAssignedAccount", target.AccountID, true)
	}
	if strategy == starfleet.PerAccountRegion {
		set("IncludeRegions", []string{target.Region}, empty("IncludeRegions"))
		set("StarbaseAssignedRegion", target.Region, true)
	}
	return json.Marshal(fields, json.Deterministic(true))
}

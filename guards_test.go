package starfleet_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
)

// TestGuards: what a worker refuses, before the ship and any credentials, and what becomes of the message.
func TestGuards(t *testing.T) {
	t.Parallel()
	edit := func(old, replacement string) queue.Message {
		if !strings.Contains(goodTask, old) {
			t.Fatalf("%q is not in the task", old)
		}
		return message(strings.Replace(goodTask, old, replacement, 1))
	}
	withAttribute := func(name, value string) queue.Message {
		m := message(goodTask)
		m.Attributes[name] = value
		return m
	}
	tests := []struct {
		name    string
		message queue.Message
		want    queue.Action
		text    string
	}{
		{"not JSON", message("no"), queue.DeadLetter, "task body"},
		{"YAML is not a body", message("TemplateName: t"), queue.DeadLetter, "task body"},
		{"a list", message("[]"), queue.DeadLetter, "payload schema"},
		{"empty", message(""), queue.DeadLetter, "task body"},
		{"duplicate key", edit(`"Days":30`, `"Days":30,"Days":31`), queue.DeadLetter, "task body"},
		{"no account", edit(`,"StarbaseAssignedAccount":"111111111111"`, ""), queue.DeadLetter, "StarbaseAssignedAccount"},
		{"null account", edit(`"StarbaseAssignedAccount":"111111111111"`, `"StarbaseAssignedAccount":null`), queue.DeadLetter, "StarbaseAssignedAccount"},
		{"malformed account", edit(`"StarbaseAssignedAccount":"111111111111"`, `"StarbaseAssignedAccount":"11111111111"`), queue.DeadLetter, "12-digit"},
		{"no region", edit(`,"StarbaseAssignedRegion":"us-east-1"`, ""), queue.DeadLetter, "StarbaseAssignedRegion"},
		{"malformed region", edit(`"StarbaseAssignedRegion":"us-east-1"`, `"StarbaseAssignedRegion":"../x"`), queue.DeadLetter, "not a region name"},
		{"region that the template does not name", edit(`"StarbaseAssignedRegion":"us-east-1"`, `"StarbaseAssignedRegion":"us-west-2"`), queue.DeadLetter, "IncludeRegions"},
		{"region that the template excludes", edit(`"IncludeRegions":["us-east-1"]`, `"IncludeRegions":["ALL"],"ExcludeRegions":["us-east-1"]`), queue.DeadLetter, "ExcludeRegions"},
		{"account that the template does not name", edit(`"StarbaseAssignedAccount":"111111111111"`, `"StarbaseAssignedAccount":"222222222222"`), queue.DeadLetter, "does not name account"},
		{"account that the template excludes", edit(`"ByIds":["111111111111"]}`, `"AllAccounts":true},"ExcludeAccounts":{"ByIds":["111111111111"]}`), queue.DeadLetter, "excludes account 111111111111"},
		{"payload out of bounds", edit(`"Days":30`, `"Days":0`), queue.DeadLetter, "Days"},
		{"payload of the wrong type", edit(`"Days":30`, `"Days":"30"`), queue.DeadLetter, "Days"},
		{"payload's own check", edit(`"Days":30`, `"Days":13`), queue.DeadLetter, "bad luck"},
		{"selection that contradicts itself", edit(`"ByIds":["111111111111"]`, `"ByIds":["111111111111"],"AllAccounts":true`), queue.DeadLetter, "AllAccounts"},
		{"too late", withAttribute(starfleet.AttributeNotAfter, "2001-01-01T00:00:00Z"), queue.DeadLetter, "had to be done by"},
		{"time limit that is none", withAttribute(starfleet.AttributeNotAfter, "soon"), queue.DeadLetter, "RFC 3339"},
		{"key of a newer version", edit(`"Days":30`, `"Days":30,"Hours":1`), queue.Retry, "Hours"},
		{"key in another case", edit(`"Days":30`, `"Days":30,"includeAccounts":{}`), queue.Retry, "includeAccounts"},
		{"unknown nested key", edit(`{"ByIds"`, `{"byIds":[],"ByIds"`), queue.DeadLetter, "byIds"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var results []starfleet.Result
			handler := newHandler(t, mustNotRun(t), starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { results = append(results, r) }))
			err := handler.Handle(t.Context(), test.message)
			if err == nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v, want one with %q", err, test.text)
			}
			if got := queue.DispositionOf(err).Action; got != test.want {
				t.Errorf("the message is to %v, want %v", got, test.want)
			}
			if len(results) != 1 || results[0].Err == nil {
				t.Errorf("observed %+v", results)
			}
		})
	}
}

// TestNeverTouchByID: a worker refuses a never-touch account by id without an index, whatever the template says.
func TestNeverTouchByID(t *testing.T) {
	t.Parallel()
	const text = `
STARFLEET: {DeploymentRegion: us-east-1, TemplateBucket: b, FanOutQueueUrl: "https://sqs.us-east-1.amazonaws.com/1/f"}
Fleet: {NeverTouch: {ByIds: ["%s"]}}
Ship:
  Enabled: true
  TemplatePrefix: Ship/
  InvocationQueueUrl: https://sqs.us-east-1.amazonaws.com/1/s
  InvocationSources: [S3]
  NeverTouch: {ByIds: ["%s"]}
`
	for _, test := range []struct{ fleet, ship, want string }{
		{"111111111111", "999999999999", "Fleet.NeverTouch"},
		{"999999999999", "111111111111", "Ship.NeverTouch"},
	} {
		files := fstest.MapFS{"c.yaml": {Data: fmt.Appendf(nil, text, test.fleet, test.ship)}}
		handler := newHandler(t, mustNotRun(t), starfleet.WithConfig(files))
		err := handler.Handle(t.Context(), message(goodTask))
		var refused *starfleet.RefusedError
		if !errors.As(err, &refused) || refused.Guard != test.want {
			t.Errorf("error %v, want a refusal by %s", err, test.want)
		}
	}
}

// source is an index source that gives its indexes one after the other, the last one for ever.
type source struct {
	mu        sync.Mutex
	list      []*accountindex.Index
	refreshes int
}

func (s *source) Index(context.Context) (*accountindex.Index, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list[0], nil
}

func (s *source) Refresh(context.Context) (*accountindex.Index, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refreshes++
	if len(s.list) > 1 {
		s.list = s.list[1:]
	}
	return s.list[0], nil
}

func index(t *testing.T, accounts ...accountindex.Account) *accountindex.Index {
	t.Helper()
	for i := range accounts {
		a := &accounts[i]
		a.ARN = "arn:aws:organizations::999999999999:account/o-abcdefghij/" + a.ID
		a.Parents = []accountindex.Parent{{ID: "r-ab12", Name: "ROOT", Type: "ROOT"}}
		if a.Tags == nil {
			a.Tags = map[string]string{}
		}
	}
	x, err := accountindex.New(accounts, nil, time.Time{}, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// withoutTags is an index that does not say which tags an account has.
func withoutTags(t *testing.T, account accountindex.Account) *accountindex.Index {
	t.Helper()
	account.ARN = "arn:aws:organizations::999999999999:account/o-abcdefghij/" + account.ID
	account.Parents = []accountindex.Parent{{ID: "r-ab12", Name: "ROOT", Type: "ROOT"}}
	x, err := accountindex.New([]accountindex.Account{account}, nil, time.Time{}, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestWorkerIndex: no longer selected is skipped, not in the index is asked for again and then retried, never-touch by tag is refused.
func TestWorkerIndex(t *testing.T) {
	t.Parallel()
	active := accountindex.Account{ID: "111111111111", Name: "One", State: accountindex.Active, Regions: []string{"us-east-1"}}
	moved := active
	moved.Regions = []string{"eu-west-1"}
	suspended := active
	suspended.State = accountindex.Suspended
	untagged := active
	untagged.Tags = nil
	stateless := active
	stateless.State = accountindex.UnknownState
	tagged := active
	tagged.Tags = map[string]string{"Touch": "never"}
	other := accountindex.Account{ID: "222222222222", Name: "Two", State: accountindex.Active, Regions: []string{"us-east-1"}}
	never, err := config.Load(fstest.MapFS{"c.yaml": {Data: []byte(`
STARFLEET: {DeploymentRegion: us-east-1, TemplateBucket: b, FanOutQueueUrl: "https://sqs.us-east-1.amazonaws.com/1/f"}
Fleet: {NeverTouch: {ByTags: [{Name: touch, Value: never}]}}
Ship: {Enabled: true, TemplatePrefix: Ship/, InvocationQueueUrl: "https://sqs.us-east-1.amazonaws.com/1/s", InvocationSources: [S3]}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name      string
		indexes   []*accountindex.Index
		want      queue.Action
		after     time.Duration
		outcome   starfleet.Outcome
		refreshes int
	}{
		{"selected", []*accountindex.Index{index(t, active)}, queue.Acknowledge, 0, starfleet.OutcomeOK, 0},
		{"region gone", []*accountindex.Index{index(t, moved)}, queue.Acknowledge, 0, starfleet.OutcomeSkipped, 1},
		{"suspended since", []*accountindex.Index{index(t, suspended)}, queue.Acknowledge, 0, starfleet.OutcomeSkipped, 1},
		{"not in an old index, selected by the newer one", []*accountindex.Index{index(t, moved), index(t, active)}, queue.Acknowledge, 0, starfleet.OutcomeOK, 1},
		{"state unknown", []*accountindex.Index{index(t, stateless)}, queue.Retry, 5 * time.Minute, starfleet.OutcomeFailed, 1},
		{"tags unknown that a guard asks for", []*accountindex.Index{withoutTags(t, untagged)}, queue.Retry, 5 * time.Minute, starfleet.OutcomeFailed, 1},
		{"never touch by tag", []*accountindex.Index{index(t, tagged)}, queue.DeadLetter, 0, starfleet.OutcomeRefused, 1},
		{"in the newer index", []*accountindex.Index{index(t, other), index(t, active)}, queue.Acknowledge, 0, starfleet.OutcomeOK, 1},
		{"in no index", []*accountindex.Index{index(t, other)}, queue.Retry, 5 * time.Minute, starfleet.OutcomeFailed, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			indexes := &source{list: test.indexes}
			var result starfleet.Result
			handler := newHandler(t, returns(nil), starfleet.WithIndex(indexes), starfleet.WithConfiguration(never),
				starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { result = r }))
			d := queue.DispositionOf(handler.Handle(t.Context(), message(goodTask)))
			if d.Action != test.want || d.After != test.after || result.Outcome != test.outcome || indexes.refreshes != test.refreshes {
				t.Errorf("disposition %+v, outcome %s (%v), %d refreshes", d, result.Outcome, result.Err, indexes.refreshes)
			}
		})
	}
}

package deadletter_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/deadletter"
	"github.com/starfleet-go/starfleet/queue"
)

// TestReadKnowsTheNames: this package, which may not import starfleet, writes the names of a task's attributes itself.
func TestReadKnowsTheNames(t *testing.T) {
	t.Parallel()
	l := deadletter.Read(queue.Message{
		ID: "m", Body: `{"StarbaseAssignedAccount":"111111111111","StarbaseAssignedRegion":"eu-west-1"}`,
		Attributes: map[string]string{
			starfleet.AttributeRunID: "r", starfleet.AttributeTaskID: "t", starfleet.AttributeNotAfter: "2026-01-01T00:00:00Z",
			queue.AttributeErrorClass: "c", queue.AttributeErrorMessage: "e", queue.AttributeSourceARN: "arn:aws:sqs:us-east-1:111111111111:Ship",
			queue.AttributeSourceMessageID: "s",
		},
	})
	l.Message = queue.Message{}
	if diff := cmp.Diff(l, deadletter.Letter{
		Class: "c", Cause: "e", SourceARN: "arn:aws:sqs:us-east-1:111111111111:Ship", SourceMessageID: "s", Ship: "Ship",
		AccountID: "111111111111", Region: "eu-west-1", RunID: "r", TaskID: "t", NotAfter: "2026-01-01T00:00:00Z",
	}); diff != "" {
		t.Error(diff)
	}
	for _, body := range []string{"", "null", "[]", "text", `{"StarbaseAssignedAccount":7}`} {
		if l := deadletter.Read(queue.Message{Body: body}); l.Class != deadletter.UnknownClass || l.AccountID != "" || l.Expired(time.Now()) {
			t.Errorf("%s: %+v", body, l)
		}
	}
}

// FuzzRead: a body of any kind is read without a panic.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"", "{", `{"StarbaseAssignedAccount":"1"}`, `{"StarbaseAssignedAccount":{}}`, "\xff", `[[[[`} {
		f.Add(seed, "arn:aws:sqs:us-east-1:111111111111:q", "2026-01-01T00:00:00Z")
	}
	f.Fuzz(func(_ *testing.T, body, arn, notAfter string) {
		l := deadletter.Read(queue.Message{Body: body, Attributes: map[string]string{queue.AttributeSourceARN: arn, starfleet.AttributeNotAfter: notAfter}})
		l.Expired(time.Now())
	})
}

func TestExpired(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for notAfter, want := range map[string]bool{"": false, "2026-01-01T00:00:00Z": false, "2025-12-31T23:59:59Z": true, "2026-01-01T01:00:00+02:00": true, "soon": true} {
		if got := (deadletter.Letter{NotAfter: notAfter}).Expired(now); got != want {
			t.Errorf("%q: %t", notAfter, got)
		}
	}
}

func TestFilter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l := deadletter.Letter{
		Class: "c", AccountID: "111111111111", Ship: "s", RunID: "r", SourceMessageID: "before",
		Message: queue.Message{ID: "m", SentAt: now.Add(-time.Hour)},
	}
	for _, c := range []struct {
		f    deadletter.Filter
		want bool
	}{
		{deadletter.Filter{}, true},
		{deadletter.Filter{Classes: []string{"x", "c"}, AccountIDs: []string{"111111111111"}, Ships: []string{"s"}, RunIDs: []string{"r"}}, true},
		{deadletter.Filter{Classes: []string{"c"}, AccountIDs: []string{"222222222222"}}, false},
		{deadletter.Filter{Ships: []string{"S"}}, false},
		{deadletter.Filter{RunIDs: []string{""}}, false},
		{deadletter.Filter{MessageIDs: []string{"m"}}, true},
		{deadletter.Filter{MessageIDs: []string{"before"}}, true},
		{deadletter.Filter{MessageIDs: []string{"another"}}, false},
		{deadletter.Filter{OlderThan: 59 * time.Minute, YoungerThan: 61 * time.Minute}, true},
		{deadletter.Filter{OlderThan: 61 * time.Minute}, false},
		{deadletter.Filter{YoungerThan: 59 * time.Minute}, false},
	} {
		if got := c.f.Selects(l, now); got != c.want {
			t.Errorf("%+v selects: %t", c.f, got)
		}
		if c.f.Empty() != cmp.Equal(c.f, deadletter.Filter{}) {
			t.Errorf("%+v is empty: %t", c.f, c.f.Empty())
		}
	}
	if (deadletter.Filter{OlderThan: time.Hour}).Selects(deadletter.Letter{}, now) {
		t.Error("a letter of unknown age is old")
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	groups := deadletter.NewGroups(deadletter.By{Class: true, Ship: true})
	for i, class := range []string{"b", "a", "b"} {
		groups.Add(deadletter.Letter{
			Class: class, Ship: "s", AccountID: fmt.Sprint(i), NotAfter: "2025-01-01T00:00:00Z", Message: queue.Message{SentAt: now.Add(-time.Duration(i) * time.Hour)},
		}, now)
	}
	all := groups.All()
	for i := range all {
		all[i].Example = deadletter.Letter{}
	}
	if diff := cmp.Diff(all, []deadletter.Group{
		{Key: deadletter.Key{Class: "b", Ship: "s"}, Count: 2, Expired: 2, Oldest: now.Add(-2 * time.Hour), Newest: now},
		{Key: deadletter.Key{Class: "a", Ship: "s"}, Count: 1, Expired: 1, Oldest: now.Add(-time.Hour), Newest: now.Add(-time.Hour)},
	}); diff != "" {
		t.Error(diff)
	}
}

func TestNewNamesTheFaults(t *testing.T) {
	t.Parallel()
	_, err := deadletter.New(deadletter.Config{Visibility: time.Millisecond, Wait: time.Minute, Page: 11})
	for _, want := range []string{"Config.From", "Config.Visibility", "Config.Wait", "Config.Page"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
}

package awsconfig_test

import (
	"errors"
	"testing"

	"github.com/starfleet-go/starfleet"
)

// FuzzTask: no body of a task makes the ship panic or write in a dry run, and what a commit wrote, a second one finds done.
func FuzzTask(f *testing.F) {
	f.Add(sampleTask(f, "000000000001", "us-west-1").Body)
	f.Add(task(f, override, account, "us-west-1").Body)
	x := indexWithSamples(f)
	f.Fuzz(func(t *testing.T, body string) {
		fake := &fakeConfig{}
		dry, commit := attempt{fake: fake, index: x}, attempt{fake: fake, index: x, commit: true}
		r := dry.handle(t, body)
		if _, panicked := errors.AsType[*starfleet.PanicError](r.Err); panicked || len(fake.writes()) > 0 {
			t.Fatalf("dry run: %s, %v", r.Outcome, r.Err)
		}
		if commit.handle(t, body).Err != nil {
			return
		}
		fake.writes()
		if again := commit.handle(t, body); again.Err != nil && again.Outcome != starfleet.OutcomeSkipped || len(fake.writes())+len(again.Changes) > 0 {
			t.Fatalf("the second run changed %v, error %v", again.Changes, again.Err)
		}
	})
}

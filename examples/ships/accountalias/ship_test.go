package accountalias_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/examples/ships/accountalias"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starfleettest"
)

// fakeIAM is the IAM of one account, in a partition where others have taken some aliases.
type fakeIAM struct {
	alias      string
	taken      []string
	emptyPages int // empty pages before the one with the alias
	listErr    error
	createErr  error

	calls []string // IAM actions, in order
}

func (f *fakeIAM) client(aws.Config) accountalias.Client { return f }

func (f *fakeIAM) ListAccountAliases(_ context.Context, in *iam.ListAccountAliasesInput, _ ...func(*iam.Options)) (*iam.ListAccountAliasesOutput, error) {
	f.calls = append(f.calls, "iam:ListAccountAliases")
	if f.listErr != nil {
		return nil, f.listErr
	}
	if page := len(aws.ToString(in.Marker)); page < f.emptyPages {
		return &iam.ListAccountAliasesOutput{IsTruncated: true, Marker: aws.String(strings.Repeat("m", page+1))}, nil
	}
	out := &iam.ListAccountAliasesOutput{}
	if f.alias != "" {
		out.AccountAliases = []string{f.alias}
	}
	return out, nil
}

func (f *fakeIAM) CreateAccountAlias(_ context.Context, in *iam.CreateAccountAliasInput, _ ...func(*iam.Options)) (*iam.CreateAccountAliasOutput, error) {
	f.calls = append(f.calls, "iam:CreateAccountAlias")
	if f.createErr != nil {
		return nil, f.createErr
	}
	if slices.Contains(f.taken, *in.AccountAlias) {
		return nil, &types.EntityAlreadyExistsException{Message: aws.String("the account alias " + *in.AccountAlias + " already exists")}
	}
	f.alias = *in.AccountAlias
	return &iam.CreateAccountAliasOutput{}, nil
}

const account = "111122223333"

func options(commit bool) *starfleettest.ExecuteOptions {
	return &starfleettest.ExecuteOptions{Account: account, Commit: commit}
}

func TestExecute(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		payload accountalias.Payload
		has     string
		want    string // alias after commit
		changes int
		outcome starfleet.Outcome // of the dry run and of commit
	}{
		"prefix and account id": {
			payload: accountalias.Payload{AliasPrefix: "acme-"}, want: "acme-111122223333", changes: 1, outcome: starfleet.OutcomeChanged,
		},
		"Aliases stands above the prefix": {
			payload: accountalias.Payload{AliasPrefix: "acme-", Aliases: map[string]string{account: "acme-pay", "000000000001": "other"}},
			want:    "acme-pay", changes: 1, outcome: starfleet.OutcomeChanged,
		},
		"an account without an alias in the template": {
			payload: accountalias.Payload{Aliases: map[string]string{"000000000001": "other"}}, has: "old", want: "old", outcome: starfleet.OutcomeSkipped,
		},
		"the alias is there": {
			payload: accountalias.Payload{AliasPrefix: "acme-"}, has: "acme-111122223333", want: "acme-111122223333", outcome: starfleet.OutcomeOK,
		},
		"another alias is kept": {
			payload: accountalias.Payload{AliasPrefix: "acme-"}, has: "old", want: "old", outcome: starfleet.OutcomeSkipped,
		},
		"another alias is replaced when the template says so": {
			payload: accountalias.Payload{AliasPrefix: "acme-", ReplaceExisting: true}, has: "old", want: "acme-111122223333", changes: 1,
			outcome: starfleet.OutcomeChanged,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeIAM{alias: test.has, emptyPages: 2}
			ship := accountalias.New(fake.client)

			dry := starfleettest.Execute(t, ship, test.payload, options(false))
			if dry.Outcome != test.outcome || len(dry.Changes) != test.changes {
				t.Errorf("dry run: %s, changes %v, error %v", dry.Outcome, dry.Changes, dry.Err)
			}
			if slices.Contains(fake.calls, "iam:CreateAccountAlias") || fake.alias != test.has {
				t.Fatalf("a dry run wrote: %v", fake.calls)
			}

			result := starfleettest.Execute(t, ship, test.payload, options(true))
			if result.Outcome != test.outcome || len(result.Changes) != test.changes || fake.alias != test.want {
				t.Errorf("commit: %s, changes %v, error %v, alias %q, want %q", result.Outcome, result.Changes, result.Err, fake.alias, test.want)
			}

			fake.calls = nil
			again := starfleettest.Execute(t, ship, test.payload, options(true))
			if len(again.Changes) > 0 || slices.Contains(fake.calls, "iam:CreateAccountAlias") {
				t.Errorf("the second run changed %v by %v", again.Changes, fake.calls)
			}
		})
	}
}

func TestATakenAliasIsPermanent(t *testing.T) {
	t.Parallel()
	fake := &fakeIAM{taken: []string{"acme-111122223333"}}
	result := starfleettest.Execute(t, accountalias.New(fake.client), accountalias.Payload{AliasPrefix: "acme-"}, options(true))

	var permanent *starfleet.PermanentError
	var taken *accountalias.TakenError
	if !errors.As(result.Err, &permanent) || !errors.As(result.Err, &taken) {
		t.Fatalf("got %v, want a permanent TakenError", result.Err)
	}
	if taken.Alias != "acme-111122223333" || taken.AccountID != account {
		t.Errorf("the error says alias %s for account %s", taken.Alias, taken.AccountID)
	}
	want := queue.Disposition{Action: queue.DeadLetter, Class: "accountalias.TakenError"}
	if diff := cmp.Diff(want, queue.DispositionOf(result.Err)); diff != "" {
		t.Errorf("disposition (-want +got):\n%s", diff)
	}
	var cause *types.EntityAlreadyExistsException
	if !errors.As(result.Err, &cause) || !strings.Contains(result.Err.Error(), "Aliases") {
		t.Errorf("error %v does not carry its cause or the way out", result.Err)
	}
}

func TestErrorsOfAWSPassThrough(t *testing.T) {
	t.Parallel()
	throttled := &smithy.GenericAPIError{Code: "Throttling", Message: "Rate exceeded"}
	concurrent := &types.ConcurrentModificationException{}
	tests := map[string]struct {
		fake    fakeIAM
		want    error
		outcome starfleet.Outcome
	}{
		"throttled while reading": {fakeIAM{listErr: throttled}, throttled, starfleet.OutcomeThrottled},
		"throttled while writing": {fakeIAM{createErr: throttled}, throttled, starfleet.OutcomeThrottled},
		"a concurrent change":     {fakeIAM{createErr: concurrent}, concurrent, starfleet.OutcomeFailed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := starfleettest.Execute(t, accountalias.New(test.fake.client), accountalias.Payload{AliasPrefix: "acme-"}, options(true))
			if !errors.Is(result.Err, test.want) || result.Outcome != test.outcome {
				t.Errorf("got outcome %s, error %v", result.Outcome, result.Err)
			}
			if d := queue.DispositionOf(result.Err); d.Action != queue.Retry {
				t.Errorf("the task is not tried again: %+v", d)
			}
		})
	}
}

func TestNoAliasNoCredentials(t *testing.T) {
	t.Parallel()
	o := options(true)
	o.AWSConfig = func(context.Context, starfleet.Target) (aws.Config, error) {
		t.Error("credentials were asked for")
		return aws.Config{}, errors.New("none")
	}
	fake := &fakeIAM{}
	payload := accountalias.Payload{Aliases: map[string]string{"000000000001": "other"}}
	result := starfleettest.Execute(t, accountalias.New(fake.client), payload, o)
	if result.Outcome != starfleet.OutcomeSkipped || !strings.Contains(fmt.Sprint(result.Err), account) {
		t.Errorf("got outcome %s, error %v", result.Outcome, result.Err)
	}
}

// TestPermissionsAreTheCallsMade holds the list against a recording of the calls.
func TestPermissionsAreTheCallsMade(t *testing.T) {
	t.Parallel()
	fake := &fakeIAM{}
	ship := accountalias.New(fake.client)
	starfleettest.Execute(t, ship, accountalias.Payload{AliasPrefix: "acme-"}, options(false))
	if diff := cmp.Diff(ship.Permissions().Read, fake.calls); diff != "" {
		t.Errorf("a dry run (-permissions +calls):\n%s", diff)
	}
	fake.calls = nil
	starfleettest.Execute(t, ship, accountalias.Payload{AliasPrefix: "acme-"}, options(true))
	if diff := cmp.Diff(append(ship.Permissions().Read, ship.Permissions().Write...), fake.calls); diff != "" {
		t.Errorf("with commit (-permissions +calls):\n%s", diff)
	}
}

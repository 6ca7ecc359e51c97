package starfleet_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/aws/assume"
	"github.com/starfleet-go/starfleet/aws/secrets"
	"github.com/starfleet-go/starfleet/secret"
)

// Each fault of a fleet ends in its named outcome, and the rest of the batch in its own. What the Starbase does with an index that lacks facts,
// or is cut off, is in the tests of packages aws/orgindex and starbase; Slack that is down in TestSlackDownAndSecretsManagerDenied.

// outcomes collects what became of the tasks, by account.
type outcomes struct {
	mu     sync.Mutex
	all    map[string]starfleet.Outcome
	errors map[string]error
}

func newOutcomes() *outcomes {
	return &outcomes{all: map[string]starfleet.Outcome{}, errors: map[string]error{}}
}

func (o *outcomes) observe(_ context.Context, r starfleet.Result) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all[r.AccountID], o.errors[r.AccountID] = r.Outcome, r.Err
}

// taskIn is a task in one region of one account, of a template for all of them.
func taskIn(account, region string) string {
	return fmt.Sprintf(`{"TemplateName":"t","TemplateDescription":"d","IncludeAccounts":{"AllAccounts":true},"IncludeRegions":["ALL"],"Days":30,`+
		`"StarbaseAssignedAccount":%q,"StarbaseAssignedRegion":%q}`, account, region)
}

// batchIn is an event of a task in us-east-1 of each account, whose message id is the account.
func batchIn(t *testing.T, accounts ...string) []byte {
	t.Helper()
	var records []string
	for _, account := range accounts {
		records = append(records, account, taskIn(account, "us-east-1"))
	}
	return sqsEvent(t, records...)
}

// changing asks for credentials, uses them, and changes something.
func changing(ctx context.Context, inv *starfleet.Invocation[regionPayload]) error {
	cfg, err := inv.AWSConfig(ctx)
	if err != nil {
		return err
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return err
	}
	inv.Change("set retention")
	return nil
}

// TestFaultSTSThrottled: STS refuses 30 % of the calls. Every task is done all the same, at its first attempt.
func TestFaultSTSThrottled(t *testing.T) {
	server := newSTS(t)
	answer := server.Config.Handler
	var mu sync.Mutex
	asked, throttled, calls := map[string]int{}, 0, 0
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		role := r.FormValue("RoleArn")
		mu.Lock()
		asked[role]++
		calls++
		refuse := asked[role] == 1 && len(asked)%7 < 3 // 3 of 7 first calls, that is of 10 calls
		if refuse {
			throttled++
		}
		mu.Unlock()
		if !refuse {
			answer.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>`)
	}))
	t.Cleanup(front.Close)
	t.Setenv("AWS_ENDPOINT_URL_STS", front.URL)
	var accounts []string
	want := map[string]starfleet.Outcome{}
	for i := range 50 {
		account := fmt.Sprintf("3%011d", i)
		accounts = append(accounts, account)
		want[account] = starfleet.OutcomeChanged
	}
	got := newOutcomes()
	handler := newHandler(t, changing, configured("us-east-1", ", WorkerRoleToAssume: worker"), starfleet.WithObserver(got.observe), starfleet.WithConcurrency(50))
	out, err := handler.Invoke(t.Context(), batchIn(t, accounts...))
	if err != nil || string(out) != `{"batchItemFailures":[]}` {
		t.Errorf("answer %s, error %v", out, err)
	}
	if diff := cmp.Diff(want, got.all); diff != "" {
		t.Error(diff)
	}
	if t.Logf("%d of %d calls throttled", throttled, calls); 100*throttled < 20*calls || 100*throttled > 40*calls {
		t.Errorf("%d of %d calls were throttled, want about 30 %%", throttled, calls)
	}
}

// TestFaultOneAccountDenied: the account that does not let the role in is denied, by type, and is retried; the others are changed.
func TestFaultOneAccountDenied(t *testing.T) {
	newSTS(t) // which denies 222222222222
	got := newOutcomes()
	handler := newHandler(t, changing, configured("us-east-1", ", WorkerRoleToAssume: worker"), starfleet.WithObserver(got.observe))
	out, err := handler.Invoke(t.Context(), batchIn(t, "111111111111", "222222222222", "333333333333"))
	if err != nil || string(out) != `{"batchItemFailures":[{"itemIdentifier":"222222222222"}]}` {
		t.Errorf("answer %s, error %v", out, err)
	}
	want := map[string]starfleet.Outcome{"111111111111": starfleet.OutcomeChanged, "222222222222": starfleet.OutcomeDenied, "333333333333": starfleet.OutcomeChanged}
	if diff := cmp.Diff(want, got.all); diff != "" {
		t.Error(diff)
	}
	denied, ok := errors.AsType[*assume.DeniedError](got.errors["222222222222"])
	if !ok || denied.Account != "222222222222" || denied.RoleARN != "arn:aws:iam::222222222222:role/worker" {
		t.Errorf("error %v", got.errors["222222222222"])
	}
}

// TestFaultRegionDisabled: a region that is disabled in one account is not tasked there, and a task that was under way when it was
// disabled is skipped, with no call to AWS; the others are changed.
func TestFaultRegionDisabled(t *testing.T) {
	server := newSTS(t)
	disabled := index(t,
		accountindex.Account{ID: "111111111111", Name: "One", State: accountindex.Active, Regions: []string{"eu-west-1", "us-east-1"}},
		accountindex.Account{ID: "333333333333", Name: "Three", State: accountindex.Active, Regions: []string{"eu-west-1"}})
	manifest, err := starfleet.ManifestOf(starfleet.ShipFunc("Ship", changing))
	if err != nil {
		t.Fatal(err)
	}
	template, err := starfleet.ParseTemplate(manifest, "t.yaml", []byte("TemplateName: t\nTemplateDescription: d\nIncludeAccounts: {AllAccounts: true}\nIncludeRegions: [us-east-1]\nDays: 30\n"))
	if err != nil {
		t.Fatal(err)
	}
	resolution, err := disabled.Resolve(t.Context(), template.Query())
	if err != nil {
		t.Fatal(err)
	}
	if decision, _ := resolution.ExplainAccount("333333333333"); resolution.Targets() != 1 || decision.Reason != accountindex.NoRegions {
		t.Errorf("%d targets, account 333333333333 is %s", resolution.Targets(), decision.Reason)
	}
	got := newOutcomes()
	handler := newHandler(t, changing, configured("us-east-1", ", WorkerRoleToAssume: worker"), starfleet.WithObserver(got.observe), starfleet.WithIndex(accountindex.Static{X: disabled}))
	out, err := handler.Invoke(t.Context(), batchIn(t, "333333333333", "111111111111"))
	if err != nil || string(out) != `{"batchItemFailures":[]}` {
		t.Errorf("answer %s, error %v", out, err)
	}
	want := map[string]starfleet.Outcome{"111111111111": starfleet.OutcomeChanged, "333333333333": starfleet.OutcomeSkipped}
	if diff := cmp.Diff(want, got.all); diff != "" {
		t.Error(diff)
	}
	if len(server.roles) != 1 || !strings.Contains(server.roles[0], "111111111111") {
		t.Errorf("roles assumed %q", server.roles)
	}
}

// TestFaultSecretsManagerDenied: a task that needs the secret fails by the type of the denial and is retried; one that does not is done.
func TestFaultSecretsManagerDenied(t *testing.T) {
	t.Parallel()
	denied := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"AccessDeniedException","Message":"no"}`))
	}))
	t.Cleanup(denied.Close)
	manager, err := secrets.New(secrets.Config{SecretID: "fleet", AWS: &aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(denied.URL), Credentials: credentials.NewStaticCredentialsProvider("AKIA", "own", ""),
	}})
	if err != nil {
		t.Fatal(err)
	}
	got := newOutcomes()
	handler := newHandler(t, func(ctx context.Context, inv *starfleet.Invocation[regionPayload]) error {
		if inv.AccountID == "222222222222" {
			var keys map[string]secret.Value
			return inv.Secret(ctx, "GitHubSyncWorker", &keys)
		}
		return nil
	}, starfleet.WithSecrets(manager), starfleet.WithObserver(got.observe))
	out, err := handler.Invoke(t.Context(), batchIn(t, "111111111111", "222222222222", "333333333333"))
	if err != nil || string(out) != `{"batchItemFailures":[{"itemIdentifier":"222222222222"}]}` {
		t.Errorf("answer %s, error %v", out, err)
	}
	want := map[string]starfleet.Outcome{"111111111111": starfleet.OutcomeOK, "222222222222": starfleet.OutcomeFailed, "333333333333": starfleet.OutcomeOK}
	if diff := cmp.Diff(want, got.all); diff != "" {
		t.Error(diff)
	}
	if _, ok := errors.AsType[*secret.DeniedError](got.errors["222222222222"]); !ok {
		t.Errorf("error %v", got.errors["222222222222"])
	}
}

// TestCase25AlertThatFailsNeverFailsATask, of whatever priority, where PROBLEM did. Which priorities are sent is in package alert.
func TestCase25AlertThatFailsNeverFailsATask(t *testing.T) {
	t.Parallel()
	sink := &alerts{fail: errors.New("Slack is down")}
	priorities := []alert.Priority{alert.Problem, alert.Important, alert.Success, alert.Informational}
	handler := newHandler(t, func(_ context.Context, inv *starfleet.Invocation[regionPayload]) error {
		for _, priority := range priorities {
			inv.Alert(priority, priority.String(), "text")
		}
		return nil
	}, alerting("IMPORTANT"), starfleet.WithAlerter(sink))
	out, err := handler.Invoke(t.Context(), batchIn(t, "111111111111"))
	if err != nil || string(out) != `{"batchItemFailures":[]}` {
		t.Errorf("answer %s, error %v", out, err)
	}
	if text := strings.Join(sink.titles(), " "); !strings.Contains(text, "PROBLEM") || !strings.Contains(text, "IMPORTANT") || strings.Contains(text, "SUCCESS") || strings.Contains(text, "INFORMATIONAL") {
		t.Errorf("sent %q with the threshold IMPORTANT", text)
	}
}

// TestFaultIndexHalfWritten: while the file of a worker's index is cut off its tasks fail and are retried, and none is done by an index of before;
// with the next whole file they are done.
func TestFaultIndexHalfWritten(t *testing.T) {
	t.Parallel()
	whole := exampleIndex().AppendFile(nil)
	name := filepath.Join(t.TempDir(), "index.json")
	write := func(data []byte, at time.Time) {
		t.Helper()
		if err := errors.Join(os.WriteFile(name, data, 0o600), os.Chtimes(name, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	got := newOutcomes()
	handler := newHandler(t, returns(nil), starfleet.WithIndex(&accountindex.File{Name: name}), starfleet.WithObserver(got.observe))
	for i, step := range []struct {
		data    []byte
		outcome starfleet.Outcome
		out     string
	}{
		{whole, starfleet.OutcomeOK, `{"batchItemFailures":[]}`},
		{whole[:len(whole)/2], starfleet.OutcomeFailed, `{"batchItemFailures":[{"itemIdentifier":"111111111111"},{"itemIdentifier":"222222222222"}]}`},
		{whole, starfleet.OutcomeOK, `{"batchItemFailures":[]}`},
	} {
		write(step.data, start.Add(time.Duration(i)*time.Hour))
		out, err := handler.Invoke(t.Context(), batchIn(t, "111111111111", "222222222222"))
		if err != nil || string(out) != step.out {
			t.Errorf("step %d: answer %s, error %v", i, out, err)
		}
		if diff := cmp.Diff(map[string]starfleet.Outcome{"111111111111": step.outcome, "222222222222": step.outcome}, got.all); diff != "" {
			t.Errorf("step %d: %s", i, diff)
		}
	}
}

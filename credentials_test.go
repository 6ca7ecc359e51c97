package starfleet_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/assume"
	"github.com/starfleet-go/starfleet/queue"
)

// sts is AWS STS as far as AssumeRole goes. It denies the account 222222222222.
type sts struct {
	*httptest.Server
	mu    sync.Mutex
	roles []string
	forms []url.Values // of the same calls
}

func newSTS(t *testing.T) *sts {
	s := &sts{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		role := r.FormValue("RoleArn")
		s.mu.Lock()
		s.roles = append(s.roles, role+" "+r.FormValue("RoleSessionName"))
		s.forms = append(s.forms, r.Form)
		s.mu.Unlock()
		w.Header().Set("Content-Type", "text/xml")
		var partition, account string
		if _, err := fmt.Sscanf(replaceColons(role), "arn %s iam %s role", &partition, &account); err != nil || account == "222222222222" {
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprint(w, `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`)
			return
		}
		_, _ = fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA%[2]s</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>`+
			`<SessionToken>token</SessionToken><Expiration>%[3]s</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>x:y</AssumedRoleId>`+
			`<Arn>arn:%[1]s:sts::%[2]s:assumed-role/worker/y</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>`,
			partition, account, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	}))
	t.Cleanup(s.Close)
	t.Setenv("AWS_ENDPOINT_URL_STS", s.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAOWN")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	return s
}

func replaceColons(arn string) string {
	out := []byte(arn)
	for i := range out {
		if out[i] == ':' || out[i] == '/' {
			out[i] = ' '
		}
	}
	return string(out)
}

func configured(region, role string) starfleet.Option {
	text := "STARFLEET: {DeploymentRegion: " + region + ", TemplateBucket: b, FanOutQueueUrl: \"https://sqs." + region + ".amazonaws.com/1/f\"}\n" +
		"Ship: {Enabled: true, TemplatePrefix: Ship/, InvocationQueueUrl: \"https://sqs.us-east-1.amazonaws.com/1/s\", InvocationSources: [S3]" + role + "}\n"
	return starfleet.WithConfig(fstest.MapFS{"c.yaml": {Data: []byte(text)}})
}

// TestAWSConfig: credentials are those of the ship's role in the task's account, in the task's region, asked for once.
func TestAWSConfig(t *testing.T) {
	server := newSTS(t)
	type answer struct{ Key, Region string }
	var got []answer
	handler := newHandler(t, func(ctx context.Context, inv *starfleet.Invocation[regionPayload]) error {
		cfg, err := inv.AWSConfig(ctx)
		if err != nil {
			return err
		}
		credentials, err := cfg.Credentials.Retrieve(ctx)
		got = append(got, answer{credentials.AccessKeyID, cfg.Region})
		return err
	}, configured("eu-west-1", ", WorkerRoleToAssume: worker"))
	for range 2 {
		if err := handler.Handle(t.Context(), message(goodTask)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]answer{{"ASIA111111111111", "us-east-1"}, {"ASIA111111111111", "us-east-1"}}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"arn:aws:iam::111111111111:role/worker Ship"}, server.roles); diff != "" {
		t.Errorf("roles assumed (-want +got):\n%s", diff)
	}
}

// TestAWSConfigPartition: the ARN of the role has the partition of the account.
func TestAWSConfigPartition(t *testing.T) {
	server := newSTS(t)
	account := accountindex.Account{ID: "111111111111", Name: "One", ARN: "arn:aws-cn:organizations::999999999999:account/o-abcdefghij/111111111111", State: accountindex.Active,
		Parents: []accountindex.Parent{{ID: "r-ab12", Name: "ROOT", Type: "ROOT"}}, Regions: []string{"cn-north-1"}, Tags: map[string]string{}}
	x, err := accountindex.New([]accountindex.Account{account}, nil, time.Time{}, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ship := starfleet.ShipFunc("Ship", func(ctx context.Context, inv *starfleet.Invocation[accountPayload]) error {
		cfg, err := inv.AWSConfig(ctx)
		if err == nil && cfg.Region != "cn-northwest-1" {
			t.Errorf("region %s, want the home region for a ship by account", cfg.Region)
		}
		return err
	})
	handler, err := starfleet.NewHandler(ship, environment(), quiet(), starfleet.WithIndex(accountindex.Static{X: x}), configured("cn-northwest-1", ", WorkerRoleToAssume: worker"))
	if err != nil {
		t.Fatal(err)
	}
	body := `{"TemplateName":"t","TemplateDescription":"d","IncludeAccounts":{"AllAccounts":true},"StarbaseAssignedAccount":"111111111111"}`
	if err := handler.Handle(t.Context(), message(body)); err != nil {
		t.Fatal(err)
	}
	if len(server.roles) != 1 || server.roles[0][:24] != "arn:aws-cn:iam::11111111" {
		t.Errorf("roles assumed %q", server.roles)
	}
}

type accountPayload struct{ starfleet.AccountPayload }

type singleOnly struct{ starfleet.SinglePayload }

// TestAWSConfigOfSingleShip: a ship that runs once for a template has its own credentials.
func TestAWSConfigOfSingleShip(t *testing.T) {
	server := newSTS(t)
	ship := starfleet.ShipFunc("Ship", func(ctx context.Context, inv *starfleet.Invocation[singleOnly]) error {
		cfg, err := inv.AWSConfig(ctx)
		if err != nil {
			return err
		}
		credentials, err := cfg.Credentials.Retrieve(ctx)
		if credentials.AccessKeyID != "AKIAOWN" || cfg.Region != "eu-west-1" {
			t.Errorf("key %s in %s", credentials.AccessKeyID, cfg.Region)
		}
		return err
	})
	handler, err := starfleet.NewHandler(ship, environment(), quiet(), configured("eu-west-1", ""))
	if err != nil {
		t.Fatal(err)
	}
	if err := handler.Handle(t.Context(), message(`{"TemplateName":"t","TemplateDescription":"d"}`)); err != nil {
		t.Fatal(err)
	}
	if len(server.roles) > 0 {
		t.Errorf("roles assumed %q", server.roles)
	}
}

// TestAWSConfigRefused: a role that the account does not let in is denied by type, a ship without a role says what to set,
// and a guard's refusal asks for no credentials at all.
func TestAWSConfigRefused(t *testing.T) {
	server := newSTS(t)
	asks := func(ctx context.Context, inv *starfleet.Invocation[regionPayload]) error {
		_, err := inv.AWSConfig(ctx)
		return err
	}
	denied := `{"TemplateName":"t","TemplateDescription":"d","IncludeAccounts":{"AllAccounts":true},"IncludeRegions":["ALL"],"Days":1,` +
		`"StarbaseAssignedAccount":"222222222222","StarbaseAssignedRegion":"us-east-1"}`
	var result starfleet.Result
	observe := starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { result = r })
	handler := newHandler(t, asks, configured("eu-west-1", ", WorkerRoleToAssume: worker"), observe)
	err := handler.Handle(t.Context(), message(denied))
	if _, ok := asType[*assume.DeniedError](err); !ok || result.Outcome != starfleet.OutcomeDenied {
		t.Errorf("outcome %s, error %v", result.Outcome, err)
	}
	server.roles = nil
	if err := newHandler(t, asks, configured("eu-west-1", "")).Handle(t.Context(), message(goodTask)); err == nil {
		t.Error("a ship without a role has credentials")
	}
	never := configured("eu-west-1", `, WorkerRoleToAssume: worker, NeverTouch: {ByIds: ["111111111111"]}`)
	if err := newHandler(t, asks, never).Handle(t.Context(), message(goodTask)); queue.DispositionOf(err).Action != queue.DeadLetter {
		t.Errorf("error %v", err)
	}
	if len(server.roles) > 0 {
		t.Errorf("roles assumed %q", server.roles)
	}
}

// TestWithAWSConfig: a test's or a simulation's own credentials are asked for the task's target.
func TestWithAWSConfig(t *testing.T) {
	t.Parallel()
	var got starfleet.Target
	handler := newHandler(t, func(ctx context.Context, inv *starfleet.Invocation[regionPayload]) error {
		_, err := inv.AWSConfig(ctx)
		return err
	}, starfleet.WithAWSConfig(func(_ context.Context, target starfleet.Target) (aws.Config, error) {
		got = target
		return aws.Config{}, nil
	}))
	if err := handler.Handle(t.Context(), message(goodTask)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(starfleet.Target{Ship: "Ship", AccountID: "111111111111", Region: "us-east-1"}, got); diff != "" {
		t.Error(diff)
	}
}

package assume

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"pgregory.net/rapid"
)

func TestNewRefusesWhatCanNotWork(t *testing.T) {
	t.Parallel()
	good := (&fakeSTS{}).config()
	for _, c := range []struct {
		what   string
		change func(*Config)
		want   []string
	}{
		{"an hour is the most", func(c *Config) { c.Duration = time.Hour + time.Second }, []string{"Config.Duration"}},
		{"15 minutes is the least", func(c *Config) { c.Duration = time.Minute }, []string{"Config.Duration"}},
		{"no region", func(c *Config) { c.HomeRegion, c.AWS.Region = "", "" }, []string{"Config.HomeRegion"}},
		{"no credentials", func(c *Config) { c.AWS.Credentials = nil }, []string{"no credentials"}},
		{"all at once", func(c *Config) { *c = Config{Duration: -1, MaxSessions: -1} }, []string{"HomeRegion", "Duration", "MaxSessions", "credentials"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			cfg := good
			c.change(&cfg)
			_, err := New(cfg)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %v does not name %s", err, want)
				}
			}
		})
	}
}

func TestNewTakesTheRegionOfTheConfiguration(t *testing.T) {
	t.Parallel()
	c := (&fakeSTS{}).config()
	c.HomeRegion, c.AWS.Region = "", "ca-central-1"
	if p := newProvider(t, c); p.HomeRegion() != "ca-central-1" {
		t.Errorf("home region %q", p.HomeRegion())
	}
}

func TestTargetsAtFaultMakeNoCall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field  string
		change func(*Target)
	}{
		{"Partition", func(t *Target) { t.Partition = "" }},
		{"Partition", func(t *Target) { t.Partition = "aws:iam::1" }},
		{"Partition", func(t *Target) { t.Partition, t.Region = "aws-cn", "cn-north-1" }},
		{"AccountID", func(t *Target) { t.AccountID = "" }},
		{"AccountID", func(t *Target) { t.AccountID = "11112222333" }},
		{"AccountID", func(t *Target) { t.AccountID = "11112222333x" }},
		{"RoleName", func(t *Target) { t.RoleName = "" }},
		{"RoleName", func(t *Target) { t.RoleName = "arn:aws:iam::444455556666:role/worker" }},
		{"RoleName", func(t *Target) { t.RoleName = "arn:aws-cn:iam::{account}:role/worker" }},
		{"RoleName", func(t *Target) { t.RoleName = "arn:aws:iam::{account}:user/worker" }},
		{"RoleName", func(t *Target) { t.RoleName = "arn:aws:sts::{account}:role/worker" }},
		{"RoleName", func(t *Target) { t.RoleName = "arn:aws:iam::{account}:role/" }},
		{"RoleName", func(t *Target) { t.RoleName = "arn:" }},
		{"RoleName", func(t *Target) { t.RoleName = "{name}" }},
		{"RoleName", func(t *Target) { t.RoleName = "{path}/worker" }},
		{"RoleName", func(t *Target) { t.RoleName = "{Account}" }},
		{"Via", func(t *Target) { t.Via = []string{"hub"} }},
		{"Via", func(t *Target) { t.Via = []string{""} }},
		{"Via", func(t *Target) { t.Via = []string{"arn:aws-us-gov:iam::999999999999:role/hub"} }},
		{"Via", func(t *Target) { t.Via = []string{"arn:{partition}:iam::9:role/hub"} }},
		{"RoleName", func(t *Target) { t.RoleName = "wor ker" }},
		{"RoleName", func(t *Target) { t.RoleName = strings.Repeat("r", 65) }},
		{"Region", func(t *Target) { t.Region = "everywhere" }},
		{"Region", func(t *Target) { t.Region = "us-gov-west-1" }},
	} {
		f := &fakeSTS{}
		target := home
		c.change(&target)
		_, err := newProvider(t, f.config()).Config(t.Context(), target)
		fault, ok := errors.AsType[*TargetError](err)
		if !ok || fault.Field != c.field {
			t.Errorf("%+v: error %v, want a *TargetError of %s", target, err, c.field)
		}
		if n := len(f.seen()); n != 0 {
			t.Errorf("%+v: %d calls", target, n)
		}
	}
}

func TestARegionOfANewPartitionIsLetThrough(t *testing.T) {
	t.Parallel()
	if err := (Target{Partition: "aws-moon", AccountID: "111122223333", RoleName: "r", Region: "lun-tycho-1"}).check("lun-tycho-1"); err != nil {
		t.Error(err)
	}
}

func TestSessionName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                       "starfleet",
		"L":                      "starfleet-L",
		"LogRetention":           "LogRetention",
		"a b/ü":                  "a-b-",
		"x_1+=,.@-":              "x_1+=,.@-",
		strings.Repeat("n", 100): strings.Repeat("n", 64),
	} {
		if got := sessionName(in); got != want {
			t.Errorf("sessionName(%q) = %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		got := sessionName(rapid.String().Draw(t, "name"))
		if len(got) < 2 || len(got) > 64 || notInSessionName.MatchString(got) || sessionName(got) != got {
			t.Errorf("%q is no RoleSessionName", got)
		}
	})
}

// TestNoCredentialIsEverShown drives a Provider through its whole life with all logs of the SDK on.
func TestNoCredentialIsEverShown(t *testing.T) {
	t.Parallel()
	var shown bytes.Buffer
	every := aws.LogSigning | aws.LogRetries | aws.LogRequest | aws.LogRequestWithBody | aws.LogResponse | aws.LogResponseWithBody
	f := &fakeSTS{answer: func(w http.ResponseWriter, n int) bool {
		return n == 2 && fault(w, http.StatusForbidden, "SignatureDoesNotMatch", "The Canonical String should have been x-amz-security-token:"+ownToken)
	}}
	c := f.config()
	c.AWS.ClientLogMode = every
	c.AWS.Logger = logging.NewStandardLogger(&shown)
	c.Logger = slog.New(slog.NewJSONHandler(&shown, &slog.HandlerOptions{Level: slog.LevelDebug}))
	p := newProvider(t, c)
	cfg, err := p.Config(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	other := home
	other.AccountID = "444455556666"
	_, err = p.Config(t.Context(), other)
	if err == nil {
		t.Fatal("no error")
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		_, _ = fmt.Fprintf(&shown, "%v %+v %#v\n", e, e, e)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d"} {
		_, _ = fmt.Fprintf(&shown, verb+"\n", p)
	}
	slog.New(slog.NewTextHandler(&shown, nil)).Info("provider", "p", p)
	c.Logger.Info("provider", "p", p)
	// A ship's own client, made of the configuration handed out, with the log mode that the caller asked for.
	if _, err = sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(shown.String(), "assumed role") {
		t.Fatalf("nothing was logged: %s", &shown)
	}
	for _, secret := range []string{ownSecret, ownToken, roleSecret, roleToken} {
		if strings.Contains(shown.String(), secret) {
			t.Errorf("%q is shown in:\n%s", secret, &shown)
		}
	}
}

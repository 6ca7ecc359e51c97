package assume

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

func keyID(t *testing.T, cfg aws.Config) string {
	t.Helper()
	c, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatalf("Retrieve: %v", err)
	}
	return c.AccessKeyID
}

func TestConfigAssumesTheRoleInTheHomeRegionForTheTargetRegion(t *testing.T) {
	t.Parallel()
	f := &fakeSTS{}
	p := newProvider(t, f.config())
	cfg, err := p.Config(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Region != "eu-west-1" {
		t.Errorf("region %q, want that of the target", cfg.Region)
	}
	c, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil || c.AccessKeyID != "ASIA1" || c.SecretAccessKey != roleSecret+"1" || c.SessionToken != roleToken+"1" || c.AccountID != home.AccountID {
		t.Errorf("credentials of %s for account %s, error %v", c.AccessKeyID, c.AccountID, err)
	}
	calls := f.seen()
	if len(calls) != 1 {
		t.Fatalf("%d calls, want 1", len(calls))
	}
	got := calls[0]
	if !strings.Contains(got.authorization, "/us-east-1/sts/") || !strings.Contains(got.authorization, ownKeyID) {
		t.Errorf("signed by %q, want the own credentials in the home region", got.authorization)
	}
	got.authorization = ""
	want := stsCall{"sts.us-east-1.amazonaws.com", "AssumeRole", "arn:aws:iam::111122223333:role/worker", "LogRetention", "3600", ""}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(stsCall{})); diff != "" {
		t.Error(diff)
	}
}

func TestConfigWithoutRegionIsForTheHomeRegion(t *testing.T) {
	t.Parallel()
	p := newProvider(t, (&fakeSTS{}).config())
	target := home
	target.Region = ""
	cfg, err := p.Config(t.Context(), target)
	if err != nil || cfg.Region != "us-east-1" {
		t.Errorf("region %q, error %v", cfg.Region, err)
	}
}

func TestBaseHasTheOwnCredentials(t *testing.T) {
	t.Parallel()
	f := &fakeSTS{}
	c := f.config()
	c.AWS.Region, c.HomeRegion = "eu-north-1", "us-west-2"
	p := newProvider(t, c)
	if base := p.Base(); base.Region != "us-west-2" || p.HomeRegion() != "us-west-2" || keyID(t, base) != ownKeyID {
		t.Errorf("base is for %s with %s", base.Region, keyID(t, base))
	}
	if n := len(f.seen()); n != 0 {
		t.Errorf("%d calls to STS for the own credentials", n)
	}
}

func TestSessionsAreCachedByPartitionAccountRoleAndSession(t *testing.T) {
	t.Parallel()
	f := &fakeSTS{}
	p := newProvider(t, f.config())
	change := func(f func(*Target)) Target { c := home; f(&c); return c }
	steps := []struct {
		what   string
		target Target
		calls  int // in all, after it
	}{
		{"first", home, 1},
		{"same", home, 1},
		{"another region", change(func(t *Target) { t.Region = "ap-south-1" }), 1},
		{"a session name that is cleaned to the same", change(func(t *Target) { t.SessionName = "LogRetention" }), 1},
		{"another account", change(func(t *Target) { t.AccountID = "444455556666" }), 2},
		{"another role", change(func(t *Target) { t.RoleName = "auditor" }), 3},
		{"another session", change(func(t *Target) { t.SessionName = "Other" }), 4},
		{"the first again", home, 4},
	}
	for _, s := range steps {
		if _, err := p.Config(t.Context(), s.target); err != nil {
			t.Fatalf("%s: %v", s.what, err)
		}
		if n := len(f.seen()); n != s.calls {
			t.Fatalf("%s: %d calls, want %d", s.what, n, s.calls)
		}
	}
}

func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	f := &fakeSTS{}
	c := f.config()
	c.MaxSessions = 2
	p := newProvider(t, c)
	for _, id := range []string{"000000000001", "000000000002", "000000000001", "000000000003", "000000000001", "000000000002"} {
		target := home
		target.AccountID = id
		if _, err := p.Config(t.Context(), target); err != nil {
			t.Fatal(err)
		}
	}
	var arns []string
	for _, call := range f.seen() {
		arns = append(arns, strings.TrimSuffix(strings.TrimPrefix(call.roleARN, "arn:aws:iam::00000000000"), ":role/worker"))
	}
	// 3 drops 2, the one not used for the longest; asking for 2 again is a call.
	if want := []string{"1", "2", "3", "2"}; !slices.Equal(arns, want) {
		t.Errorf("fetched %v, want %v", arns, want)
	}
}

func TestManyGoroutinesShareOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSTS{delay: time.Second}
		p := newProvider(t, f.config())
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				target := home
				target.Region = []string{"eu-west-1", "us-east-1", "ap-south-1"}[i%3]
				cfg, err := p.Config(t.Context(), target)
				if err != nil || cfg.Region != target.Region {
					t.Errorf("region %q, error %v", cfg.Region, err)
				}
			})
		}
		wg.Wait()
		if n := len(f.seen()); n != 1 {
			t.Errorf("%d calls, want 1", n)
		}
	})
}

func TestACancelledCallerDoesNotFailTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSTS{delay: 10 * time.Second}
		p := newProvider(t, f.config())
		gaveUp := errors.New("gave up")
		first, cancel := context.WithTimeoutCause(t.Context(), time.Second, gaveUp)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := p.Config(first, home); !errors.Is(err, gaveUp) {
				t.Errorf("the cancelled caller got %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			if _, err := p.Config(t.Context(), home); err != nil {
				t.Errorf("the other caller got %v", err)
			}
		})
		wg.Wait()
		if n := len(f.seen()); n != 1 {
			t.Errorf("%d calls, want 1", n)
		}
	})
}

func TestSessionsAreRenewedBeforeTheyExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSTS{}
		c := f.config()
		c.Duration = 15 * time.Minute
		p := newProvider(t, c)
		cfg, err := p.Config(t.Context(), home)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10*time.Minute - time.Second)
		if got := keyID(t, cfg); got != "ASIA1" {
			t.Errorf("renewed to %s more than 5 minutes early", got)
		}
		time.Sleep(2*time.Minute + 31*time.Second)
		if got := keyID(t, cfg); got != "ASIA2" {
			t.Errorf("still %s less than 2.5 minutes before its end", got)
		}
		if got := f.seen()[1].duration; got != "900" {
			t.Errorf("renewed for %s seconds", got)
		}
	})
}

func TestAFailedRenewalKeepsTheOldSessionWhileItIsGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSTS{answer: func(w http.ResponseWriter, n int) bool {
			return n > 1 && n < 4 && fault(w, http.StatusBadRequest, "ValidationError", "for a while")
		}}
		p := newProvider(t, f.config())
		cfg, err := p.Config(t.Context(), home)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(57*time.Minute + 30*time.Second)
		for step, want := range []string{"ASIA1", "ASIA1", "ASIA4"} {
			if got := keyID(t, cfg); got != want {
				t.Errorf("step %d: %s, want %s", step, got, want)
			}
			time.Sleep(31 * time.Second)
		}
	})
}

func TestAFailedRenewalOfASessionThatIsOverIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSTS{answer: func(w http.ResponseWriter, n int) bool {
			return n > 1 && fault(w, http.StatusBadRequest, "ValidationError", "for ever")
		}}
		p := newProvider(t, f.config())
		if _, err := p.Config(t.Context(), home); err != nil {
			t.Fatal(err)
		}
		time.Sleep(59*time.Minute + 45*time.Second)
		if _, err := p.Config(t.Context(), home); err == nil || !strings.Contains(err.Error(), "role/worker") {
			t.Errorf("error %v, want one that names the role", err)
		}
	})
}

func TestADenialDuringRenewalHoldsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSTS{answer: func(w http.ResponseWriter, n int) bool {
			return n > 1 && fault(w, http.StatusForbidden, "AccessDenied", "no longer")
		}}
		p := newProvider(t, f.config())
		cfg, err := p.Config(t.Context(), home)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(58 * time.Minute)
		_, err = cfg.Credentials.Retrieve(t.Context())
		if _, ok := errors.AsType[*DeniedError](err); !ok {
			t.Errorf("error %v, want a *DeniedError", err)
		}
	})
}

func TestPartitions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ partition, home, region, arn, host string }{
		{"aws", "us-east-1", "eu-west-1", "arn:aws:iam::111122223333:role/team/worker", "sts.us-east-1.amazonaws.com"},
		{"aws-us-gov", "us-gov-west-1", "us-gov-east-1", "arn:aws-us-gov:iam::111122223333:role/team/worker", "sts.us-gov-west-1.amazonaws.com"},
		{"aws-cn", "cn-north-1", "cn-northwest-1", "arn:aws-cn:iam::111122223333:role/team/worker", "sts.cn-north-1.amazonaws.com.cn"},
	} {
		t.Run(c.partition, func(t *testing.T) {
			t.Parallel()
			f := &fakeSTS{}
			cfg := f.config()
			cfg.HomeRegion = c.home
			p := newProvider(t, cfg)
			target := Target{Partition: c.partition, AccountID: "111122223333", RoleName: "team/worker", Region: c.region}
			if _, err := p.Config(t.Context(), target); err != nil {
				t.Fatal(err)
			}
			if call := f.seen()[0]; call.roleARN != c.arn || call.host != c.host {
				t.Errorf("asked %s for %s", call.host, call.roleARN)
			}
		})
	}
}

func TestDeniedIsTyped(t *testing.T) {
	t.Parallel()
	f := &fakeSTS{answer: func(w http.ResponseWriter, _ int) bool {
		return fault(w, http.StatusForbidden, "AccessDenied", "User: arn:aws:sts::999999999999:assumed-role/x/y is not authorized to perform: sts:AssumeRole")
	}}
	p := newProvider(t, f.config())
	_, err := p.Config(t.Context(), home)
	denied, ok := errors.AsType[*DeniedError](err)
	if !ok {
		t.Fatalf("error %v, want a *DeniedError", err)
	}
	if denied.Account != home.AccountID || denied.RoleARN != home.RoleARN() || !strings.Contains(denied.Hint, "trust policy") {
		t.Errorf("%+v", denied)
	}
	if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorCode() != "AccessDenied" {
		t.Errorf("the SDK's error is lost: %v", err)
	}
	if n := len(f.seen()); n != 1 {
		t.Errorf("%d calls: a denial is no reason to ask again", n)
	}
}

func TestOtherRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for code, hint := range map[string]string{
		"RegionDisabledException": "switched off in the home region",
		"ExpiredToken":            "own credentials are expired",
		"InvalidClientTokenId":    "unknown to this partition",
		"SignatureDoesNotMatch":   "own credentials are wrong",
		"ValidationError":         "role arn:aws:iam::111122223333:role/worker",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			f := &fakeSTS{answer: func(w http.ResponseWriter, _ int) bool { return fault(w, http.StatusForbidden, code, "m") }}
			_, err := newProvider(t, f.config()).Config(t.Context(), home)
			if err == nil || !strings.Contains(err.Error(), hint) {
				t.Errorf("error %v, want one with %q", err, hint)
			}
			if _, denied := errors.AsType[*DeniedError](err); denied {
				t.Errorf("%v is no denial of the role", err)
			}
		})
	}
}

func TestThrottlingIsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSTS{answer: func(w http.ResponseWriter, n int) bool {
			return n < maxAttempts && fault(w, http.StatusBadRequest, "Throttling", "Rate exceeded")
		}}
		cfg, err := newProvider(t, f.config()).Config(t.Context(), home)
		if err != nil {
			t.Fatal(err)
		}
		if got := keyID(t, cfg); got != fmt.Sprintf("ASIA%d", maxAttempts) {
			t.Errorf("credentials %s", got)
		}
	})
}

func TestThrottlingForEverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSTS{answer: func(w http.ResponseWriter, _ int) bool {
			return fault(w, http.StatusBadRequest, "Throttling", "Rate exceeded")
		}}
		_, err := newProvider(t, f.config()).Config(t.Context(), home)
		if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorCode() != "Throttling" {
			t.Errorf("error %v, want the throttling", err)
		}
		if n := len(f.seen()); n != maxAttempts {
			t.Errorf("%d attempts, want %d", n, maxAttempts)
		}
	})
}

func TestAnAnswerForAnotherAccountIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, body, want string }{
		{"account", `<AssumedRoleUser><Arn>arn:aws:sts::999999999999:assumed-role/worker/x</Arn></AssumedRoleUser><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>role-secret-</SecretAccessKey><SessionToken>role-token-</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>`, "for account 999999999999, not 111122223333"},
		{"half", `<Credentials><AccessKeyId>A</AccessKeyId></Credentials>`, "no whole credentials"},
		{"empty", ``, "no whole credentials"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			f := &fakeSTS{answer: func(w http.ResponseWriter, _ int) bool {
				_, _ = fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult>%s</AssumeRoleResult></AssumeRoleResponse>`, c.body)
				return true
			}}
			if _, err := newProvider(t, f.config()).Config(t.Context(), home); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// TestIAMActions holds the list against the calls of the real client over HTTP.
func TestIAMActions(t *testing.T) {
	t.Parallel()
	f := &fakeSTS{}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	c := f.config()
	c.AWS.HTTPClient, c.AWS.BaseEndpoint = nil, aws.String(server.URL)
	if _, err := newProvider(t, c).Config(t.Context(), home); err != nil {
		t.Fatal(err)
	}
	var used []string
	for _, call := range f.seen() {
		used = append(used, "sts:"+call.action)
	}
	if diff := cmp.Diff(IAMActions, used); diff != "" {
		t.Error(diff)
	}
}

package assume

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// The worker's own credentials and the beginnings of those that the fake hands out: none of them may be seen anywhere.
const (
	ownKeyID, ownSecret, ownToken = "AKIAOWN", "own-secret", "own-token"
	roleSecret, roleToken         = "role-secret-", "role-token-"
)

// stsCall is one AssumeRole as the fake saw it.
type stsCall struct {
	host, action, roleARN, session, duration, authorization string
}

// fakeSTS speaks STS's query protocol. Its answers come from answer where that is set.
type fakeSTS struct {
	// answer may write a reply of its own and return true.
	answer func(w http.ResponseWriter, n int) bool
	delay  time.Duration

	mu    sync.Mutex
	calls []stsCall
	forms []url.Values // of the same calls
}

func (f *fakeSTS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	f.calls = append(f.calls, stsCall{cmp.Or(r.Host, r.URL.Host), r.Form.Get("Action"), r.Form.Get("RoleArn"), r.Form.Get("RoleSessionName"), r.Form.Get("DurationSeconds"), r.Header.Get("Authorization")})
	f.forms = append(f.forms, r.Form)
	n := len(f.calls)
	f.mu.Unlock()
	time.Sleep(f.delay)
	if f.answer != nil && f.answer(w, n) {
		return
	}
	if r.Form.Get("Action") == "GetCallerIdentity" {
		_, _ = fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
		return
	}
	life, _ := time.ParseDuration(r.Form.Get("DurationSeconds") + "s")
	arn := strings.Replace(strings.Replace(r.Form.Get("RoleArn"), ":iam:", ":sts:", 1), ":role/", ":assumed-role/", 1)
	_, _ = fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId><Arn>%s/%s</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>ASIA%d</AccessKeyId><SecretAccessKey>%s%d</SecretAccessKey><SessionToken>%s%d</SessionToken><Expiration>%s</Expiration></Credentials>
</AssumeRoleResult></AssumeRoleResponse>`, arn, r.Form.Get("RoleSessionName"), n, roleSecret, n, roleToken, n, time.Now().Add(life).UTC().Format(time.RFC3339))
}

// Do makes the fake an HTTP client, so that no network is needed and fake time passes.
func (f *fakeSTS) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w.Result(), nil
}

func (f *fakeSTS) seen() []stsCall {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// fault writes an error as STS does.
func fault(w http.ResponseWriter, status int, code, message string) bool {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`, code, message)
	return true
}

func (f *fakeSTS) config() Config {
	return Config{
		AWS: aws.Config{
			Region:      "us-east-1",
			HTTPClient:  f,
			Credentials: credentials.NewStaticCredentialsProvider(ownKeyID, ownSecret, ownToken),
		},
		HomeRegion: "us-east-1",
	}
}

func newProvider(t *testing.T, cfg Config) *Provider {
	t.Helper()
	p, err := New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return p
}

var home = Target{Partition: "aws", AccountID: "111122223333", RoleName: "worker", SessionName: "LogRetention", Region: "eu-west-1"}

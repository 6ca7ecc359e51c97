package secrets_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/aws/secrets"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/secret"
)

const (
	fleetSecret = "prod/starfleet"
	denial      = `{"__type":"AccessDeniedException","Message":"User: arn:aws:sts::111111111111:assumed-role/ship/x is not authorized"}`
)

// manager speaks Secrets Manager's JSON protocol.
type manager struct {
	*httptest.Server

	mu      sync.Mutex
	status  int
	body    string
	actions []string
	ids     []string
}

func newManager(t *testing.T, secretString string) *manager {
	t.Helper()
	m := &manager{}
	m.set(secretString)
	m.Server = httptest.NewServer(m)
	t.Cleanup(m.Close)
	return m
}

func (m *manager) set(secretString string) {
	m.answer(http.StatusOK, fmt.Sprintf(`{"ARN":"arn","Name":%q,"SecretString":%q}`, fleetSecret, secretString))
}

func (m *manager) answer(status int, body string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.status, m.body = status, body
}

func (m *manager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.actions = append(m.actions, r.Header.Get("X-Amz-Target"))
	m.ids = append(m.ids, string(body))
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(m.status)
	_, _ = io.WriteString(w, m.body)
}

func (m *manager) reads() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.actions)
}

// world is a source over the real client of the SDK, a Secrets Manager and a clock.
type world struct {
	*secrets.Source
	manager *manager
	log     *bytes.Buffer
	now     time.Time
}

func newWorld(t *testing.T, secretString string) *world {
	t.Helper()
	w := &world{manager: newManager(t, secretString), log: &bytes.Buffer{}, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	source, err := secrets.New(secrets.Config{
		SecretID: fleetSecret,
		AWS: &aws.Config{
			Region: "eu-west-1", BaseEndpoint: aws.String(w.manager.URL), Retryer: func() aws.Retryer { return aws.NopRetryer{} },
			Credentials: credentials.NewStaticCredentialsProvider("AKIA", "own-secret", ""),
		},
		Logger: slog.New(slog.NewTextHandler(w.log, nil)),
		Now:    func() time.Time { return w.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Source = source
	return w
}

func (w *world) token(t *testing.T) (string, error) {
	t.Helper()
	var section struct{ SlackToken secret.Value }
	err := w.Section(t.Context(), "STARFLEET", &section)
	return section.SlackToken.Reveal(), err
}

func (w *world) wantToken(t *testing.T, want string, reads int) {
	t.Helper()
	if got, err := w.token(t); err != nil || got != want || w.manager.reads() != reads {
		t.Errorf("token %q after %d reads, error %v; want %q after %d", got, w.manager.reads(), err, want, reads)
	}
}

func withToken(token string) string { return `{"STARFLEET":{"SlackToken":"` + token + `"}}` }

func TestSecretIsCachedAndExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withToken("one"))
	w.wantToken(t, "one", 1)
	w.manager.set(withToken("two"))
	w.now = w.now.Add(15*time.Minute - time.Second)
	w.wantToken(t, "one", 1)
	w.now = w.now.Add(time.Second)
	w.wantToken(t, "two", 2)
}

// TestInvalidate: a refused secret is read anew once, and then not before a minute has passed.
func TestInvalidate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withToken("one"))
	w.wantToken(t, "one", 1)
	w.manager.set(withToken("two"))
	w.Invalidate()
	w.wantToken(t, "one", 1) // read a moment ago
	w.now = w.now.Add(time.Minute)
	w.wantToken(t, "two", 2)
	for range 10 {
		w.Invalidate()
		w.wantToken(t, "two", 2)
	}
	w.now = w.now.Add(time.Minute)
	w.wantToken(t, "two", 3)
}

// TestSecretsManagerDenied and its relatives: each answer has its own type, and is not asked for again and again.
func TestSecretsManagerFails(t *testing.T) {
	t.Parallel()
	is := func(target any) func(error) bool { return func(err error) bool { return errors.As(err, target) } }
	for name, test := range map[string]struct {
		status int
		body   string
		want   func(error) bool
	}{
		"denied":        {400, denial, is(new(*secret.DeniedError))},
		"key denied":    {400, `{"__type":"DecryptionFailure","Message":"no"}`, is(new(*secret.DeniedError))},
		"missing":       {400, `{"__type":"ResourceNotFoundException","Message":"no"}`, is(new(*secret.MissingError))},
		"deleted":       {400, `{"__type":"InvalidRequestException","Message":"marked for deletion"}`, is(new(*secret.MissingError))},
		"binary":        {200, `{"Name":"x","SecretBinary":"aHVzaA=="}`, is(new(*secret.MalformedError))},
		"not JSON":      {200, `{"Name":"x","SecretString":"hush-hush"}`, is(new(*secret.MalformedError))},
		"not an object": {200, `{"Name":"x","SecretString":"[\"hush-hush\"]"}`, is(new(*secret.MalformedError))},
		"no section":    {200, `{"Name":"x","SecretString":"{\"Other\":{\"a\":\"hush-hush\"}}"}`, is(new(*secret.MissingError))},
		"not a string":  {200, `{"Name":"x","SecretString":"{\"STARFLEET\":{\"SlackToken\":[\"hush-hush\"]}}"}`, is(new(*secret.MalformedError))},
		"service fails": {500, `{"__type":"InternalServiceError","Message":"no"}`, func(err error) bool { return strings.Contains(err.Error(), fleetSecret) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "")
			w.manager.answer(test.status, test.body)
			for range 3 {
				if _, err := w.token(t); err == nil || !test.want(err) || strings.Contains(err.Error(), "hush") {
					t.Errorf("error %v", err)
				}
			}
			if n := w.manager.reads(); n != 1 {
				t.Errorf("%d reads within a minute", n)
			}
			if strings.Contains(w.log.String(), "hush") || strings.Contains(w.log.String(), "own-secret") {
				t.Errorf("the log shows a secret: %s", w.log)
			}
			w.manager.set(withToken("healed"))
			w.now = w.now.Add(15 * time.Minute)
			if got, err := w.token(t); err != nil || got != "healed" {
				t.Errorf("later: %q, error %v", got, err)
			}
		})
	}
}

// TestLastGoodSecret: an outage leaves the last one in use; a denial does not.
func TestLastGoodSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withToken("one"))
	w.wantToken(t, "one", 1)
	w.manager.answer(500, `{"__type":"InternalServiceError"}`)
	w.now = w.now.Add(time.Hour)
	w.wantToken(t, "one", 2)
	w.manager.answer(400, denial)
	w.now = w.now.Add(time.Minute)
	var denied *secret.DeniedError
	if _, err := w.token(t); !errors.As(err, &denied) || denied.Secret != fleetSecret {
		t.Errorf("after the denial: %v", err)
	}
}

func TestConcurrentReadersShareOneRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withToken("one"))
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			if got, err := w.token(t); err != nil || got != "one" {
				t.Errorf("%q, error %v", got, err)
			}
		})
	}
	group.Wait()
	if n := w.manager.reads(); n != 1 {
		t.Errorf("%d reads", n)
	}
	cut, cancel := context.WithCancel(t.Context())
	cancel()
	fresh := newWorld(t, withToken("one"))
	if err := fresh.Section(cut, "STARFLEET", &struct{}{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	fresh.wantToken(t, "one", 1) // the cut read counts for nothing
}

func TestIAMActions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withToken("one"))
	w.wantToken(t, "one", 1)
	if diff := cmp.Diff([]string{"secretsmanager.GetSecretValue"}, w.manager.actions); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"secretsmanager:GetSecretValue"}, secrets.IAMActions); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{`{"SecretId":"prod/starfleet"}`}, w.manager.ids); diff != "" {
		t.Error(diff)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	_, err := secrets.New(secrets.Config{MaxAge: -1, MinInterval: -1})
	for _, field := range []string{"SecretID", "Region", "MaxAge", "MinInterval"} {
		if err == nil || !strings.Contains(err.Error(), "Config."+field) {
			t.Errorf("the error does not name %s: %v", field, err)
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	const yaml = "STARFLEET:\n  DeploymentRegion: us-east-1\n  TemplateBucket: b\n  FanOutQueueUrl: https://sqs.us-east-1.amazonaws.com/1/q\n"
	for text, configured := range map[string]bool{yaml: false, yaml + "  SecretsManager:\n    SecretId: s\n    SecretRegion: us-west-2\n": true} {
		c, err := config.Load(fstest.MapFS{"fleet.yaml": {Data: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		source, err := secrets.Open(c)
		if _, none := source.(secret.None); err != nil || none == configured {
			t.Errorf("source %T, error %v", source, err)
		}
	}
}

package credentialserver_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"

	"github.com/starfleet-go/starfleet/aws/credentialserver"
)

func start(t *testing.T, cfg credentialserver.Config) *credentialserver.Server {
	t.Helper()
	s, err := credentialserver.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func variables(g *credentialserver.Grant) (uri, token string) {
	for _, v := range g.Environ() {
		name, value, _ := strings.Cut(v, "=")
		switch name {
		case credentialserver.VariableURI:
			uri = value
		case credentialserver.VariableToken:
			token = value
		}
	}
	return uri, token
}

// provider counts how often it is asked.
type provider struct {
	asked atomic.Int64
	key   string
	err   error
}

func (p *provider) Retrieve(context.Context) (aws.Credentials, error) {
	p.asked.Add(1)
	return aws.Credentials{AccessKeyID: p.key, SecretAccessKey: "secret", SessionToken: "session", CanExpire: true, Expires: time.Now().Add(time.Hour)}, p.err
}

// TestSDK: the SDK's own provider finds the credentials of its grant, asks again, and is refused when the grant has ended.
func TestSDK(t *testing.T) {
	t.Parallel()
	s := start(t, credentialserver.Config{})
	one, two := &provider{key: "ONE"}, &provider{key: "TWO"}
	first, second := s.Grant(one), s.Grant(two)
	for grant, want := range map[*credentialserver.Grant]string{first: "ONE", second: "TWO"} {
		uri, token := variables(grant)
		sdk := endpointcreds.New(uri, func(o *endpointcreds.Options) { o.AuthorizationToken = token })
		for range 2 { // without a cache: as when they expire
			got, err := sdk.Retrieve(t.Context())
			if err != nil || got.AccessKeyID != want || got.SecretAccessKey != "secret" || got.SessionToken != "session" || !got.CanExpire {
				t.Errorf("%+v, %v", got.AccessKeyID, err)
			}
		}
	}
	if one.asked.Load() != 2 {
		t.Errorf("asked %d times", one.asked.Load())
	}
	first.End()
	uri, token := variables(first)
	if _, err := endpointcreds.New(uri, func(o *endpointcreds.Options) { o.AuthorizationToken = token }).Retrieve(t.Context()); err == nil {
		t.Error("a grant that has ended is good")
	}
}

func get(t *testing.T, uri, token string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, uri, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", token)
	}
	response, err := (&http.Client{Timeout: time.Minute}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

// TestToken: without the token, or with another, nobody gets anything; why credentials cannot be had is in the log alone.
func TestToken(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := start(t, credentialserver.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	p := &provider{key: "KEY", err: errors.New("denied: role arn:aws:iam::111122223333:role/x")}
	uri, token := variables(s.Grant(p))
	if !strings.HasPrefix(uri, "http://127.0.0.1:") || len(token) < 40 {
		t.Errorf("%s, a token of %d", uri, len(token))
	}
	for _, wrong := range []string{"", "x", token + "x", token[:len(token)-1], "Bearer " + token} {
		if status, body := get(t, uri, wrong); status != http.StatusForbidden || strings.Contains(body, "KEY") {
			t.Errorf("token %q: %d %s", wrong, status, body)
		}
	}
	if p.asked.Load() != 0 {
		t.Error("the provider was asked")
	}
	status, body := get(t, uri, token)
	if status != http.StatusInternalServerError || strings.Contains(body, "111122223333") || !strings.Contains(log.String(), "111122223333") {
		t.Errorf("%d %s; log %s", status, body, &log)
	}
}

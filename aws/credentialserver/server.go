// Package credentialserver hands AWS credentials to other programs of the same machine, in the way in which containers get theirs: every SDK
// and the AWS CLI find them by two variables, and ask again before they expire.
//
//	server, err := credentialserver.Start(credentialserver.Config{})
//	defer server.Close()
//	grant := server.Grant(cfg.Credentials)
//	defer grant.End()
//	cmd.Env = append(cmd.Env, grant.Environ()...)
//
// The server listens on loopback. It answers whoever shows the token of a grant, which is random, in the environment of one program
// alone, and good for nothing once the grant has ended. What other programs of the same user do with the environment of that one is not in its
// hands.
package credentialserver

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/go-json-experiment/json"
)

// The variables by which SDKs find the server: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
const (
	VariableURI   = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
	VariableToken = "AWS_CONTAINER_AUTHORIZATION_TOKEN" //nolint:gosec // the name of a variable
)

const (
	place = "/credentials"
	// fetchTime is how long getting credentials may take. SDKs wait a second or more, and ask again.
	fetchTime = 30 * time.Second
	// forever is when credentials are asked for anew that do not say when they end.
	forever = time.Hour
)

// Config is what a Server is made of.
type Config struct {
	// Logger is told when credentials cannot be had. Default: none.
	Logger *slog.Logger
}

// Server hands out credentials. It is safe for concurrent use. Create it with Start.
type Server struct {
	url    string
	server *http.Server
	logger *slog.Logger
	done   chan struct{}

	mu     sync.Mutex
	grants map[[sha256.Size]byte]*Grant // by the digest of the token, so that looking one up tells nothing of others
}

// Grant is the right of one program to the credentials of one provider.
type Grant struct {
	server   *Server
	token    string
	provider aws.CredentialsProvider
	context  context.Context // ends with the grant
	cancel   context.CancelFunc
}

// Start starts a server on a free port of 127.0.0.1.
func Start(cfg Config) (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("credentialserver: %w", err)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		url: "http://" + listener.Addr().String() + place, logger: cfg.Logger, done: make(chan struct{}), grants: map[[sha256.Size]byte]*Grant{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+place, s.serve)
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	go func() {
		defer close(s.done)
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.logger.Error("credentials are no longer handed out", "error", err.Error())
		}
	}()
	return s, nil
}

// Close ends the server and all grants.
func (s *Server) Close() error {
	s.mu.Lock()
	for digest, g := range s.grants {
		g.cancel()
		delete(s.grants, digest)
	}
	s.mu.Unlock()
	err := s.server.Close()
	<-s.done
	return err
}

// Grant lets whoever has the token of the grant have the provider's credentials, until End.
func (s *Server) Grant(provider aws.CredentialsProvider) *Grant {
	g := &Grant{server: s, token: rand.Text() + rand.Text(), provider: provider}
	g.context, g.cancel = context.WithCancel(context.Background())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grants[sha256.Sum256([]byte(g.token))] = g
	return g
}

// Environ are the variables for the program.
func (g *Grant) Environ() []string {
	return []string{VariableURI + "=" + g.server.url, VariableToken + "=" + g.token}
}

// End ends the grant: its token is refused from now on. Credentials that were handed out are good until they expire.
func (g *Grant) End() {
	g.server.mu.Lock()
	delete(g.server.grants, sha256.Sum256([]byte(g.token)))
	g.server.mu.Unlock()
	g.cancel()
}

// answer is what SDKs read.
type answer struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string `json:"SecretAccessKey"`
	Token           string `json:"Token"`
	Expiration      string `json:"Expiration"`
}

// refusal is what SDKs read where there is none.
type refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	g := s.grants[sha256.Sum256([]byte(r.Header.Get("Authorization")))]
	s.mu.Unlock()
	if g == nil {
		write(w, http.StatusForbidden, refusal{"AccessDenied", "the token is that of no job, or of one that has ended"})
		return
	}
	ctx, cancel := context.WithTimeout(g.context, fetchTime)
	defer cancel()
	defer context.AfterFunc(r.Context(), cancel)()
	credentials, err := g.provider.Retrieve(ctx)
	if err != nil || g.context.Err() != nil {
		if g.context.Err() == nil {
			s.logger.Error("a program asked for credentials that cannot be had", "error", err.Error())
		}
		write(w, http.StatusInternalServerError, refusal{"CredentialsUnavailable", "the credentials cannot be had: see the log of the watcher"})
		return
	}
	expires := time.Now().Add(forever)
	if credentials.CanExpire {
		expires = credentials.Expires
	}
	write(w, http.StatusOK, answer{
		AccessKeyID: credentials.AccessKeyID, SecretAccessKey: credentials.SecretAccessKey, Token: credentials.SessionToken,
		Expiration: expires.UTC().Format(time.RFC3339),
	})
}

func write(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(text) // the caller may be gone
}

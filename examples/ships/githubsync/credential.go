package githubsync

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/secret"
)

// SecretSection is the section of the fleet's secret that has the credentials, by organization, or organization and repository.
const SecretSection = "GitHubSyncWorker"

// A JWT is valid from a minute ago, should clocks differ, and for five minutes; GitHub allows ten.
const (
	jwtBackdate = time.Minute
	jwtLifetime = 5 * time.Minute
)

// credential is what opens a repository: a token, or the key of an App, for which GitHub gives a token.
type credential struct {
	token secret.Value
	key   *rsa.PrivateKey // nil where there is a token
}

// readCredential finds the credential of a template in the secret. The template says which of the two kinds it has to be.
func readCredential(ctx context.Context, inv *starfleet.Invocation[Payload]) (credential, error) {
	var entries map[string]secret.Value
	if err := inv.Secret(ctx, SecretSection, &entries); err != nil {
		return credential{}, err
	}
	p := inv.Payload
	name := p.Organization + "/" + p.Repository
	value, ok := entries[name]
	if !ok {
		name = p.Organization
		value, ok = entries[name]
	}
	isKey := strings.HasPrefix(strings.TrimSpace(value.Reveal()), "-----BEGIN")
	problem := ""
	switch {
	case !ok:
		problem = "there is none, nor one of the repository alone: add the private key of the GitHub App, or a token"
	case p.GitHubAppID == "" && isKey:
		problem = "it is a private key, and the template takes it for a token: set GitHubAppId and GitHubInstallationId in the template"
	case p.GitHubAppID == "" && !isToken(value):
		problem = "it is no token: it is empty, or has characters that no token has"
	case p.GitHubAppID != "" && !isKey:
		problem = "it is no private key in PEM, and the template names a GitHub App: remove GitHubAppId and GitHubInstallationId where it is a token"
	}
	if problem != "" {
		return credential{}, &CredentialError{Name: name, Problem: problem}
	}
	if !isKey {
		return credential{token: secret.New(strings.TrimSpace(value.Reveal()))}, nil
	}
	key, err := parseKey(value)
	if err != nil {
		return credential{}, &CredentialError{Name: name, Problem: err.Error()}
	}
	return credential{key: key}, nil
}

// isToken says whether a value can be sent in a header: a token has printable ASCII characters.
func isToken(v secret.Value) bool {
	text := strings.TrimSpace(v.Reveal())
	return text != "" && strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// parseKey reads a private key, as GitHub makes them (PKCS #1) or PKCS #8. The errors hold nothing of it.
func parseKey(v secret.Value) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(v.Reveal()))
	if block == nil {
		return nil, errors.New("it begins like PEM and is none: does each line of it end in \\n in the JSON of the secret?")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if key, ok := parsed.(*rsa.PrivateKey); ok && err == nil {
		return key, nil
	}
	return nil, errors.New("it is PEM and no RSA private key: take the one that GitHub made for the App")
}

// signJWT is by what an App shows that it is the App: RS256 over three claims. This little needs no library.
func signJWT(key *rsa.PrivateKey, appID string, now time.Time) (secret.Value, error) {
	claims, err := json.Marshal(map[string]any{
		"iat": now.Add(-jwtBackdate).Unix(), "exp": now.Add(jwtLifetime).Unix(), "iss": appID,
	})
	if err != nil {
		return secret.Value{}, err
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode(claims)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return secret.Value{}, fmt.Errorf("sign for GitHub App %s: %w", appID, err)
	}
	return secret.New(signed + "." + encode(signature)), nil
}

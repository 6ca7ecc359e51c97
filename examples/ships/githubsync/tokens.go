package githubsync

import (
	"sync"
	"time"

	"github.com/starfleet-go/starfleet/secret"
)

// tokenReserve is how long a token has to be valid still to be used.
const tokenReserve = 5 * time.Minute

// tokenKey is whom a token is for.
type tokenKey struct{ app, installation, owner, repository string }

func (p Payload) tokenKey() tokenKey {
	return tokenKey{p.GitHubAppID, p.GitHubInstallationID, p.Organization, p.Repository}
}

// installationToken is what GitHub gives an App for an installation, for an hour.
type installationToken struct {
	Token     secret.Value `json:"token"`
	ExpiresAt time.Time    `json:"expires_at"`
}

// tokens are those that are still valid. Safe for concurrent use.
type tokens struct {
	mu    sync.Mutex
	valid map[tokenKey]installationToken
}

func (t *tokens) get(key tokenKey, now time.Time) (secret.Value, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	token, ok := t.valid[key]
	if ok && token.ExpiresAt.Sub(now) < tokenReserve {
		delete(t.valid, key)
		ok = false
	}
	return token.Token, ok
}

func (t *tokens) put(key tokenKey, token installationToken) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.valid == nil {
		t.valid = map[tokenKey]installationToken{}
	}
	t.valid[key] = token
}

// drop forgets a token that GitHub refused.
func (t *tokens) drop(key tokenKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.valid, key)
}

package githubsync_test

import (
	"archive/zip"
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// What the fake and the templates of the tests agree on. What begins with hush must never show.
const (
	owner, repo, branch = "fakeorg", "myrepo", "main"
	appID, installation = "1234567", "987654"
	personalToken       = "hush_personal_token"
	archiveToken        = "hush_archive_token"
)

// appKey is that of the App of all tests.
var appKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// keyPEM is the key as GitHub hands it out.
func keyPEM(key *rsa.PrivateKey) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// fakeGitHub is the API of GitHub and, on another port, the host that its archives are on.
type fakeGitHub struct {
	t     *testing.T
	api   *httptest.Server
	files *httptest.Server
	now   func() time.Time

	mu        sync.Mutex
	archive   []byte
	lifetime  time.Duration                                     // of tokens; default an hour
	intercept func(w http.ResponseWriter, r *http.Request) bool // of the API, before all else
	deliver   func(w http.ResponseWriter, r *http.Request) bool // of the other host, before all else
	issued    int                                               // tokens
	revoked   map[string]bool                                   // tokens
	requests  []string                                          // of the API
	leaked    []string                                          // headers that must not reach the other host
}

func newFakeGitHub(t *testing.T, now func() time.Time) *fakeGitHub {
	t.Helper()
	g := &fakeGitHub{t: t, now: now, revoked: map[string]bool{}}
	g.api = httptest.NewServer(http.HandlerFunc(g.serveAPI))
	g.files = httptest.NewServer(http.HandlerFunc(g.serveFiles))
	t.Cleanup(g.api.Close)
	t.Cleanup(g.files.Close)
	return g
}

func (g *fakeGitHub) serveAPI(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.requests = append(g.requests, r.Method+" "+r.URL.EscapedPath())
	if r.Header.Get("X-Github-Api-Version") != "2022-11-28" || r.Header.Get("Accept") != "application/vnd.github+json" || r.UserAgent() == "" {
		g.t.Errorf("headers %v", r.Header)
	}
	if g.intercept != nil && g.intercept(w, r) {
		return
	}
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch r.Method + " " + r.URL.EscapedPath() {
	case "POST /app/installations/" + installation + "/access_tokens":
		g.issue(w, r, bearer)
	case "GET /repos/" + owner + "/" + repo + "/zipball/" + branch, "GET /repos/" + owner + "/" + repo + "/zipball/feature/a%231":
		if (!strings.HasPrefix(bearer, "hush_issued_") && bearer != personalToken) || g.revoked[bearer] {
			refuse(w, http.StatusUnauthorized, "Bad credentials")
			return
		}
		http.Redirect(w, r, g.files.URL+"/legacy.zip?token="+archiveToken, http.StatusFound)
	default:
		refuse(w, http.StatusNotFound, "Not Found")
	}
}

// issue checks who asks, and gives a token.
func (g *fakeGitHub) issue(w http.ResponseWriter, r *http.Request, bearer string) {
	if problem := g.checkJWT(bearer); problem != "" {
		refuse(w, http.StatusUnauthorized, problem)
		return
	}
	body, _ := io.ReadAll(r.Body)
	if string(body) != `{"permissions":{"contents":"read"},"repositories":["`+repo+`"]}` {
		refuse(w, http.StatusUnprocessableEntity, "the token is not asked for as it should be")
		return
	}
	lifetime := g.lifetime
	if lifetime == 0 {
		lifetime = time.Hour
	}
	g.issued++
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"token":"hush_issued_%d","expires_at":%q,"permissions":{"contents":"read"}}`, g.issued, g.now().Add(lifetime).UTC().Format(time.RFC3339))
}

// checkJWT verifies the signature with the public key, and the claims.
func (g *fakeGitHub) checkJWT(token string) (problem string) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "no JWT"
	}
	var header struct{ Alg, Typ string }
	var claims struct {
		Iat, Exp int64
		Iss      string
	}
	for i, into := range []any{&header, &claims} {
		data, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(data, into) != nil {
			return "part " + parts[i] + " of the JWT"
		}
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return err.Error()
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(&appKey().PublicKey, crypto.SHA256, sum[:], signature); err != nil {
		return "A JSON web token could not be decoded"
	}
	now := g.now().Unix()
	if header.Alg != "RS256" || header.Typ != "JWT" || claims.Iss != appID || claims.Iat != now-60 || claims.Exp != now+300 {
		return fmt.Sprintf("claims %+v %+v at %d", header, claims, now)
	}
	return ""
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"message":%q,"documentation_url":"https://docs.github.com/rest"}`, message)
}

func (g *fakeGitHub) serveFiles(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, header := range []string{"Authorization", "Referer"} {
		if value := r.Header.Get(header); value != "" {
			g.leaked = append(g.leaked, header+": "+value)
		}
	}
	if g.deliver != nil && g.deliver(w, r) {
		return
	}
	if r.URL.Query().Get("token") != archiveToken {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	_, _ = w.Write(g.archive)
}

// count is how many requests began in this way.
func (g *fakeGitHub) count(prefix string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(g.requests), func(r string) bool { return !strings.HasPrefix(r, prefix) }))
}

// entry is one of an archive. Its name is that in the archive, with the folder.
type entry struct {
	name, content string
	mode          fs.FileMode
}

const top = owner + "-" + repo + "-0123abc/"

// archiveOf is an archive as GitHub makes them, of files by their paths.
func archiveOf(t testing.TB, files map[string]string) []byte {
	t.Helper()
	entries := []entry{{name: top, mode: fs.ModeDir | 0o755}}
	for name, content := range files {
		entries = append(entries, entry{name: top + name, content: content})
	}
	return zipOf(t, entries...)
}

func zipOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.mode == 0 {
			e.mode = 0o644
		}
		if len(e.content) > 1<<20 {
			header.Method = zip.Store // noise takes long to be deflated in vain
		}
		header.SetMode(e.mode)
		into, err := w.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(into, e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

package githubsync

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/secret"
)

const (
	answerTimeout   = 20 * time.Second // until GitHub begins to answer
	downloadTimeout = 10 * time.Minute // for a whole download
	maxRedirects    = 5
	maxAnswer       = 1 << 20 // of an answer that is no archive, in bytes
)

// github asks GitHub. Safe for concurrent use.
type github struct {
	api    *url.URL
	client *http.Client
	now    func() time.Time
}

func newGitHub(api *url.URL, transport http.RoundTripper, now func() time.Time) *github {
	if transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone() // its type since Go 1.0
		own.ResponseHeaderTimeout = answerTimeout
		transport = own
	}
	return &github{api: api, now: now, client: &http.Client{Transport: transport, CheckRedirect: checkRedirect, Timeout: downloadTimeout}}
}

// checkRedirect keeps what opens the repository from every other host than the first; the archive is on another one. The HTTP client
// itself would hand it on to subdomains, and to other ports of the host.
func checkRedirect(next *http.Request, before []*http.Request) error {
	if len(before) > maxRedirects {
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	first := before[0].URL
	if first.Scheme == "https" && next.URL.Scheme != "https" {
		return errors.New("a redirect from https to " + next.URL.Scheme)
	}
	if next.URL.Scheme != first.Scheme || next.URL.Host != first.Host {
		next.Header.Del("Authorization")
	}
	next.Header.Del("Referer") // has the query of the address before
	return nil
}

// do sends one request, and hands on an answer of the status. The body of the answer is the caller's to close.
func (g *github) do(ctx context.Context, method, path string, bearer secret.Value, body []byte, want int, doing string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(g.api.String(), "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, bare(err))
	}
	req.Header.Set("Authorization", "Bearer "+bearer.Reveal())
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	req.Header.Set("User-Agent", "starfleet-githubsync")
	answer, err := g.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, bare(err))
	}
	if answer.StatusCode == want {
		return answer, nil
	}
	defer answer.Body.Close()
	return nil, g.refusal(answer, doing)
}

// bare takes the address out of an error: that of an archive has a token in its query.
func bare(err error) error {
	var at *url.Error
	if !errors.As(err, &at) {
		return err
	}
	host := "GitHub"
	if u, e := url.Parse(at.URL); e == nil {
		host = u.Host
	}
	if strings.Contains(at.Err.Error(), "?") { // a redirect to what is no address is quoted in full
		return fmt.Errorf("%s: an answer that cannot be followed", host)
	}
	return fmt.Errorf("%s: %w", host, at.Err)
}

// token asks for a token of an App's installation that reads one repository, and does nothing else.
func (g *github) token(ctx context.Context, c credential, p Payload) (installationToken, error) {
	doing := fmt.Sprintf("ask for a token of installation %s of GitHub App %s", p.GitHubInstallationID, p.GitHubAppID)
	jwt, err := signJWT(c.key, p.GitHubAppID, g.now())
	if err != nil {
		return installationToken{}, err
	}
	body, err := json.Marshal(map[string]any{"repositories": []string{p.Repository}, "permissions": map[string]string{"contents": "read"}})
	if err != nil {
		return installationToken{}, err
	}
	answer, err := g.do(ctx, http.MethodPost, "/app/installations/"+p.GitHubInstallationID+"/access_tokens", jwt, body, http.StatusCreated, doing)
	if err != nil {
		return installationToken{}, appHint(err, p)
	}
	defer answer.Body.Close()
	var token installationToken
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(&token); err != nil || !isToken(token.Token) {
		return installationToken{}, fmt.Errorf("%s: the answer has no token", doing) // the decoder's error quotes the answer
	}
	return token, nil
}

// appHint says what to look at where GitHub knows no such App or installation, or the installation may not.
func appHint(err error, p Payload) error {
	var status *StatusError
	if !errors.As(err, &status) {
		return err
	}
	switch status.Status {
	case http.StatusNotFound:
		status.Hint = "the App is not installed under this id: look at GitHubAppId and GitHubInstallationId"
	case http.StatusUnprocessableEntity:
		status.Hint = fmt.Sprintf("the installation has no access to %s/%s, or not the permission Contents: read-only: grant it in the settings of the installation",
			p.Organization, p.Repository)
	}
	return err
}

// download writes the archive of a branch into a file, at most limit bytes.
func (g *github) download(ctx context.Context, token secret.Value, p Payload, into *os.File, limit int64) (int64, error) {
	doing := "download " + p.source()
	answer, err := g.do(ctx, http.MethodGet, "/repos/"+p.Organization+"/"+p.Repository+"/zipball/"+escapeRef(p.BranchName), token, nil, http.StatusOK, doing)
	if err != nil {
		var status *StatusError
		if errors.As(err, &status) && status.Status == http.StatusNotFound {
			status.Hint = "there is no such repository or branch, or the App or token has no access to it, of which GitHub says the same: " +
				"look at Organization, Repository and BranchName, and grant the permission Contents: read-only"
		}
		return 0, err
	}
	defer answer.Body.Close()
	tooBig := &ArchiveError{Problem: fmt.Sprintf("it has more than %d MiB: take fewer files into the repository, or raise MaxArchiveMiB in the section %s", limit>>20, Name)}
	if answer.ContentLength > limit {
		return 0, tooBig
	}
	size, err := io.Copy(into, io.LimitReader(answer.Body, limit+1))
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s: %w", doing, bare(err))
	case size > limit:
		return 0, tooBig
	}
	return size, nil
}

// escapeRef is a branch as a part of a path, in which its slashes stay.
func escapeRef(branch string) string {
	parts := strings.Split(branch, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

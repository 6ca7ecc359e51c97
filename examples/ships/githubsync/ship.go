package githubsync

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/aws/secrets"
	"github.com/starfleet-go/starfleet/secret"
)

// Name is the ship's name: that of its section in the configuration.
const Name = "GitHubSyncWorkerShip"

// Config is what a Ship is made of. [FromConfiguration] fills in the first three.
type Config struct {
	// Settings are the ship's own keys of its section.
	Settings Settings
	// TemplateBucket is the fleet's. Without it Execute fails: enough for a Starbase that only tasks the ship, and for its manifest.
	TemplateBucket string
	// Protected are further buckets that are never written to, and what each has. Default: none.
	Protected map[string]string
	// NewClient makes the client of a bucket's region. Default NewClient.
	NewClient func(cfg aws.Config, region string) Client
	// Transport reaches GitHub. Default: as http.DefaultTransport.
	Transport http.RoundTripper
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// Ship keeps the files of a repository in a bucket. Make one with [New].
type Ship struct {
	cfg    Config
	github *github
	tokens tokens
}

var _ starfleet.ShipWithPermissions = (*Ship)(nil)

// New makes the ship. It fails when GitHubApiUrl is no address that a secret may be sent to, or a limit is negative.
func New(cfg Config) (*Ship, error) {
	s := &cfg.Settings
	api, err := parseAPIURL(cmp.Or(s.GitHubAPIURL, DefaultGitHubAPIURL))
	if err != nil {
		return nil, fmt.Errorf("section %s: %w", Name, err)
	}
	s.MaxArchiveMiB = cmp.Or(s.MaxArchiveMiB, DefaultMaxArchiveMiB)
	s.MaxExtractedMiB = cmp.Or(s.MaxExtractedMiB, DefaultMaxExtractedMiB)
	s.MaxFiles = cmp.Or(s.MaxFiles, DefaultMaxFiles)
	if s.MaxArchiveMiB < 0 || s.MaxExtractedMiB < 0 || s.MaxFiles < 0 {
		return nil, fmt.Errorf("section %s: MaxArchiveMiB, MaxExtractedMiB and MaxFiles are at least 1", Name)
	}
	if cfg.NewClient == nil {
		cfg.NewClient = NewClient
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Ship{cfg: cfg, github: newGitHub(api, cfg.Transport, cfg.Now)}, nil
}

// Name is "GitHubSyncWorkerShip".
func (*Ship) Name() string { return Name }

// Permissions are the IAM actions that the ship's own role needs, on the bucket, its objects and the fleet's secret. s3:GetObject is for the
// metadata of objects whose ETag is no MD5.
func (*Ship) Permissions() starfleet.Permissions {
	return starfleet.Permissions{
		Read:  slices.Concat([]string{"s3:GetObject", "s3:ListBucket"}, secrets.IAMActions),
		Write: []string{"s3:DeleteObject", "s3:PutObject", "s3:PutObjectAcl"},
	}
}

// Execute brings the bucket to what the repository has. See the package comment for what it touches, and steer for what becomes of errors:
// GitHub's rate limits are waited for, and what no retry cures is permanent.
func (s *Ship) Execute(ctx context.Context, inv *starfleet.Invocation[Payload]) error {
	if err := s.allowed(inv.Payload.BucketName); err != nil {
		return starfleet.Permanent(err)
	}
	selected, err := inv.Payload.selection()
	if err != nil {
		return starfleet.Permanent(err)
	}
	cfg, err := inv.AWSConfig(ctx)
	if err != nil {
		return err
	}
	archive, err := newTemporary()
	if err != nil {
		return fmt.Errorf("a file for the archive: %w", err)
	}
	defer archive.discard()
	size, err := s.fetch(ctx, inv, archive.File)
	if err != nil {
		return steer(err)
	}
	content, err := s.open(inv.Payload, archive.File, size, selected)
	if err != nil {
		return steer(err)
	}
	b := bucket{client: s.cfg.NewClient(cfg, inv.Payload.BucketRegion), name: inv.Payload.BucketName, prefix: inv.Payload.KeyPrefix}
	return steer(bring(ctx, inv, b, content, selected))
}

// fetch downloads the archive. When GitHub refuses the credential, it is read anew and tried once more.
func (s *Ship) fetch(ctx context.Context, inv *starfleet.Invocation[Payload], into *os.File) (int64, error) {
	size, err := s.fetchOnce(ctx, inv, into)
	if !refused(err) {
		return size, err
	}
	inv.Log().WarnContext(ctx, "GitHub refused the credential, which is read anew", "error", err.Error())
	inv.InvalidateSecret()
	s.tokens.drop(inv.Payload.tokenKey())
	return s.fetchOnce(ctx, inv, into)
}

func (s *Ship) fetchOnce(ctx context.Context, inv *starfleet.Invocation[Payload], into *os.File) (int64, error) {
	c, err := readCredential(ctx, inv)
	if err != nil {
		return 0, err
	}
	token, err := s.token(ctx, c, inv.Payload)
	if err != nil {
		return 0, err
	}
	return s.github.download(ctx, token, inv.Payload, into, s.cfg.Settings.MaxArchiveMiB<<20)
}

// token is that of the secret, or one that GitHub gives the App, which is kept until it expires.
func (s *Ship) token(ctx context.Context, c credential, p Payload) (secret.Value, error) {
	if c.key == nil {
		return c.token, nil
	}
	if token, ok := s.tokens.get(p.tokenKey(), s.cfg.Now()); ok {
		return token, nil
	}
	token, err := s.github.token(ctx, c, p)
	if err != nil {
		return secret.Value{}, err
	}
	s.tokens.put(p.tokenKey(), token)
	return token.Token, nil
}

// open finds the files that go to the bucket: those of the archive, or the archive itself.
func (s *Ship) open(p Payload, archive *os.File, size int64, selected selection) (*repository, error) {
	if !p.ExtractZipContents {
		if _, err := openArchive(archive, size, s.cfg.Settings.MaxFiles); err != nil {
			return nil, err
		}
		whole := file{path: p.archiveName(), size: size, open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(archive, 0, size)), nil
		}}
		return &repository{files: []file{whole}, total: 1}, checkKeys(p, []file{whole})
	}
	content, err := readArchive(archive, size, selected, limits{extracted: s.cfg.Settings.MaxExtractedMiB << 20, entries: s.cfg.Settings.MaxFiles})
	if err != nil {
		return nil, err
	}
	return content, checkKeys(p, content.files)
}

// maxKey is how long a key is at most, in bytes: a quota of S3.
const maxKey = 1024

func checkKeys(p Payload, files []file) error {
	for _, f := range files {
		if len(p.KeyPrefix)+len(f.path) > maxKey {
			return &ArchiveError{Entry: f.path, Problem: fmt.Sprintf("has a path that is longer than a key of S3 can be, %d bytes with KeyPrefix: exclude it by ExcludeRepoPaths", maxKey)}
		}
	}
	return nil
}

// bring compares the bucket with the files and, when the invocation may commit, brings it to them.
func bring(ctx context.Context, inv *starfleet.Invocation[Payload], b bucket, content *repository, selected selection) error {
	p := inv.Payload
	if p.DeleteMissingFiles && len(content.files) == 0 {
		return starfleet.Permanent(fmt.Errorf("%s to %s: %w", p.source(), p.place(), ErrNothingSelected))
	}
	todo, err := compare(ctx, b, content.files, func(name string) bool {
		return p.DeleteMissingFiles && selected.selects(name) && !content.spares(name)
	})
	if err != nil {
		return err
	}
	log := inv.Log().With("repository", p.source(), "bucket", b.name)
	log.InfoContext(ctx, "repository compared", "files", content.total, "selected", len(content.files), "same", todo.same,
		"new", len(todo.added), "modified", len(todo.modified), "delete", len(todo.deleted), "left_alone", todo.beyond)
	if content.links > 0 {
		log.WarnContext(ctx, "links are not followed and left out", "count", content.links)
	}
	if content.submodules > 0 {
		log.WarnContext(ctx, "submodules are not downloaded and left out", "count", content.submodules)
	}
	if len(content.files) == 0 {
		log.WarnContext(ctx, "no file of the repository is selected by IncludeRepoPaths and ExcludeRepoPaths")
	}
	if !inv.Commit {
		todo.record(inv, b)
		return nil
	}
	done, err := todo.apply(ctx, inv, b)
	if !done.empty() {
		inv.Alert(alert.Important, alertTitle, done.text(p))
	}
	return err
}

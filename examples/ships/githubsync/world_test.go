package githubsync_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/examples/ships/githubsync"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/secret"
)

const bucketName = "some-bucket"

// vault is a secret that is another one after it was invalidated.
type vault struct {
	mu          sync.Mutex
	versions    []string // contents of the section, the current first
	reads       int
	invalidated int
}

func (v *vault) Section(ctx context.Context, name string, target any) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.reads++
	doc, err := secret.Parse("fleet", []byte(`{"GitHubSyncWorker":`+v.versions[0]+`}`))
	if err != nil {
		return err
	}
	return doc.Section(ctx, name, target)
}

func (v *vault) Invalidate() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.invalidated++
	if len(v.versions) > 1 {
		v.versions = v.versions[1:]
	}
}

// entries is a section with these names and values.
func entries(pairs ...string) string {
	all := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	data, _ := json.Marshal(all)
	return string(data)
}

// world is everything that the ship works with.
type world struct {
	t      *testing.T
	github *fakeGitHub
	s3     *fakeS3
	vault  *vault
	config githubsync.Config
	ship   *githubsync.Ship // made with the first run

	aws   aws.Config
	clock time.Time
	logs  bytes.Buffer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, s3: newFakeS3(), aws: aws.Config{Region: "us-east-1"}, clock: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), vault: &vault{versions: []string{entries(owner, keyPEM(appKey()))}}}
	w.github = newFakeGitHub(t, func() time.Time { return w.clock })
	w.config = githubsync.Config{
		Settings:       githubsync.Settings{GitHubAPIURL: w.github.api.URL},
		TemplateBucket: "template-bucket",
		NewClient:      w.s3.client,
		Now:            func() time.Time { return w.clock },
	}
	return w
}

// with has the files of the repository from now on.
func (w *world) with(files map[string]string) *world {
	w.github.mu.Lock()
	defer w.github.mu.Unlock()
	w.github.archive = archiveOf(w.t, files)
	return w
}

// payload is a template for the App, with what change changes.
func payload(change ...func(*githubsync.Payload)) githubsync.Payload {
	p := githubsync.Payload{
		Organization: owner, Repository: repo, BranchName: branch, GitHubAppID: appID, GitHubInstallationID: installation,
		BucketName: bucketName, BucketRegion: "us-east-2", ExtractZipContents: true,
	}
	p.TemplateName, p.TemplateDescription = "T", "D"
	for _, c := range change {
		c(&p)
	}
	return p
}

// byToken is a template without an App.
func byToken(p *githubsync.Payload) { p.GitHubAppID, p.GitHubInstallationID = "", "" }

func deleting(p *githubsync.Payload) { p.DeleteMissingFiles = true }

// run does one task through the whole worker. After every run nothing that is secret may show, and no other host may have had what opens
// the repository.
func (w *world) run(p githubsync.Payload, commit bool) starfleet.Result {
	w.t.Helper()
	if w.ship == nil {
		ship, err := githubsync.New(w.config)
		if err != nil {
			w.t.Fatal(err)
		}
		w.ship = ship
	}
	var result starfleet.Result
	h, err := starfleet.NewHandler(w.ship,
		starfleet.WithEnvironment(func(string) (string, bool) { return "", false }), starfleet.WithCommit(commit), starfleet.WithSecrets(w.vault),
		starfleet.WithAWSConfig(func(context.Context, starfleet.Target) (aws.Config, error) {
			return w.aws, nil
		}),
		starfleet.WithLogger(slog.New(slog.NewJSONHandler(&w.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { result = r }))
	if err != nil {
		w.t.Fatal(err)
	}
	body, err := json.Marshal(p)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = h.Handle(w.t.Context(), queue.Message{ID: "m", Body: string(body), ReceiveCount: 1}) // the error is in the result
	w.checkSecrecy(result)
	return result
}

func (w *world) checkSecrecy(r starfleet.Result) {
	w.t.Helper()
	shown := w.logs.String() + fmt.Sprintf("%v %+v %#v %v %v", r.Err, r.Err, r.Err, r.Changes, r.Alerts)
	for _, o := range w.s3.objects {
		shown += fmt.Sprint(o.metadata)
	}
	pemLine := strings.Split(keyPEM(appKey()), "\n")[1]
	for _, hidden := range []string{"hush", pemLine, "eyJhbGci", "Bearer"} {
		if at := strings.Index(shown, hidden); at >= 0 {
			w.t.Errorf("%s shows: %s", hidden, shown[max(0, at-100):min(len(shown), at+100)])
		}
	}
	if len(w.github.leaked) > 0 {
		w.t.Errorf("the other host got %d headers that are not for it", len(w.github.leaked))
	}
}

// must fails the test when the task did not end well.
func (w *world) must(r starfleet.Result) starfleet.Result {
	w.t.Helper()
	if r.Err != nil {
		w.t.Fatalf("the task failed: %v", r.Err)
	}
	return r
}

// changes are what was done to which key, in order.
func changes(r starfleet.Result) []string {
	var all []string
	for _, c := range r.Changes {
		for _, d := range c.Details {
			if d.Key == "key" {
				all = append(all, c.What+" "+d.Value.String())
			}
		}
	}
	return all
}

// deadLettered says whether the task is not tried again.
func deadLettered(r starfleet.Result) bool {
	return queue.DispositionOf(r.Err).Action == queue.DeadLetter
}

package githubsync_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/examples/ships/githubsync"
)

// fourFiles are a repository.
var fourFiles = map[string]string{
	"README.txt": "read me\n", "data/numbers.json": "[1,2,3]\n", "site/index.html": "<h1>Hello</h1>\n", "site/photo.jpg": "\xff\xd8\xff\xe0 no photo",
}

// TestCase29GitHubSync: four files and ten other objects. A dry run leaves the ten; with DeleteMissingFiles and commit there are exactly the four,
// with the right types; a second run changes nothing.
func TestCase29GitHubSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(fourFiles)
	for i := range 10 {
		w.s3.add(fmt.Sprintf("other/%d", i), "x")
	}

	dry := w.must(w.run(payload(deleting), false))
	if len(w.s3.objects) != 10 || len(w.s3.puts)+len(w.s3.deletes) > 0 || len(dry.Changes) != 14 || len(dry.Alerts) > 0 {
		t.Fatalf("a dry run: objects %v, changes %v, alerts %v", w.s3.keys(), changes(dry), dry.Alerts)
	}
	done := w.must(w.run(payload(deleting), true))
	got := map[string]string{}
	for key, o := range w.s3.objects {
		got[key] = o.contentType
		if o.content != fourFiles[key] || o.acl != types.ObjectCannedACLBucketOwnerFullControl {
			t.Errorf("%s: %+v", key, o)
		}
	}
	want := map[string]string{
		"README.txt": "text/plain", "data/numbers.json": "application/json", "site/index.html": "text/html", "site/photo.jpg": "image/jpeg",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(changes(dry), changes(done)); diff != "" {
		t.Errorf("the dry run foretold something else (-dry run +commit):\n%s", diff)
	}
	if w.s3.region != "us-east-2" {
		t.Errorf("the client is for region %s", w.s3.region)
	}

	again := w.must(w.run(payload(deleting), true))
	if again.Outcome != starfleet.OutcomeOK || len(w.s3.puts) != 4 || len(w.s3.deletes) != 1 || len(again.Alerts) > 0 {
		t.Errorf("the second run: %s, changes %v, alerts %v", again.Outcome, changes(again), again.Alerts)
	}
}

// TestCase29Ours: as before, with some of the ten under paths that the template does not select: those stay.
func TestCase29Ours(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(fourFiles)
	for i := range 5 {
		w.s3.add(fmt.Sprintf("site/old/%d", i), "x")
		w.s3.add(fmt.Sprintf("site/drafts/%d", i), "x")
	}
	w.s3.add("data/other", "x")
	p := payload(deleting, func(p *githubsync.Payload) {
		p.IncludeRepoPaths, p.ExcludeRepoPaths = []string{"^site/", `\.txt$`}, []string{"/drafts/"}
	})
	w.must(w.run(p, true))
	want := []string{"README.txt", "data/other", "site/drafts/0", "site/drafts/1", "site/drafts/2", "site/drafts/3", "site/drafts/4", "site/index.html", "site/photo.jpg"}
	if diff := cmp.Diff(want, w.s3.keys()); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

// TestSiblingsOfAPrefixStay: what has the prefix in its name and is not under it is never deleted. A prefix without a slash and deletions are refused by
// the worker too, and without deletions the key is the prefix and the path, as in the Python Starfleet.
func TestSiblingsOfAPrefixStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(map[string]string{"a.txt": "a"})
	others := []string{"docs", "docs-old/a.txt", "docs.txt", "docsa.md", "other"}
	for _, key := range append(others, "docs/", "docs/gone.txt") {
		w.s3.add(key, "x")
	}
	prefixed := func(prefix string) func(*githubsync.Payload) {
		return func(p *githubsync.Payload) { p.KeyPrefix = prefix }
	}
	refused := w.run(payload(deleting, prefixed("docs")), true)
	if !deadLettered(refused) || !strings.Contains(fmt.Sprint(refused.Err), "KeyPrefix") || len(w.s3.actions) > 0 {
		t.Errorf("error %v, calls %v", refused.Err, w.s3.actions)
	}
	w.must(w.run(payload(prefixed("docs")), true))
	w.must(w.run(payload(deleting, prefixed("docs/")), true))
	want := append(slices.Clone(others), "docs/", "docs/a.txt", "docsa.txt")
	slices.Sort(want)
	if diff := cmp.Diff(want, w.s3.keys()); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

// TestNothingSelectedDeletesNothing: a mistyped pattern must not empty the place, neither in a dry run nor with commit. Without deletions there is
// nothing to fear.
func TestNothingSelectedDeletesNothing(t *testing.T) {
	t.Parallel()
	mistyped := func(p *githubsync.Payload) { p.IncludeRepoPaths = []string{"^stie/"} }
	for name, change := range map[string]func(*githubsync.Payload){
		"mistyped": mistyped,
		"excluded": func(p *githubsync.Payload) {
			p.IncludeRepoPaths, p.ExcludeRepoPaths = []string{"^site/"}, []string{"index", "photo"}
		},
	} {
		for _, commit := range []bool{false, true} {
			w := newWorld(t).with(fourFiles)
			w.s3.add("stie/a", "x")
			w.s3.add("site/a", "x")
			r := w.run(payload(deleting, change), commit)
			if !errors.Is(r.Err, githubsync.ErrNothingSelected) || !deadLettered(r) || len(r.Changes)+len(r.Alerts)+len(w.s3.actions) > 0 || len(w.s3.objects) != 2 {
				t.Errorf("%s, commit %v: changes %v, calls %v, error %v", name, commit, changes(r), w.s3.actions, r.Err)
			}
			if !strings.Contains(fmt.Sprint(r.Err), "fakeorg/myrepo@main to s3://some-bucket/: no file of the repository is selected") {
				t.Errorf("error %v", r.Err)
			}
		}
	}
	w := newWorld(t).with(fourFiles)
	if r := w.must(w.run(payload(mistyped), true)); len(r.Changes) > 0 || !strings.Contains(w.logs.String(), "no file of the repository is selected") {
		t.Errorf("changes %v", changes(r))
	}
}

// TestNothingToTell: objects beyond the repository, no upload and no deletion are no news.
func TestNothingToTell(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(fourFiles)
	w.s3.add("other", "x")
	first := w.must(w.run(payload(), true))
	if len(first.Alerts) != 1 {
		t.Fatalf("alerts %v", first.Alerts)
	}
	second := w.must(w.run(payload(), true))
	if len(second.Alerts) > 0 || len(second.Changes) > 0 || second.Outcome != starfleet.OutcomeOK {
		t.Errorf("%s, changes %v, alerts %v", second.Outcome, second.Changes, second.Alerts)
	}
}

func TestAlertListsWhatWasDone(t *testing.T) {
	t.Parallel()
	files := maps.Clone(fourFiles)
	for i := range 25 {
		files[fmt.Sprintf("many/%02d.txt", i)] = "x"
	}
	w := newWorld(t).with(files)
	w.s3.add("web/README.txt", "older")
	w.s3.add("web/gone.txt", "x")
	p := payload(deleting, func(p *githubsync.Payload) { p.KeyPrefix = "web/" })
	if dry := w.must(w.run(p, false)); len(dry.Alerts) > 0 {
		t.Errorf("a dry run tells %v", dry.Alerts)
	}
	got := w.must(w.run(p, true)).Alerts
	if len(got) != 1 || got[0].Priority != alert.Important {
		t.Fatalf("alerts %v", got)
	}
	want := "fakeorg/myrepo@main to s3://some-bucket/web/\nnew (28): data/numbers.json"
	for i := range 19 {
		want += fmt.Sprintf(", many/%02d.txt", i)
	}
	want += " and 8 more\nmodified (1): README.txt\ndeleted (1): gone.txt"
	if diff := cmp.Diff(want, got[0].Text); diff != "" {
		t.Error(diff)
	}
}

// TestETagsThatAreNoMD5: objects with a KMS key, or uploaded in parts, are uploaded once and then known by the ship's own checksum.
func TestETagsThatAreNoMD5(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(fourFiles)
	w.s3.kms = true
	w.s3.objects["README.txt"] = stored{content: fourFiles["README.txt"], etag: "9b2cf535f27731c974343645a3985328-2"} // by another program, in parts
	if first := w.must(w.run(payload(), true)); len(first.Changes) != 4 {
		t.Errorf("changes %v", changes(first))
	}
	second := w.must(w.run(payload(), true))
	if len(second.Changes) > 0 || len(w.s3.puts) != 4 {
		t.Errorf("uploads for ever: %v", changes(second))
	}
	changed := maps.Clone(fourFiles)
	changed["README.txt"] = "read it\n" // as long as before
	w.with(changed)
	if third := w.must(w.run(payload(), true)); !slices.Equal(changes(third), []string{"upload modified file README.txt"}) || w.s3.objects["README.txt"].content != "read it\n" {
		t.Errorf("changes %v", changes(third))
	}
	w.s3.mu.Lock()
	tampered := w.s3.objects["site/index.html"]
	tampered.content, tampered.etag, tampered.metadata = "<h1>Hullo</h1>\n", "other", nil // somebody else's upload
	w.s3.objects["site/index.html"] = tampered
	w.s3.mu.Unlock()
	if fourth := w.must(w.run(payload(), true)); !slices.Equal(changes(fourth), []string{"upload modified file site/index.html"}) {
		t.Errorf("changes %v", changes(fourth))
	}
}

// TestErrorsOfADeletion: S3 answers a deletion that failed with success and a list.
func TestErrorsOfADeletion(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(fourFiles)
	w.s3.pageSize = 100
	for i := range 1203 {
		w.s3.add(fmt.Sprintf("old/%04d", i), "x")
	}
	w.s3.deleteFails = map[string]string{"old/1100": "AccessDenied", "old/1101": "InternalError"}
	r := w.run(payload(deleting), true)
	var failed *githubsync.DeleteError
	if !errors.As(r.Err, &failed) || len(failed.Failed) != 2 || !strings.Contains(r.Err.Error(), "old/1100 (AccessDenied)") || deadLettered(r) {
		t.Errorf("error %v", r.Err)
	}
	if !slices.Equal(w.s3.deletes, []int{1000, 203}) || len(w.s3.objects) != 6 {
		t.Errorf("requests of %v objects, left are %v", w.s3.deletes, w.s3.keys())
	}
	if len(r.Alerts) != 1 || !strings.Contains(r.Alerts[0].Text, "deleted (1201)") {
		t.Errorf("alerts %v", r.Alerts)
	}
}

// TestAFailedUploadDeletesNothing, and keeps no other file from being uploaded. What was uploaded is told.
func TestAFailedUploadDeletesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(fourFiles)
	w.s3.add("gone", "x")
	down := errors.New("S3 is down")
	w.s3.putFails = map[string]error{"data/numbers.json": down}
	r := w.run(payload(deleting), true)
	if !errors.Is(r.Err, down) || !strings.Contains(r.Err.Error(), "s3://some-bucket/data/numbers.json") || len(w.s3.deletes) > 0 || deadLettered(r) {
		t.Errorf("error %v, deletions %v", r.Err, w.s3.deletes)
	}
	if len(r.Alerts) != 1 || !strings.HasSuffix(r.Alerts[0].Text, "\nnew (3): README.txt, site/index.html, site/photo.jpg") {
		t.Errorf("alerts %v", r.Alerts)
	}
	w.s3.putFails = nil
	w.must(w.run(payload(deleting), true))
	if len(w.s3.objects) != 4 || len(w.s3.puts) != 4 {
		t.Errorf("objects %v", w.s3.keys())
	}
}

// TestGivesUpAfterTenFailures: and what is in flight then.
func TestGivesUpAfterTenFailures(t *testing.T) {
	t.Parallel()
	denied := errors.New("denied")
	files := map[string]string{}
	w := newWorld(t)
	w.s3.putFails = map[string]error{}
	for i := range 100 {
		name := fmt.Sprintf("%03d", i)
		files[name], w.s3.putFails[name] = "x", denied
	}
	r := w.with(files).run(payload(), true)
	if !errors.Is(r.Err, denied) || len(r.Changes) < 10 || len(r.Changes) > 18 {
		t.Errorf("%d attempts, error %v", len(r.Changes), r.Err)
	}
}

func TestErrorsOfTheBucket(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err       error
		permanent bool
	}{
		"no such bucket": {&types.NoSuchBucket{}, true},
		"down":           {errors.New("down"), false},
	} {
		w := newWorld(t).with(fourFiles)
		w.s3.listFails = test.err
		r := w.run(payload(), true)
		if !errors.Is(r.Err, test.err) || deadLettered(r) != test.permanent || test.permanent != strings.Contains(r.Err.Error(), "BucketRegion") || len(w.s3.puts) > 0 {
			t.Errorf("%s: %v", name, r.Err)
		}
	}
}

// TestTheTemplateBucket: a repository must not become what steers the fleet, unless the ship's own section says so.
func TestTheTemplateBucket(t *testing.T) {
	t.Parallel()
	into := func(bucket string) githubsync.Payload {
		return payload(func(p *githubsync.Payload) { p.BucketName = bucket })
	}
	w := newWorld(t).with(fourFiles)
	w.config.Protected = map[string]string{"index-bucket": "the account index"}
	for _, bucket := range []string{"template-bucket", "index-bucket"} {
		var refused *githubsync.BucketError
		r := w.run(into(bucket), true)
		if !errors.As(r.Err, &refused) || refused.Bucket != bucket || !deadLettered(r) || len(w.s3.actions) > 0 || len(w.github.requests) > 0 {
			t.Errorf("%s: error %v, calls %v %v", bucket, r.Err, w.s3.actions, w.github.requests)
		}
	}

	allowing := newWorld(t).with(fourFiles)
	allowing.config.Settings.AllowTemplateBucket = true
	allowing.config.Protected = w.config.Protected
	allowing.must(allowing.run(into("template-bucket"), true))
	if len(allowing.s3.puts) != 4 {
		t.Errorf("uploads %v", allowing.s3.puts)
	}
	if r := allowing.run(into("index-bucket"), true); !deadLettered(r) {
		t.Errorf("error %v", r.Err)
	}

	unconfigured := newWorld(t).with(fourFiles)
	unconfigured.config.TemplateBucket = ""
	if r := unconfigured.run(payload(), true); !deadLettered(r) || !strings.Contains(r.Err.Error(), "STARFLEET_CONFIG") || len(unconfigured.s3.actions) > 0 {
		t.Errorf("error %v", r.Err)
	}
}

// TestTheArchiveItself: without extraction the one file is the archive as it came.
func TestTheArchiveItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(fourFiles)
	w.s3.add("zips/other.zip", "x")
	p := payload(func(p *githubsync.Payload) { p.ExtractZipContents, p.KeyPrefix = false, "zips/" })
	w.must(w.run(p, true))
	got := w.s3.objects["zips/myrepo.zip"]
	if got.content != string(w.github.archive) || got.contentType != "application/zip" || len(w.s3.objects) != 2 {
		t.Errorf("objects %v, type %s", w.s3.keys(), got.contentType)
	}
	if again := w.must(w.run(p, true)); len(again.Changes) > 0 {
		t.Errorf("changes %v", changes(again))
	}
}

// TestPermissionsAreTheCallsMade holds the list against a recording of the calls.
func TestPermissionsAreTheCallsMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(fourFiles)
	w.s3.add("gone", "x")
	w.s3.add("README.txt", "read it\n")
	w.must(w.run(payload(deleting), false))
	actions := func() []string {
		if w.vault.reads > 0 {
			w.s3.actions["secretsmanager:GetSecretValue"] = true
		}
		return slices.Sorted(maps.Keys(w.s3.actions))
	}
	allowed := w.ship.Permissions()
	if diff := cmp.Diff(slices.Sorted(slices.Values(allowed.Read)), actions()); diff != "" {
		t.Errorf("a dry run (-permissions +calls):\n%s", diff)
	}
	w.must(w.run(payload(deleting), true))
	if diff := cmp.Diff(slices.Sorted(slices.Values(append(allowed.Read, allowed.Write...))), actions()); diff != "" {
		t.Errorf("with commit (-permissions +calls):\n%s", diff)
	}
}

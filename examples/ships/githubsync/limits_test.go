package githubsync_test

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet/examples/ships/githubsync"
)

// TestRefusedArchives: an archive that is refused changes nothing, and is not tried again.
func TestRefusedArchives(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("\x00", 1<<20+1)
	long := strings.Repeat("x/", 512) + "y"
	for name, test := range map[string]struct {
		entries []entry
		want    string
	}{
		"zip slip":         {[]entry{{name: top + "a", content: "x"}, {name: top + "../../b", content: "x"}}, "no plain path"},
		"an absolute path": {[]entry{{name: "/etc/passwd", content: "x"}}, "no plain path"},
		"a bomb":           {[]entry{{name: top + "bomb", content: zeros}}, "MaxExtractedMiB"},
		"many files":       {[]entry{{name: top + "a"}, {name: top + "b"}, {name: top + "c"}, {name: top + "d"}}, "MaxFiles"},
		"a long path":      {[]entry{{name: top + long}}, "longer than a key"},
		"no files":         {[]entry{{name: top, mode: fs.ModeDir | 0o755}}, "no files"},
	} {
		w := newWorld(t)
		w.config.Settings.MaxExtractedMiB, w.config.Settings.MaxFiles = 1, 3
		w.github.archive = zipOf(t, test.entries...)
		w.s3.add("there", "x")
		r := w.run(payload(deleting), true)
		var refused *githubsync.ArchiveError
		if !errors.As(r.Err, &refused) || !strings.Contains(r.Err.Error(), test.want) || !deadLettered(r) || len(w.s3.actions) > 0 {
			t.Errorf("%s: error %v, calls %v", name, r.Err, w.s3.actions)
		}
	}
}

// TestArchiveBeyondItsLimit: one that says so at once, and one that does not say how long it is and has no end.
func TestArchiveBeyondItsLimit(t *testing.T) {
	t.Parallel()
	const chunk, most = 64 << 10, 1024
	for name, says := range map[string]string{"says": strconv.Itoa(chunk * most), "is silent": ""} {
		w := newWorld(t)
		w.config.Settings.MaxArchiveMiB = 1
		sent := make(chan int, 1)
		w.github.deliver = func(w http.ResponseWriter, _ *http.Request) bool {
			if says != "" {
				w.Header().Set("Content-Length", says)
			}
			n := 0
			for ; n < most; n++ {
				if _, err := w.Write(make([]byte, chunk)); err != nil {
					break
				}
			}
			sent <- n
			return true
		}
		r := w.run(payload(), true)
		if r.Err == nil || !strings.Contains(r.Err.Error(), "MaxArchiveMiB") || !deadLettered(r) || len(w.s3.actions) > 0 {
			t.Errorf("%s: error %v", name, r.Err)
		}
		if n := <-sent; n == most {
			t.Errorf("%s: all of it was taken", name)
		}
	}
}

// TestLinksAreNotFollowed: neither uploaded, nor is what has their place deleted, nor what is in the place of a folder that they are for.
func TestLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	link := fs.ModeSymlink | 0o777
	w := newWorld(t)
	w.github.archive = zipOf(t, entry{name: top + "file.txt", content: "x"}, entry{name: top + "link.txt", content: "/etc/passwd", mode: link},
		entry{name: top + "docs", content: "other/docs", mode: link})
	for _, key := range []string{"link.txt", "docs/a.txt", "docs/b/c.txt"} {
		w.s3.add(key, "as it was")
	}
	w.s3.add("docs-old/a.txt", "x")
	w.must(w.run(payload(deleting, func(p *githubsync.Payload) { p.IncludeRepoPaths = []string{`\.txt$`} }), true)) // which does not select docs itself
	if !slices.Equal(w.s3.keys(), []string{"docs/a.txt", "docs/b/c.txt", "file.txt", "link.txt"}) || w.s3.objects["link.txt"].content != "as it was" {
		t.Errorf("objects %v", w.s3.keys())
	}
	if !strings.Contains(w.logs.String(), `"links are not followed and left out"`) {
		t.Error("the log does not say so")
	}
}

// TestSubmodulesStay: the archive has an empty folder for each, and another template may bring what is in it.
func TestSubmodulesStay(t *testing.T) {
	t.Parallel()
	folder := fs.ModeDir | 0o755
	w := newWorld(t)
	w.github.archive = zipOf(t, entry{name: top, mode: folder}, entry{name: top + ".gitmodules", content: "x"}, entry{name: top + "vendor/", mode: folder},
		entry{name: top + "vendor/lib/", mode: folder})
	for _, key := range []string{"vendor/lib/a.txt", "vendor/lib/b/c.txt", "vendor/gone.txt", "vendor/lib2/gone.txt"} {
		w.s3.add(key, "x")
	}
	w.must(w.run(payload(deleting), true))
	if want := []string{".gitmodules", "vendor/lib/a.txt", "vendor/lib/b/c.txt"}; !slices.Equal(w.s3.keys(), want) {
		t.Errorf("objects %v, want %v", w.s3.keys(), want)
	}
	if !strings.Contains(w.logs.String(), `"submodules are not downloaded and left out"`) {
		t.Error("the log does not say so")
	}
}

// TestArchivesAreLimitedAsAWholeToo: their directory is read to see that they are archives.
func TestArchivesAreLimitedAsAWholeToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(fourFiles)
	w.config.Settings.MaxFiles = 3
	r := w.run(payload(func(p *githubsync.Payload) { p.ExtractZipContents = false }), true)
	var refused *githubsync.ArchiveError
	if !errors.As(r.Err, &refused) || !strings.Contains(r.Err.Error(), "MaxFiles") || !deadLettered(r) || len(w.s3.actions) > 0 {
		t.Errorf("error %v, calls %v", r.Err, w.s3.actions)
	}
}

// TestMemory: an archive of 16 MiB goes to a file. Not parallel, since it counts what the process allocates; the temporary folder is empty afterwards.
func TestMemory(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	noise := make([]byte, 16<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	w := newWorld(t).with(map[string]string{"noise": string(noise), "a.txt": "x"})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	w.must(w.run(payload(), false))
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 8<<20 {
		t.Errorf("%d MiB were allocated", allocated>>20)
	}
	if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
		t.Errorf("left are %v, error %v", left, err)
	}
}

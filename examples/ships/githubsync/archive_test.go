package githubsync

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// entry is one of an archive. size, where not 0, is what the archive says falsely.
type entry struct {
	name, content string
	mode          fs.FileMode
	size          uint64
}

func zipOf(tb testing.TB, entries ...entry) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Method: zip.Store}
		if e.mode == 0 {
			e.mode = 0o644
		}
		header.SetMode(e.mode)
		header.CRC32 = crc32.ChecksumIEEE([]byte(e.content))
		header.CompressedSize64, header.UncompressedSize64 = uint64(len(e.content)), uint64(len(e.content))
		if e.size != 0 {
			header.UncompressedSize64 = e.size
		}
		into, err := w.CreateRaw(header)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := io.WriteString(into, e.content); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// small are the limits of these tests.
var small = limits{extracted: 1 << 20, entries: 100}

func readBytes(data []byte, s selection) (*repository, error) {
	return readArchive(bytes.NewReader(data), int64(len(data)), s, small)
}

func TestArchive(t *testing.T) {
	t.Parallel()
	selected, err := Payload{IncludeRepoPaths: []string{"^a", `/link$`}, ExcludeRepoPaths: []string{"no"}}.selection()
	if err != nil {
		t.Fatal(err)
	}
	got, err := readBytes(zipOf(t, entry{name: "top/"}, entry{name: "top/a.txt", content: "A"}, entry{name: "top/a/"}, entry{name: "top/a/b", content: ""},
		entry{name: "top/ano"}, entry{name: "top/b"}, entry{name: "top/d/link", content: "/etc/passwd", mode: fs.ModeSymlink | 0o777}, entry{name: "top/a ü"}), selected)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range got.files {
		paths = append(paths, f.path)
	}
	if !slices.Equal(paths, []string{"a.txt", "a/b", "a ü"}) || got.total != 6 || got.links != 1 || len(got.apart) != 1 || !got.apart["d/link"] {
		t.Errorf("%v, apart are %v, %d files", paths, got.apart, got.total)
	}
	md5Sum, sha256Sum, err := got.files[0].checksums()
	if err != nil || md5Sum != "7fc56270e7a70fa81a5935b72eacbe29" || sha256Sum != "559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd" {
		t.Errorf("%s %s %v", md5Sum, sha256Sum, err)
	}
}

// TestWhatIsSpared: links and folders with nothing in them, selected or not, and what is below them; not what only begins with their names.
func TestWhatIsSpared(t *testing.T) {
	t.Parallel()
	link := fs.ModeSymlink | 0o777
	got, err := readBytes(zipOf(t, entry{name: "top/"}, entry{name: "top/.gitmodules"}, entry{name: "top/a/"}, entry{name: "top/a/sub/"}, entry{name: "top/skipped/"},
		entry{name: "top/d/"}, entry{name: "top/d/e/"}, entry{name: "top/d/e/file"}, entry{name: "top/link", mode: link}, entry{name: "top/skip", mode: link},
		entry{name: "top/pipe", mode: fs.ModeNamedPipe | 0o644}), selection{exclude: mustCompile(t, "^skip")})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"link": true, "link/": true, "link/a/b": true, "skip": true, "skip/a": true, "pipe": true, "a/sub": true, "a/sub/": true, "a/sub/x/y": true, "skipped/x": true,
		"link2": false, "lin": false, "link-old/a": false, "x/link": false, "a": false, "a/su": false, "a/sub2/x": false, "d/e": false, "d/e/x": false, "d/x": false, "x": false, "": false,
	} {
		if got.spares(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
	if got.links != 2 || got.submodules != 1 || len(got.files) != 2 {
		t.Errorf("%d links, %d submodules, %d files", got.links, got.submodules, len(got.files))
	}
}

// readCounter counts the bytes that are read of an archive.
type readCounter struct {
	io.ReaderAt
	n int
}

func (c *readCounter) ReadAt(p []byte, at int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, at)
	c.n += n
	return n, err
}

// TestManyEntriesAreNotRead: the directory is read no farther than the limit, whatever the archive says of how many there are.
func TestManyEntriesAreNotRead(t *testing.T) {
	t.Parallel()
	archive := func(n int) []byte {
		entries := make([]entry, n)
		for i := range entries {
			entries[i].name = fmt.Sprintf("top/%d", i)
		}
		return zipOf(t, entries...)
	}
	lying := archive(20_000)
	copy(lying[bytes.LastIndex(lying, []byte("PK\x05\x06"))+8:], []byte{1, 0, 1, 0}) // entries, on this disk and in all
	for name, data := range map[string][]byte{"20,000": archive(20_000), "1, it says": lying, "70,000, in the form for many": archive(70_000)} {
		from := &readCounter{ReaderAt: bytes.NewReader(data)}
		_, err := readArchive(from, int64(len(data)), selection{}, small)
		var refused *ArchiveError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), "more than 100 files and folders: raise MaxFiles") || from.n > 16<<10 {
			t.Errorf("%s: error %v after %d of %d bytes", name, err, from.n, len(data))
		}
	}
}

// TestSignaturesInFiles are no entries, wherever they are and whatever is read of them while the directory is looked for.
func TestSignaturesInFiles(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("PK\x01\x02", 50_000)
	data := zipOf(t, entry{name: "top/a", content: content}, entry{name: "top/b", content: content})
	comment := bytes.Repeat([]byte("x"), 2000) // is longer than where the end of the directory is first looked for
	copy(data[len(data)-2:], []byte{byte(len(comment) & 0xff), byte(len(comment) >> 8)})
	data = append(data, comment...)
	got, err := readBytes(data, selection{})
	if err != nil {
		t.Fatal(err)
	}
	var read counter
	if err := got.files[1].copyTo(&read); err != nil || int(read) != len(content) {
		t.Errorf("%d bytes, error %v", read, err)
	}
}

// TestLimitOfEntries holds at the very number, with directories of more and of less than one read.
func TestLimitOfEntries(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 50, 89, 90, 500, 3000} {
		entries := make([]entry, n)
		for i := range entries {
			entries[i].name = fmt.Sprintf("top/%d", i)
		}
		data := zipOf(t, entries...)
		for limit, want := range map[int]bool{n - 1: false, n: true, n + 1: true} {
			got, err := readArchive(bytes.NewReader(data), int64(len(data)), selection{}, limits{extracted: 1, entries: limit})
			if (err == nil) != want || want && len(got.files) != n {
				t.Errorf("%d entries, at most %d: %v", n, limit, err)
			}
		}
	}
}

// TestArchivesRefused: nothing of them is taken.
func TestArchivesRefused(t *testing.T) {
	t.Parallel()
	ok := entry{name: "top/ok", content: "x"}
	half := strings.Repeat("x", 600<<10)
	many := make([]entry, 101)
	for i := range many {
		many[i] = entry{name: "top/" + strings.Repeat("x", i+1)}
	}
	for name, test := range map[string]struct {
		entries []entry
		want    string
	}{
		"zip slip":               {[]entry{ok, {name: "top/../../etc/passwd"}}, "no plain path"},
		"zip slip at once":       {[]entry{{name: "../x"}}, "no plain path"},
		"a folder above":         {[]entry{ok, {name: "top/../"}}, "no plain path"},
		"an absolute path":       {[]entry{{name: "/etc/passwd"}}, "no plain path"},
		"an empty part":          {[]entry{ok, {name: "top//x"}}, "no plain path"},
		"a dot":                  {[]entry{ok, {name: "top/./x"}}, "no plain path"},
		"a name that is none":    {[]entry{{name: "/"}}, "no plain path"},
		"a backslash":            {[]entry{ok, {name: `top/..\x`}}, "separator"},
		"a drive":                {[]entry{{name: `top/C:\x`}}, "separator"},
		"a new line":             {[]entry{ok, {name: "top/a\nb"}}, "characters"},
		"no UTF-8":               {[]entry{ok, {name: "top/\xff"}}, "characters"},
		"another folder":         {[]entry{ok, {name: "other/x"}}, "not in the folder top"},
		"in no folder":           {[]entry{{name: "x"}}, "in no folder"},
		"twice":                  {[]entry{ok, ok}, "twice"},
		"a file and a folder":    {[]entry{{name: "top/a/"}, {name: "top/a"}}, "twice"},
		"no files":               {[]entry{{name: "top/"}}, "no files"},
		"empty":                  {nil, "no files"},
		"too many":               {many, "MaxFiles"},
		"too big":                {[]entry{{name: "top/a", size: 2 << 20}}, "MaxExtractedMiB"},
		"too big together":       {[]entry{{name: "top/a", content: half}, {name: "top/b", content: half}}, "MaxExtractedMiB"},
		"beyond counting":        {[]entry{{name: "top/a", size: 1<<64 - 1}, {name: "top/b", size: 2}}, "MaxExtractedMiB"},
		"not selected, too big":  {[]entry{ok, {name: "top/skip", size: 2 << 20}}, "MaxExtractedMiB"},
		"not selected, slipping": {[]entry{ok, {name: "top/../skip"}}, "no plain path"},
	} {
		selected, err := Payload{ExcludeRepoPaths: []string{"skip"}}.selection()
		if err != nil {
			t.Fatal(err)
		}
		got, err := readBytes(zipOf(t, test.entries...), selected)
		var refused *ArchiveError
		if !errors.As(err, &refused) || got != nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
	if _, err := readBytes(zipOf(t, ok, entry{name: "top/a\\skip"}), selection{exclude: mustCompile(t, "skip")}); err != nil {
		t.Errorf("a name that is excluded: %v", err)
	}
}

// TestFilesThatLie about their size end when it is used up.
func TestFilesThatLie(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	w := zip.NewWriter(&bomb)
	into, err := w.Create("top/bomb")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := into.Write(make([]byte, 2<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	data := bomb.Bytes()
	var refused *ArchiveError
	if _, err := readBytes(data, selection{}); !errors.As(err, &refused) || len(data) > 1<<20 {
		t.Errorf("a bomb of %d bytes: %v", len(data), err)
	}
	central := bytes.LastIndex(data, []byte("PK\x01\x02")) // says 10 bytes now, in the place of 2 MiB
	copy(data[central+24:], []byte{10, 0, 0, 0})
	got, err := readBytes(data, selection{})
	if err != nil {
		t.Fatal(err)
	}
	var counted counter
	if err := got.files[0].copyTo(&counted); !errors.As(err, &refused) || counted > 11 {
		t.Errorf("%d bytes of a lying bomb, error %v", counted, err)
	}
	for name, e := range map[string]entry{"fewer": {name: "top/a", content: "x", size: 2}, "a wrong checksum": {name: "top/a", content: "x"}} {
		data := zipOf(t, e)
		if e.size == 0 {
			data[bytes.Index(data, []byte("xPK"))] = 'y'
		}
		got, err := readBytes(data, selection{})
		if err != nil {
			t.Fatal(err)
		}
		if err := got.files[0].copyTo(io.Discard); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func TestSpoolLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	got, err := readBytes(zipOf(t, entry{name: "top/good", content: "good"}, entry{name: "top/bad", content: "x", size: 2}), selection{})
	if err != nil {
		t.Fatal(err)
	}
	content, file, err := spool(got.files[0])
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(content.file); string(text) != "good" || err != nil {
		t.Errorf("%q, error %v", text, err)
	}
	file.discard()
	if _, _, err := spool(got.files[1]); err == nil {
		t.Error("no error")
	}
	if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
		t.Errorf("left are %v, error %v", left, err)
	}
}

// TestContentTypes: every type of the table can be written in a header, every extension can be met, and those of old are right.
func TestContentTypes(t *testing.T) {
	t.Parallel()
	for extension, kind := range contentTypes {
		if path.Ext("x"+extension) != extension || strings.ToLower(extension) != extension || strings.Count(kind, "/") != 1 || strings.ContainsAny(kind, " ;,.\t") && !strings.Contains(kind, "vnd.") {
			t.Errorf("%q: %q", extension, kind)
		}
	}
	for name, want := range map[string]string{
		"a.jpg": "image/jpeg", "a.tif": "image/tiff", "a.mid": "audio/midi", "a.JPG": "image/jpeg", "b/c.d/a.Json": "application/json", "a.tar.gz": "application/gzip",
		"a": "binary/octet-stream", "a.": "binary/octet-stream", "json": "binary/octet-stream", "a.unknown": "binary/octet-stream", ".txt": "text/plain", "x.json/a": "binary/octet-stream",
	} {
		if got := contentType(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func mustCompile(t *testing.T, patterns ...string) []*regexp.Regexp {
	t.Helper()
	c, err := compileAll("patterns", patterns)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// FuzzArchive begins with the archives of testdata/fuzz: whatever the bytes are, no file has a path that leads elsewhere, none is there twice, and no more is read than the limits say.
func FuzzArchive(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := readBytes(data, selection{})
		if err != nil {
			return
		}
		seen := map[string]bool{}
		var read counter
		for _, file := range got.files {
			if seen[file.path] || !filepath.IsLocal(file.path) || path.Clean(file.path) != file.path || !utf8.ValidString(file.path) || strings.Contains(file.path, `\`) {
				t.Fatalf("path %q", file.path)
			}
			seen[file.path] = true
			before := read
			if err := file.copyTo(&read); err == nil && int64(read-before) != file.size {
				t.Fatalf("%s has %d bytes, not %d", file.path, read-before, file.size)
			}
		}
		if int64(read) > small.extracted+int64(len(got.files)) {
			t.Fatalf("%d bytes were read", read)
		}
	})
}

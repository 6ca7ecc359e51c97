package githubsync

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxObject is what S3 takes in one request: 5 GiB.
const maxObject = 5 << 30

// limits are those of an archive.
type limits struct {
	extracted int64 // bytes of all files together
	entries   int
}

// file is one file that goes to the bucket.
type file struct {
	path string
	size int64
	open func() (io.ReadCloser, error)
}

// repository is what an archive has.
type repository struct {
	files []file          // the selected ones, in the order of the archive
	links map[string]bool // selected paths that are links, or devices: they are not followed, and nothing in their place is deleted
	total int             // of all files, with those that are not selected
}

// readArchive reads the directory of an archive: a folder that GitHub names after the commit, and the files in it. Nothing is
// extracted yet. An *ArchiveError refuses all of it: a name that leads out of the folder, twice the same name, a limit.
func readArchive(r io.ReaderAt, size int64, s selection, l limits) (*repository, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("read the archive: %w", err)
	}
	if len(archive.File) > l.entries {
		return nil, &ArchiveError{Problem: fmt.Sprintf("it has %d files and folders, the most are %d: raise MaxFiles in the section %s", len(archive.File), l.entries, Name)}
	}
	found := &repository{links: map[string]bool{}}
	seen := make(map[string]bool, len(archive.File))
	var top string
	var extracted uint64
	for _, entry := range archive.File {
		folder, rest, err := splitName(entry.Name)
		if err != nil {
			return nil, err
		}
		if top == "" {
			top = folder
		}
		if extracted += entry.UncompressedSize64; entry.UncompressedSize64 > uint64(l.extracted) || extracted > uint64(l.extracted) { //nolint:gosec // a limit is positive
			return nil, &ArchiveError{Problem: fmt.Sprintf("its files have more than %d MiB: raise MaxExtractedMiB in the section %s", l.extracted>>20, Name)}
		}
		switch {
		case folder != top:
			return nil, &ArchiveError{Entry: entry.Name, Problem: "is not in the folder " + top + ", as all of a repository is"}
		case seen[rest]:
			return nil, &ArchiveError{Entry: entry.Name, Problem: "is there twice"}
		}
		seen[rest] = true
		if entry.Mode().IsDir() {
			continue
		}
		if rest == "" {
			return nil, &ArchiveError{Entry: entry.Name, Problem: "is in no folder"}
		}
		if err := found.add(entry, rest, s); err != nil {
			return nil, err
		}
	}
	if found.total == 0 {
		return nil, &ArchiveError{Problem: "it has no files"}
	}
	return found, nil
}

// splitName takes the folder of the archive off a name. A name that leads elsewhere than it says is refused.
func splitName(name string) (folder, rest string, err error) {
	name = strings.TrimSuffix(name, "/") // of a folder
	if path.Clean("/"+name) != "/"+name || name == "" {
		return "", "", &ArchiveError{Entry: name, Problem: "is no plain path within a folder"}
	}
	folder, rest, _ = strings.Cut(name, "/")
	return folder, rest, nil
}

// add takes a file that is selected.
func (r *repository) add(entry *zip.File, name string, s selection) error {
	r.total++
	if !s.selects(name) {
		return nil
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, func(c rune) bool { return unicode.IsControl(c) || c == '\\' }) {
		return &ArchiveError{Entry: name, Problem: "has characters that S3 or its readers change or take for a separator: rename the file, or exclude it by ExcludeRepoPaths"}
	}
	if !entry.Mode().IsRegular() {
		r.links[name] = true
		return nil
	}
	size := int64(entry.UncompressedSize64) //nolint:gosec // below the limit, which is an int64
	if size > maxObject {
		return &ArchiveError{Entry: name, Problem: "has more than the 5 GiB that S3 takes at once: exclude it by ExcludeRepoPaths"}
	}
	r.files = append(r.files, file{path: name, size: size, open: entry.Open})
	return nil
}

// copyTo writes a file. One that has more than the archive's directory says ends in an *ArchiveError, and not in a full disk.
func (f file) copyTo(w io.Writer) error {
	from, err := f.open()
	if err != nil {
		return f.explain(err)
	}
	defer from.Close()
	n, err := io.Copy(w, io.LimitReader(from, f.size+1))
	if err == nil && n != f.size {
		err = zip.ErrFormat
	}
	return f.explain(err)
}

// explain tells what no download cures from the rest, such as a wrong checksum.
func (f file) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrAlgorithm):
		return &ArchiveError{Entry: f.path, Problem: "is not what the archive says that it is (" + err.Error() + ")"}
	}
	return fmt.Errorf("extract %s: %w", f.path, err)
}

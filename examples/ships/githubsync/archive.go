package githubsync

import (
	"archive/zip"
	"cmp"
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
	apart map[string]bool // paths of links, devices and submodules, selected or not: what they stand for is not in the archive
	total int             // of all files, with those that are not selected

	links, submodules int // those of apart that are selected
}

// spares says whether a path is that of a link or submodule, or below one. The archive does not say what is there, so that nothing there is deleted.
func (r *repository) spares(name string) bool {
	for end, c := range name {
		if c == '/' && r.apart[name[:end]] {
			return true
		}
	}
	return r.apart[name]
}

// readArchive reads the directory of an archive: a folder that GitHub names after the commit, and the files in it. Nothing is
// extracted yet. An *ArchiveError refuses all of it: a name that leads out of the folder, twice the same name, a limit.
func readArchive(r io.ReaderAt, size int64, s selection, l limits) (*repository, error) {
	archive, err := openArchive(r, size, l.entries)
	if err != nil {
		return nil, err
	}
	found := &repository{apart: map[string]bool{}}
	inspected := inspection{most: uint64(l.extracted), seen: make(map[string]bool, len(archive.File))} //nolint:gosec // a limit is positive
	var folders []string
	filled := map[string]bool{}
	for _, entry := range archive.File {
		name, err := inspected.name(entry)
		if err != nil {
			return nil, err
		}
		filled[path.Dir(name)] = true
		if entry.Mode().IsDir() {
			folders = append(folders, name)
		} else if err := found.add(entry, name, s); err != nil {
			return nil, err
		}
	}
	if found.total == 0 {
		return nil, &ArchiveError{Problem: "it has no files"}
	}
	found.addSubmodules(folders, filled, s)
	return found, nil
}

// inspection refuses entries that no archive of a repository has.
type inspection struct {
	top             string // the folder that all are in
	extracted, most uint64 // bytes
	seen            map[string]bool
}

// name is the path of an entry in the repository, "" for the folder that is all of it.
func (i *inspection) name(entry *zip.File) (string, error) {
	folder, name, err := splitName(entry.Name)
	if err != nil {
		return "", err
	}
	i.top = cmp.Or(i.top, folder)
	if i.extracted += entry.UncompressedSize64; entry.UncompressedSize64 > i.most || i.extracted > i.most {
		return "", &ArchiveError{Problem: fmt.Sprintf("its files have more than %d MiB: raise MaxExtractedMiB in the section %s", i.most>>20, Name)}
	}
	switch {
	case folder != i.top:
		return "", &ArchiveError{Entry: entry.Name, Problem: "is not in the folder " + i.top + ", as all of a repository is"}
	case i.seen[name]:
		return "", &ArchiveError{Entry: entry.Name, Problem: "is there twice"}
	case name == "" && !entry.Mode().IsDir():
		return "", &ArchiveError{Entry: entry.Name, Problem: "is in no folder"}
	}
	i.seen[name] = true
	return name, nil
}

// addSubmodules takes the folders with nothing in them: Git has none that are empty, and what its archives have as such is a submodule.
func (r *repository) addSubmodules(folders []string, filled map[string]bool, s selection) {
	for _, folder := range folders {
		if folder == "" || filled[folder] {
			continue
		}
		r.apart[folder] = true
		if s.selects(folder + "/") {
			r.submodules++
		}
	}
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

// add takes a file that is selected. A link is noted in any case.
func (r *repository) add(entry *zip.File, name string, s selection) error {
	r.total++
	link := !entry.Mode().IsRegular()
	if link {
		r.apart[name] = true
	}
	if !s.selects(name) {
		return nil
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, func(c rune) bool { return unicode.IsControl(c) || c == '\\' }) {
		return &ArchiveError{Entry: name, Problem: "has characters that S3 or its readers change or take for a separator: rename the file, or exclude it by ExcludeRepoPaths"}
	}
	if link {
		r.links++
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

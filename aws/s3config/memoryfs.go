package s3config

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"slices"
	"time"
)

// memoryFS is a file system of one folder, by file name. It is never changed once made.
type memoryFS map[string]memoryFile

var (
	_ fs.ReadDirFS  = memoryFS{}
	_ fs.ReadFileFS = memoryFS{}
)

type memoryFile struct {
	name     string
	data     []byte
	modified time.Time
}

// Open opens a file, or the folder under the name ".".
func (m memoryFS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if name == "." {
		return &openFolder{entries: m.entries()}, nil
	}
	f, ok := m[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &openFile{memoryFile: f, Reader: bytes.NewReader(f.data)}, nil
}

// ReadFile returns a copy of a file's content.
func (m memoryFS) ReadFile(name string) ([]byte, error) {
	f, ok := m[name]
	switch {
	case !fs.ValidPath(name) || name == ".":
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrInvalid}
	case !ok:
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return bytes.Clone(f.data), nil
}

// ReadDir lists the folder, whose only name is ".".
func (m memoryFS) ReadDir(name string) ([]fs.DirEntry, error) {
	_, isFile := m[name]
	switch {
	case !fs.ValidPath(name) || isFile:
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	case name != ".":
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	return m.entries(), nil
}

func (m memoryFS) entries() []fs.DirEntry {
	entries := make([]fs.DirEntry, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		entries = append(entries, fs.FileInfoToDirEntry(fileInfo{m[name]}))
	}
	return entries
}

type fileInfo struct{ file memoryFile }

func (i fileInfo) Name() string       { return i.file.name }
func (i fileInfo) Size() int64        { return int64(len(i.file.data)) }
func (i fileInfo) Mode() fs.FileMode  { return 0o444 }
func (i fileInfo) ModTime() time.Time { return i.file.modified }
func (i fileInfo) IsDir() bool        { return false }
func (i fileInfo) Sys() any           { return nil }

// folderInfo is the folder's: nothing of a prefix is known but that files are under it.
type folderInfo struct{}

func (folderInfo) Name() string       { return "." }
func (folderInfo) Size() int64        { return 0 }
func (folderInfo) Mode() fs.FileMode  { return fs.ModeDir | 0o555 }
func (folderInfo) ModTime() time.Time { return time.Time{} }
func (folderInfo) IsDir() bool        { return true }
func (folderInfo) Sys() any           { return nil }

type openFile struct {
	memoryFile
	*bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return fileInfo{f.memoryFile}, nil }
func (f *openFile) Close() error               { return nil }

type openFolder struct{ entries []fs.DirEntry }

func (d *openFolder) Stat() (fs.FileInfo, error) { return folderInfo{}, nil }
func (d *openFolder) Close() error               { return nil }

func (d *openFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: ".", Err: fs.ErrInvalid}
}

// ReadDir yields the next n entries, or all that are left when n is not above 0.
func (d *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(d.entries) {
		if n > 0 && len(d.entries) == 0 {
			return nil, io.EOF
		}
		n = len(d.entries)
	}
	next := d.entries[:n]
	d.entries = d.entries[n:]
	return next, nil
}

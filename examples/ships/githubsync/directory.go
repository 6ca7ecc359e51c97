package githubsync

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// headerSignature begins each entry of an archive's directory.
var headerSignature = []byte("PK\x01\x02")

// openArchive reads the directory of an archive. One with more than most entries ends in an *ArchiveError, with not many more of them than that in memory.
func openArchive(r io.ReaderAt, size int64, most int) (*zip.Reader, error) {
	counting := &headerCounter{from: r, size: size, left: most}
	archive, err := zip.NewReader(counting, size)
	switch {
	case errors.Is(err, errHeaders), err == nil && len(archive.File) > most:
		return nil, &ArchiveError{Problem: fmt.Sprintf("it has more than %d files and folders: raise MaxFiles in the section %s", most, Name)}
	case err != nil:
		return nil, fmt.Errorf("read the archive: %w", err)
	}
	counting.done = true
	return archive, nil
}

// errHeaders ends the reading of a directory.
var errHeaders = errors.New("too many entries")

// headerCounter hands reads on until they brought up too many entries of a directory. It counts them itself: what an archive says about their number
// may be anything, and zip.NewReader takes all that are there. It misses the few whose signature is split between two reads.
type headerCounter struct {
	from io.ReaderAt
	size int64 // of the archive
	left int   // entries
	done bool  // the directory is read: what is read now are files, several at once
}

func (c *headerCounter) ReadAt(p []byte, at int64) (int, error) {
	n, err := c.from.ReadAt(p, at)
	// A read up to the last byte looks for where the directory ends, among files, or is the last one of the directory itself, and short.
	if c.done || at+int64(n) == c.size {
		return n, err
	}
	if c.left -= bytes.Count(p[:n], headerSignature); c.left < 0 {
		return 0, errHeaders
	}
	return n, err
}

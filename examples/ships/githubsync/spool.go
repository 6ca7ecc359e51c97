package githubsync

import (
	"crypto/md5" //nolint:gosec // S3's ETags are MD5s
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
)

// temporary is a file of the temporary folder.
type temporary struct{ *os.File }

func newTemporary() (temporary, error) {
	f, err := os.CreateTemp("", "githubsync-*")
	return temporary{f}, err
}

// discard closes and removes the file. Should that fail, the temporary folder has one file more, and nothing else is wrong.
func (t temporary) discard() {
	_ = t.Close()
	_ = os.Remove(t.Name())
}

// spooled is a file that was taken out of the archive, ready to be uploaded.
type spooled struct {
	file   io.ReadSeeker
	size   int64
	sha256 string
}

// spool takes a file out of the archive into a temporary one, which is the caller's to discard.
func spool(f file) (_ *spooled, t temporary, err error) {
	if t, err = newTemporary(); err != nil {
		return nil, t, fmt.Errorf("extract %s: %w", f.path, err)
	}
	sum := sha256.New()
	if err = f.copyTo(io.MultiWriter(t, sum)); err == nil {
		_, err = t.Seek(0, io.SeekStart)
	}
	if err != nil {
		t.discard()
		return nil, t, err
	}
	return &spooled{file: t.File, size: f.size, sha256: hexOf(sum)}, t, nil
}

// checksums reads a file for its MD5 and its SHA-256, in hexadecimal.
func (f file) checksums() (md5Sum, sha256Sum string, err error) {
	m, s := md5.New(), sha256.New() //nolint:gosec // S3's ETags are MD5s
	if err := f.copyTo(io.MultiWriter(m, s)); err != nil {
		return "", "", err
	}
	return hexOf(m), hexOf(s), nil
}

func hexOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

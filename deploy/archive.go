package deploy

import (
	"archive/zip"
	"cmp"
	"compress/flate"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"
)

// The platform of the functions, as the Go toolchain names it.
const (
	GOOS   = "linux"
	GOARCH = "arm64"
)

// BootstrapName is the name of a function's program in its zip.
const BootstrapName = "bootstrap"

// epoch is the time of every entry: the first that a zip can have.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Archive writes the zip of a function: its bootstrap and the other files, by their paths with slashes. The same content gives the same bytes, by the
// same version of Go: names are sorted, and times and owners left out.
func Archive(w io.Writer, bootstrap []byte, files []File) error {
	entries := append([]File{{Name: BootstrapName, Data: bootstrap}}, files...)
	slices.SortFunc(entries, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	archive := zip.NewWriter(w)
	archive.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestCompression) })
	for i, entry := range entries {
		if !fs.ValidPath(entry.Name) || i > 0 && entries[i-1].Name == entry.Name {
			return fmt.Errorf("deploy: %q is no name for a file in a zip, or there twice", entry.Name)
		}
		header := &zip.FileHeader{Name: entry.Name, Method: zip.Deflate, Modified: epoch}
		header.SetMode(0o644)
		if entry.Name == BootstrapName {
			header.SetMode(0o755)
		}
		to, err := archive.CreateHeader(header)
		if err != nil {
			return fmt.Errorf("deploy: %w", err)
		}
		if _, err := to.Write(entry.Data); err != nil {
			return fmt.Errorf("deploy: %w", err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("deploy: %w", err)
	}
	return nil
}

// ConfigFolder is the folder of a function's zip that has the configuration, and in its folder manifests the manifests.
const ConfigFolder = configFolder

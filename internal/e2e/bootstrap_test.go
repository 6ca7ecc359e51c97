//go:build peers

package e2e_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

// The mains, built once for all tests as people build them for the runtime provided.al2023.
const (
	starbaseMain = "github.com/starfleet-go/starfleet/examples/starbase"
	shipMain     = "github.com/starfleet-go/starfleet/examples/ships/loggroupretention/cmd/loggroupretention"
	aliasMain    = "github.com/starfleet-go/starfleet/examples/ships/accountalias/cmd/accountalias"
	firstMain    = "github.com/starfleet-go/starfleet/examples/firstship"
)

// bootstraps are the programs, compressed, by the import path of their main.
var bootstraps map[string]*zip.File

// programs is the folder that has them as files while the tests run.
var programs string

// output is what a program prints.
func output(t *testing.T, main string, args ...string) []byte {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), filepath.Join(programs, filepath.Base(main)), args...).Output()
	must(t, err)
	return out
}

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "starfleet-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	programs = dir
	if bootstraps, err = build(context.Background(), dir, starbaseMain, shipMain, aliasMain, firstMain); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func build(ctx context.Context, dir string, mains ...string) (map[string]*zip.File, error) {
	begin := time.Now()
	built := map[string]*zip.File{}
	for _, main := range mains {
		file := filepath.Join(dir, filepath.Base(main))
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", file, main)
		cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+runtime.GOARCH)
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("go build %s: %w\n%s", main, err, out)
		}
		program, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if built[main], err = compress(program); err != nil {
			return nil, err
		}
		fmt.Printf("bootstrap %s: %.1f MB, compressed %.1f MB\n", filepath.Base(main), float64(len(program))/1e6,
			float64(built[main].CompressedSize64)/1e6)
	}
	fmt.Printf("built in %.1f s\n", time.Since(begin).Seconds())
	return built, nil
}

// compress makes a bootstrap an entry of an archive, which the artefacts of all deployments copy.
func compress(program []byte) (*zip.File, error) {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	if err := errors.Join(write(w, "bootstrap", program), w.Close()); err != nil {
		return nil, err
	}
	r, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		return nil, err
	}
	return r.File[0], nil
}

// write adds a file as it is executed. Its time is always the same.
func write(w *zip.Writer, name string, data []byte) error {
	header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	header.SetMode(0o755)
	f, err := w.CreateHeader(header)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return err
}

// pack makes the deployment artefact of a function: its bootstrap and files beside it. The same content gives the same bytes.
func pack(t *testing.T, main string, files map[string]string) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	must(t, w.Copy(bootstraps[main]))
	for _, name := range slices.Sorted(maps.Keys(files)) {
		must(t, write(w, name, []byte(files[name])))
	}
	must(t, w.Close())
	return archive.Bytes()
}

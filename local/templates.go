package local

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet/schema"
	"github.com/starfleet-go/starfleet/starbase"
)

// Templates is a starbase.TemplateStore over files: keys are slash-separated paths, versions are digests of the content.
// Only the current version of a file can be read.
type Templates struct{ Files fs.FS }

// List yields the paths of all files under a prefix, in order.
func (t Templates) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		var keys []string
		err := fs.WalkDir(t.Files, ".", func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && strings.HasPrefix(path, prefix) {
				keys = append(keys, path)
			}
			return cmp.Or(err, ctx.Err())
		})
		if err != nil {
			yield("", fmt.Errorf("list templates under %q: %w", prefix, err))
			return
		}
		slices.Sort(keys)
		for _, key := range keys {
			if !yield(key, nil) {
				return
			}
		}
	}
}

// Read fetches a file. An older version than the current one is starbase.ErrNotFound.
func (t Templates) Read(_ context.Context, key, version string) (starbase.TemplateFile, error) {
	data, err := t.read(key)
	if err != nil {
		return starbase.TemplateFile{}, err
	}
	file := starbase.TemplateFile{Key: key, Version: versionOf(data), Data: data}
	if version != "" && version != file.Version {
		return starbase.TemplateFile{}, fmt.Errorf("%s, version %s: %w", key, version, starbase.ErrNotFound)
	}
	return file, nil
}

// Current is the digest of a file's content.
func (t Templates) Current(_ context.Context, key string) (string, error) {
	data, err := t.read(key)
	if err != nil {
		return "", err
	}
	return versionOf(data), nil
}

// read reads at most one byte more than a template may have.
func (t Templates) read(key string) ([]byte, error) {
	file, err := t.Files.Open(key)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, fmt.Errorf("%s: %w", key, starbase.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, schema.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read template %s: %w", key, err)
	}
	return data, nil
}

func versionOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

package starbase

import (
	"context"
	"errors"
	"iter"
)

// ErrNotFound is returned (wrapped) by a [TemplateStore] when there is no such template, or no such version of it.
var ErrNotFound = errors.New("template not found")

// TemplateFile is one version of one template.
type TemplateFile struct {
	// Key is the key of the template in its bucket, such as "LogRetention/prod.yaml".
	Key string
	// Version is the version id where the bucket is versioned, the ETag otherwise.
	Version string
	// Data is the text of the template.
	Data []byte
}

// TemplateStore is the port by which the Starbase lists and reads templates. Implementations are safe for concurrent use.
type TemplateStore interface {
	// List yields all keys under a prefix, all pages, in key order. It yields every key, whatever its ending. An error ends it.
	List(ctx context.Context, prefix string) iter.Seq2[string, error]
	// Read fetches one version of a template, the current one when version is "". At most schema.MaxBytes+1 bytes are read:
	// a bigger object is cut there, so that the parser refuses it. A missing one is ErrNotFound.
	Read(ctx context.Context, key, version string) (TemplateFile, error)
	// Current is the version that Read would fetch now, without fetching it. A missing one is ErrNotFound.
	Current(ctx context.Context, key string) (string, error)
}

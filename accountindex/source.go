package accountindex

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// Source is the port by which others get an index. Implementations are safe for concurrent use.
type Source interface {
	// Index returns the current index. A source of something that changes asks again at each call, and
	// what is unchanged costs no reload. The error says where the index was looked for.
	Index(ctx context.Context) (*Index, error)
}

// Refresher is a [Source] that can be told to ask again at once, past any age for which it keeps an
// answer.
type Refresher interface {
	Refresh(ctx context.Context) (*Index, error)
}

// Static is a [Source] of one index that never changes. Without an index it is an error to ask it.
type Static struct{ X *Index }

// Index returns the index.
func (s Static) Index(context.Context) (*Index, error) {
	if s.X == nil {
		return nil, errors.New("accountindex: Static has no index: set X")
	}
	return s.X, nil
}

// File is a [Source] of a local file. Each call looks at the file's size and time of change and reads
// it again when one of them differs. A file that can not be read, or is at fault, is an error; the
// index of an earlier state of the file is never returned instead.
//
// The version of an index that comes from a file is its time of change and size, unless Options has one.
type File struct {
	// Name is the path of the file.
	Name string
	// Options are the checks of the file.
	Options LoadOptions

	mu      sync.Mutex
	x       *Index
	size    int64
	changed time.Time
}

// Index returns the index of the file as it is now.
func (f *File) Index(ctx context.Context) (*Index, error) {
	return f.read(ctx, false)
}

// Refresh reads the file again, also when its size and time are unchanged.
func (f *File) Refresh(ctx context.Context) (*Index, error) {
	return f.read(ctx, true)
}

func (f *File) read(ctx context.Context, always bool) (*Index, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("account index %s: %w", f.Name, err)
	}
	info, err := os.Stat(f.Name)
	if err != nil {
		return nil, fmt.Errorf("account index: %w", err)
	}
	if !always && f.x != nil && info.Size() == f.size && info.ModTime().Equal(f.changed) {
		return f.x, nil
	}
	data, err := os.ReadFile(f.Name)
	if err != nil {
		return nil, fmt.Errorf("account index: %w", err)
	}
	o := f.Options
	if o.Version == "" {
		o.Version = fmt.Sprintf("%s-%d", info.ModTime().UTC().Format(time.RFC3339Nano), info.Size())
	}
	x, err := Load(f.Name, data, o)
	if err != nil {
		return nil, err
	}
	f.x, f.size, f.changed = x, info.Size(), info.ModTime()
	return x, nil
}

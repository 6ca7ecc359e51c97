package state

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Memory is a Store in the process. The zero value is empty and ready for use.
type Memory struct {
	mu      sync.Mutex
	entries map[string]Entry
	writes  int
}

var _ Store = (*Memory)(nil)

// Get implements Store.
func (m *Memory) Get(ctx context.Context, key string) (Entry, error) {
	if err := check(ctx, key); err != nil {
		return Entry{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	entry, ok := m.entries[key]
	if !ok {
		return Entry{}, fmt.Errorf("state: %s: %w", key, ErrNotFound)
	}
	entry.Data = bytes.Clone(entry.Data)
	return entry, nil
}

// Create implements Store.
func (m *Memory) Create(ctx context.Context, key string, data []byte) (string, error) {
	return m.write(ctx, key, data, func(_ Entry, exists bool) error {
		if exists {
			return ErrExists
		}
		return nil
	})
}

// Replace implements Store.
func (m *Memory) Replace(ctx context.Context, key string, data []byte, version string) (string, error) {
	return m.write(ctx, key, data, func(entry Entry, exists bool) error {
		if !exists || entry.Version != version {
			return ErrConflict
		}
		return nil
	})
}

// Put implements Store.
func (m *Memory) Put(ctx context.Context, key string, data []byte) (string, error) {
	return m.write(ctx, key, data, func(Entry, bool) error { return nil })
}

// write writes an entry unless refuse says why not.
func (m *Memory) write(ctx context.Context, key string, data []byte, refuse func(Entry, bool) error) (string, error) {
	if err := check(ctx, key); err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	entry, exists := m.entries[key]
	if err := refuse(entry, exists); err != nil {
		return "", fmt.Errorf("state: %s: %w", key, err)
	}
	if m.entries == nil {
		m.entries = map[string]Entry{}
	}
	m.writes++
	version := strconv.Itoa(m.writes)
	m.entries[key] = Entry{Key: key, Data: append([]byte{}, data...), Version: version}
	return version, nil
}

// Delete implements Store.
func (m *Memory) Delete(ctx context.Context, key string) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.entries, key)
	return nil
}

// List implements Store. The keys are those of when it is begun to be read.
func (m *Memory) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		m.mu.Lock()
		keys := slices.Sorted(maps.Keys(m.entries))
		m.mu.Unlock()
		for _, key := range keys {
			if err := ctx.Err(); err != nil {
				yield("", err)
				return
			}
			if strings.HasPrefix(key, prefix) && !yield(key, nil) {
				return
			}
		}
	}
}

func check(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return CheckKey(key)
}

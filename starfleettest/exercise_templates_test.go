package starfleettest_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/starfleet-go/starfleet/schema"
	"github.com/starfleet-go/starfleet/starbase"
	"github.com/starfleet-go/starfleet/starfleettest"
)

// memoryTemplates is a versioned starbase.TemplateStore. Its faults break the contract in one way each.
type memoryTemplates struct {
	fault string

	mu      sync.Mutex
	count   int
	objects map[string][]memoryTemplate // the newest last; nil data is a deletion
}

type memoryTemplate struct {
	version string
	data    []byte
}

func (m *memoryTemplates) put(key string, data []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count++
	m.objects[key] = append(m.objects[key], memoryTemplate{strconv.Itoa(m.count), data})
}

func (m *memoryTemplates) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := ctx.Err(); err != nil {
			yield("", err)
			return
		}
		m.mu.Lock()
		keys := slices.Sorted(maps.Keys(m.objects))
		keys = slices.DeleteFunc(keys, func(key string) bool {
			versions := m.objects[key]
			return !strings.HasPrefix(key, prefix) || versions[len(versions)-1].data == nil
		})
		m.mu.Unlock()
		if m.fault == "lists one page" {
			keys = keys[:min(len(keys), 1000)]
		}
		if m.fault == "lists out of order" {
			slices.Reverse(keys)
		}
		for _, key := range keys {
			if m.fault == "lists templates only" && !strings.HasSuffix(key, ".yaml") {
				continue
			}
			if !yield(key, nil) {
				return
			}
		}
	}
}

func (m *memoryTemplates) Read(ctx context.Context, key, version string) (starbase.TemplateFile, error) {
	if err := ctx.Err(); err != nil {
		if m.fault == "a cancelled read is not found" {
			err = starbase.ErrNotFound
		}
		return starbase.TemplateFile{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	versions := m.objects[key]
	at := len(versions) - 1
	if version != "" && m.fault != "reads the newest whatever the version" {
		at = slices.IndexFunc(versions, func(v memoryTemplate) bool { return v.version == version })
	}
	if at < 0 || versions[at].data == nil {
		return starbase.TemplateFile{}, fmt.Errorf("%w: %s, version %q", starbase.ErrNotFound, key, version)
	}
	data := versions[at].data
	if m.fault != "reads all of it" {
		data = data[:min(len(data), schema.MaxBytes+1)]
	}
	if m.fault == "cuts to the largest template" {
		data = data[:min(len(data), schema.MaxBytes)]
	}
	if m.fault != "hands out its own memory" {
		data = bytes.Clone(data)
	}
	return starbase.TemplateFile{Key: key, Version: versions[at].version, Data: data}, nil
}

func (m *memoryTemplates) Current(ctx context.Context, key string) (string, error) {
	m.mu.Lock()
	versions := m.objects[key]
	m.mu.Unlock()
	if m.fault == "knows no deletion" && len(versions) > 0 {
		return versions[len(versions)-1].version, ctx.Err()
	}
	file, err := m.Read(ctx, key, "")
	return file.Version, err
}

func openMemoryTemplates(fault string) func(*testing.T) starfleettest.TemplateFixture {
	return func(*testing.T) starfleettest.TemplateFixture {
		m := &memoryTemplates{fault: fault, objects: map[string][]memoryTemplate{}}
		return starfleettest.TemplateFixture{
			Store:     m,
			Put:       func(key string, data []byte) { m.put(key, append([]byte{}, data...)) },
			Delete:    func(key string) { m.put(key, nil) },
			Versioned: true,
		}
	}
}

func TestTemplateStoreConformance(t *testing.T) {
	t.Parallel()
	starfleettest.ExerciseTemplateStore(t, openMemoryTemplates(""))
}

func TestTemplateStoreConformanceFindsFaults(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{
		"lists one page", "lists out of order", "lists templates only", "a cancelled read is not found", "reads the newest whatever the version",
		"reads all of it", "cuts to the largest template", "hands out its own memory", "knows no deletion",
	} {
		expectFailure(t, fault, func(t *testing.T) { starfleettest.ExerciseTemplateStore(t, openMemoryTemplates(fault)) })
	}
}

// brokenVariable names the one subtest of expectFailure that is to be run for real.
const brokenVariable = "STARFLEETTEST_BROKEN"

// expectFailure runs a suite on something broken, in a process of its own, and fails when the suite passes.
func expectFailure(t *testing.T, name string, suite func(t *testing.T)) {
	t.Helper()
	top := t.Name()
	if running := os.Getenv(brokenVariable); running != "" {
		if running == name {
			suite(t)
		}
		return
	}
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+top+"$", "-test.timeout=1m")
		child.Env = append(os.Environ(), brokenVariable+"="+name)
		out, err := child.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "--- FAIL") {
			t.Errorf("the suite finds nothing wrong: error %v\n%s", err, out)
		}
	})
}

package starfleettest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/starfleet-go/starfleet/schema"
	"github.com/starfleet-go/starfleet/starbase"
)

// TemplateFixture is a template store under test, empty at first, with the hands that change what it reads. They fail the test
// themselves.
type TemplateFixture struct {
	Store  starbase.TemplateStore
	Put    func(key string, data []byte)
	Delete func(key string)

	// Versioned says that the store can read a version that was replaced or deleted.
	Versioned bool
}

// ExerciseTemplateStore holds an implementation of starbase.TemplateStore against its contract. The function that it is given makes an
// empty store for each subtest.
func ExerciseTemplateStore(t *testing.T, open func(t *testing.T) TemplateFixture) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, f TemplateFixture)
	}{
		{"lists nothing of an empty store", templatesListEmpty},
		{"lists every key under a prefix in order", templatesList},
		{"lists more keys than a page has, and stops when told", templatesListPages},
		{"reads what was put", templatesRead},
		{"reads odd keys", templatesOddKeys},
		{"reads no more than the largest template and a byte", templatesSize},
		{"data belongs to the caller", templatesOwnData},
		{"pins a version", templatesVersions},
		{"an unknown version is not found", templatesUnknownVersion},
		{"what is deleted is not found", templatesDeleted},
		{"what never was is not found", templatesMissing},
		{"many may read at once", templatesConcurrent},
		{"a cancelled context is an error, and not ErrNotFound", templatesCancelled},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

func templatesListEmpty(t *testing.T, f TemplateFixture) {
	if got := listTemplates(t, f, ""); len(got) != 0 {
		t.Errorf("listed %q", got)
	}
}

func templatesList(t *testing.T, f TemplateFixture) {
	all := []string{"Ship/Z.yaml", "Ship/a.json", "Ship/a.yaml", "Ship/a/b/c.yaml", "Ship/a/b.yml", "Ship/x.YAML", "Ship/é.yaml", "ShipTwo/t.yaml", "other"}
	for _, key := range slices.Backward(all) {
		f.Put(key, []byte(key))
	}
	slices.Sort(all)
	for prefix, want := range map[string][]string{
		"":            all,
		"Ship/":       filterPrefix(all, "Ship/"),
		"Ship":        filterPrefix(all, "Ship"),
		"Ship/a":      filterPrefix(all, "Ship/a"),
		"Ship/a.yaml": {"Ship/a.yaml"},
		"ship/":       nil,
		"Ship/b":      nil,
	} {
		if got := listTemplates(t, f, prefix); !slices.Equal(got, want) {
			t.Errorf("under %q: %q, want %q", prefix, got, want)
		}
	}
}

func templatesListPages(t *testing.T, f TemplateFixture) {
	const count = 1234
	var want []string
	for i := range count {
		key := fmt.Sprintf("many/%04d.yaml", i)
		f.Put(key, []byte("x"))
		want = append(want, key)
	}
	if got := listTemplates(t, f, "many/"); !slices.Equal(got, want) {
		t.Errorf("listed %d keys, want the %d in order", len(got), count)
	}
	seen := 0
	for key, err := range f.Store.List(t.Context(), "many/") {
		if err != nil || key != want[seen] {
			t.Fatalf("key %q, error %v", key, err)
		}
		if seen++; seen == 3 {
			break
		}
	}
	if seen != 3 {
		t.Errorf("stopped after %d keys, want 3", seen)
	}
}

func templatesRead(t *testing.T, f TemplateFixture) {
	for key, data := range map[string]string{"t.yaml": "TemplateName: t\n", "empty.yaml": ""} {
		f.Put(key, []byte(data))
		file := readTemplate(t, f, key, "")
		if file.Key != key || string(file.Data) != data || file.Version == "" {
			t.Errorf("%s: %+v", key, file)
		}
		current, err := f.Store.Current(t.Context(), key)
		if err != nil || current != file.Version {
			t.Errorf("%s: current version %q with error %v, but %q was read", key, current, err, file.Version)
		}
		if again := readTemplate(t, f, key, file.Version); string(again.Data) != data || again.Version != file.Version {
			t.Errorf("%s: the version that was read reads as %+v", key, again)
		}
	}
}

func templatesOddKeys(t *testing.T, f TemplateFixture) {
	keys := []string{"Ship/a b+c.yaml", "Ship/100%.yaml", "Ship/%2F.yaml", "Ship/ä ö.yaml", "Ship/'&;=,@#.yaml", "Ship/日本.yaml"}
	for _, key := range keys {
		f.Put(key, []byte(key))
	}
	slices.Sort(keys)
	if got := listTemplates(t, f, "Ship/"); !slices.Equal(got, keys) {
		t.Errorf("listed %q, want %q", got, keys)
	}
	for _, key := range keys {
		if file := readTemplate(t, f, key, ""); string(file.Data) != key {
			t.Errorf("%s reads as %s", key, file.Data)
		}
	}
}

func templatesSize(t *testing.T, f TemplateFixture) {
	for _, size := range []int{schema.MaxBytes - 1, schema.MaxBytes, schema.MaxBytes + 1, schema.MaxBytes + 2, 3 * schema.MaxBytes} {
		data := bytes.Repeat([]byte("0123456789abcde\n"), size/16+1)[:size]
		f.Put("big.yaml", data)
		want := data[:min(size, schema.MaxBytes+1)]
		if file := readTemplate(t, f, "big.yaml", ""); !bytes.Equal(file.Data, want) {
			t.Errorf("of %d bytes %d were read, want the first %d", size, len(file.Data), len(want))
		}
	}
}

func templatesOwnData(t *testing.T, f TemplateFixture) {
	data := []byte("mine")
	f.Put("t.yaml", data)
	copy(data, "xxxx")
	copy(readTemplate(t, f, "t.yaml", "").Data, "yyyy")
	if file := readTemplate(t, f, "t.yaml", ""); string(file.Data) != "mine" {
		t.Errorf("the template was changed to %s", file.Data)
	}
}

func templatesVersions(t *testing.T, f TemplateFixture) {
	f.Put("t.yaml", []byte("one"))
	one := readTemplate(t, f, "t.yaml", "")
	f.Put("t.yaml", []byte("two"))
	two := readTemplate(t, f, "t.yaml", "")
	if string(two.Data) != "two" || two.Version == one.Version {
		t.Fatalf("after a change: %+v, before: %+v", two, one)
	}
	if current, err := f.Store.Current(t.Context(), "t.yaml"); err != nil || current != two.Version {
		t.Errorf("current is %q with error %v, want %q", current, err, two.Version)
	}
	if file := readTemplate(t, f, "t.yaml", two.Version); string(file.Data) != "two" {
		t.Errorf("the current version reads as %s", file.Data)
	}
	expectOldVersion(t, f, "t.yaml", one)
}

// expectOldVersion looks for a version that is no longer the current one: the same as it was, or not found, and never anything else.
func expectOldVersion(t *testing.T, f TemplateFixture, key string, old starbase.TemplateFile) {
	t.Helper()
	file, err := f.Store.Read(t.Context(), key, old.Version)
	if !f.Versioned {
		expectNotFound(t, "an old version", err)
		return
	}
	if err != nil || !bytes.Equal(file.Data, old.Data) || file.Version != old.Version {
		t.Errorf("the old version reads as %+v with error %v, want %+v", file, err, old)
	}
}

func templatesUnknownVersion(t *testing.T, f TemplateFixture) {
	f.Put("t.yaml", []byte("one"))
	f.Put("u.yaml", []byte("other"))
	other := readTemplate(t, f, "u.yaml", "").Version
	for _, version := range []string{other, "no-such-version", "0123456789abcdef0123456789abcdef", `"0123456789abcdef0123456789abcdef"`, "*", `"`} {
		_, err := f.Store.Read(t.Context(), "t.yaml", version)
		expectNotFound(t, fmt.Sprintf("version %q", version), err)
	}
}

func templatesDeleted(t *testing.T, f TemplateFixture) {
	f.Put("Ship/t.yaml", []byte("one"))
	one := readTemplate(t, f, "Ship/t.yaml", "")
	f.Delete("Ship/t.yaml")
	expectAbsent(t, f, "Ship/t.yaml")
	expectOldVersion(t, f, "Ship/t.yaml", one)
	f.Put("Ship/t.yaml", []byte("two"))
	if file := readTemplate(t, f, "Ship/t.yaml", ""); string(file.Data) != "two" {
		t.Errorf("put again it reads as %s", file.Data)
	}
	expectOldVersion(t, f, "Ship/t.yaml", one)
}

func templatesMissing(t *testing.T, f TemplateFixture) {
	f.Put("Ship/t.yaml", []byte("one"))
	for _, key := range []string{"Ship/u.yaml", "Ship/t", "Ship/t.yaml.bak", "ship/t.yaml", "Ship", ""} {
		expectAbsent(t, f, key)
		_, err := f.Store.Read(t.Context(), key, "no-such-version")
		expectNotFound(t, "a version of "+key, err)
	}
}

func expectAbsent(t *testing.T, f TemplateFixture, key string) {
	t.Helper()
	_, err := f.Store.Read(t.Context(), key, "")
	expectNotFound(t, "Read of "+key, err)
	_, err = f.Store.Current(t.Context(), key)
	expectNotFound(t, "Current of "+key, err)
	if key != "" && slices.Contains(listTemplates(t, f, ""), key) {
		t.Errorf("%s is listed", key)
	}
}

func expectNotFound(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, starbase.ErrNotFound) {
		t.Errorf("%s: error %v, want one that is starbase.ErrNotFound", what, err)
	}
}

func templatesConcurrent(t *testing.T, f TemplateFixture) {
	const count = 8
	for i := range count {
		f.Put(fmt.Sprintf("%d.yaml", i), fmt.Appendf(nil, "template %d", i))
	}
	var wg sync.WaitGroup
	for i := range 4 * count {
		wg.Go(func() {
			key := fmt.Sprintf("%d.yaml", i%count)
			file, err := f.Store.Read(t.Context(), key, "")
			if err != nil || string(file.Data) != fmt.Sprintf("template %d", i%count) {
				t.Errorf("%s reads as %s with error %v", key, file.Data, err)
			}
			n := 0
			for _, err := range f.Store.List(t.Context(), "") {
				if n++; err != nil {
					t.Errorf("List: %v", err)
				}
			}
			if n != count {
				t.Errorf("listed %d keys, want %d", n, count)
			}
		})
	}
	wg.Wait()
}

func templatesCancelled(t *testing.T, f TemplateFixture) {
	f.Put("t.yaml", []byte("one"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, readErr := f.Store.Read(ctx, "t.yaml", "")
	_, currentErr := f.Store.Current(ctx, "t.yaml")
	var listErr error
	for _, err := range f.Store.List(ctx, "") {
		listErr = err
	}
	for what, err := range map[string]error{"Read": readErr, "Current": currentErr, "List": listErr} {
		if !errors.Is(err, context.Canceled) || errors.Is(err, starbase.ErrNotFound) {
			t.Errorf("%s: error %v, want one that is context.Canceled", what, err)
		}
	}
}

func listTemplates(t *testing.T, f TemplateFixture, prefix string) []string {
	t.Helper()
	var keys []string
	for key, err := range f.Store.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("List: %v", err)
		}
		keys = append(keys, key)
	}
	return keys
}

func readTemplate(t *testing.T, f TemplateFixture, key, version string) starbase.TemplateFile {
	t.Helper()
	file, err := f.Store.Read(t.Context(), key, version)
	if err != nil {
		t.Fatalf("Read of %s, version %q: %v", key, version, err)
	}
	return file
}

func filterPrefix(all []string, prefix string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(key string) bool { return len(key) < len(prefix) || key[:len(prefix)] != prefix })
}

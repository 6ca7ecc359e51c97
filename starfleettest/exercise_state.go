package starfleettest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/starfleet-go/starfleet/state"
)

// ExerciseState holds an implementation of state.Store against its contract. open makes an empty store for each subtest.
func ExerciseState(t *testing.T, open func(t *testing.T) state.Store) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s state.Store)
	}{
		{"what is not there is ErrNotFound", stateMissing},
		{"what was written is read, byte by byte", stateReads},
		{"Create writes once", stateCreates},
		{"of many that create at once one succeeds", stateCreatesOnce},
		{"Replace goes by the version", stateReplaces},
		{"of many that replace at once one succeeds", stateReplacesOnce},
		{"Put writes always", statePuts},
		{"Delete removes, and what is not there is no error", stateDeletes},
		{"List yields the keys of a prefix in order", stateLists},
		{"data belongs to whoever has it", stateOwns},
		{"a bad key is refused", stateBadKeys},
		{"a cancelled context is no half answer", stateCancelled},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

func stateMissing(t *testing.T, s state.Store) {
	if entry, err := s.Get(t.Context(), "runs/a"); !errors.Is(err, state.ErrNotFound) || entry.Data != nil {
		t.Errorf("Get: %+v, error %v", entry, err)
	}
	if _, err := s.Replace(t.Context(), "runs/a", []byte("x"), "1"); !errors.Is(err, state.ErrConflict) {
		t.Errorf("Replace of what is not there: %v", err)
	}
	wantKeys(t, s, "", nil)
}

func stateReads(t *testing.T, s state.Store) {
	for i, data := range [][]byte{{}, []byte("{}"), {0, 0xff, '\n'}, make([]byte, 1<<20)} {
		key := fmt.Sprintf("runs/run-%d/a=b@c+d_e.f", i)
		version := mustWrite(t, func() (string, error) { return s.Put(t.Context(), key, data) })
		wantEntry(t, s, key, string(data), version)
	}
}

func stateCreates(t *testing.T, s state.Store) {
	version := mustWrite(t, func() (string, error) { return s.Create(t.Context(), "a", []byte("one")) })
	for _, data := range []string{"one", "two"} {
		if _, err := s.Create(t.Context(), "a", []byte(data)); !errors.Is(err, state.ErrExists) {
			t.Errorf("Create of what is there: %v", err)
		}
	}
	wantEntry(t, s, "a", "one", version)
}

func stateCreatesOnce(t *testing.T, s state.Store) {
	winner := raceFor(t, state.ErrExists, func(data string) (string, error) { return s.Create(t.Context(), "a", []byte(data)) })
	wantEntry(t, s, "a", winner, "")
}

func stateReplaces(t *testing.T, s state.Store) {
	first := mustWrite(t, func() (string, error) { return s.Create(t.Context(), "a", []byte("one")) })
	second := mustWrite(t, func() (string, error) { return s.Replace(t.Context(), "a", []byte("two"), first) })
	if first == second {
		t.Errorf("both versions are %q", first)
	}
	if _, err := s.Replace(t.Context(), "a", []byte("three"), first); !errors.Is(err, state.ErrConflict) {
		t.Errorf("Replace of an old version: %v", err)
	}
	wantEntry(t, s, "a", "two", second)
	if err := s.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Replace(t.Context(), "a", []byte("four"), second); !errors.Is(err, state.ErrConflict) {
		t.Errorf("Replace of what was deleted: %v", err)
	}
}

func stateReplacesOnce(t *testing.T, s state.Store) {
	version := mustWrite(t, func() (string, error) { return s.Create(t.Context(), "a", []byte("zero")) })
	winner := raceFor(t, state.ErrConflict, func(data string) (string, error) { return s.Replace(t.Context(), "a", []byte(data), version) })
	wantEntry(t, s, "a", winner, "")
}

// raceFor lets several write different data at once: one succeeds, and the others fail with the error. It returns the winner's data.
func raceFor(t *testing.T, lost error, write func(data string) (string, error)) string {
	t.Helper()
	const racers = 12
	errs := make([]error, racers)
	var wg sync.WaitGroup
	for i := range racers {
		wg.Go(func() { _, errs[i] = write(fmt.Sprint("racer ", i)) })
	}
	wg.Wait()
	winner := ""
	for i, err := range errs {
		switch {
		case err == nil && winner == "":
			winner = fmt.Sprint("racer ", i)
		case err == nil:
			t.Errorf("%s succeeded, and racer %d too", winner, i)
		case !errors.Is(err, lost):
			t.Errorf("racer %d: %v", i, err)
		}
	}
	if winner == "" {
		t.Fatal("nobody succeeded")
	}
	return winner
}

func statePuts(t *testing.T, s state.Store) {
	mustWrite(t, func() (string, error) { return s.Put(t.Context(), "a", []byte("one")) })
	version := mustWrite(t, func() (string, error) { return s.Put(t.Context(), "a", []byte("two")) })
	wantEntry(t, s, "a", "two", version)
	if _, err := s.Replace(t.Context(), "a", []byte("three"), version); err != nil {
		t.Errorf("Replace of what Put wrote: %v", err)
	}
}

func stateDeletes(t *testing.T, s state.Store) {
	mustWrite(t, func() (string, error) { return s.Put(t.Context(), "a/b", []byte("one")) })
	mustWrite(t, func() (string, error) { return s.Put(t.Context(), "a/bc", []byte("one")) })
	for range 2 {
		if err := s.Delete(t.Context(), "a/b"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(t.Context(), "a/b"); !errors.Is(err, state.ErrNotFound) {
			t.Errorf("Get of what was deleted: %v", err)
		}
	}
	wantKeys(t, s, "", []string{"a/bc"})
	if _, err := s.Create(t.Context(), "a/b", []byte("two")); err != nil {
		t.Errorf("Create of what was deleted: %v", err)
	}
}

func stateLists(t *testing.T, s state.Store) {
	for _, key := range []string{"runs/b/02", "runs/a/summary", "halts/all", "runs/a/02", "runs-old", "runs/a.b/02"} {
		mustWrite(t, func() (string, error) { return s.Put(t.Context(), key, []byte(key)) })
	}
	wantKeys(t, s, "runs/", []string{"runs/a.b/02", "runs/a/02", "runs/a/summary", "runs/b/02"})
	wantKeys(t, s, "runs/a", []string{"runs/a.b/02", "runs/a/02", "runs/a/summary"})
	wantKeys(t, s, "nothing/", nil)
	for _, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Error(err)
		}
		break // a reader may stop
	}
}

func stateOwns(t *testing.T, s state.Store) {
	data := []byte("one")
	mustWrite(t, func() (string, error) { return s.Put(t.Context(), "a", data) })
	copy(data, "xxx")
	entry, err := s.Get(t.Context(), "a")
	if err != nil || string(entry.Data) != "one" {
		t.Fatalf("%q, error %v", entry.Data, err)
	}
	copy(entry.Data, "yyy")
	wantEntry(t, s, "a", "one", "")
}

func stateBadKeys(t *testing.T, s state.Store) {
	for _, key := range []string{"", "/a", "a//b", "a/../b", "a b"} {
		if _, err := s.Put(t.Context(), key, []byte("x")); err == nil {
			t.Errorf("Put takes %q", key)
		}
		if _, err := s.Create(t.Context(), key, []byte("x")); err == nil || errors.Is(err, state.ErrExists) {
			t.Errorf("Create of %q: %v", key, err)
		}
		if _, err := s.Get(t.Context(), key); err == nil || errors.Is(err, state.ErrNotFound) {
			t.Errorf("Get of %q: %v", key, err)
		}
		if err := s.Delete(t.Context(), key); err == nil {
			t.Errorf("Delete takes %q", key)
		}
	}
	wantKeys(t, s, "", nil)
}

func stateCancelled(t *testing.T, s state.Store) {
	mustWrite(t, func() (string, error) { return s.Put(t.Context(), "a", []byte("one")) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Get(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("Get: %v", err)
	}
	if _, err := s.Create(ctx, "b", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Create: %v", err)
	}
	for _, err := range s.List(ctx, "") {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("List: %v", err)
		}
	}
}

func mustWrite(t *testing.T, write func() (string, error)) string {
	t.Helper()
	version, err := write()
	if err != nil || version == "" {
		t.Fatalf("version %q, error %v", version, err)
	}
	return version
}

// wantEntry fails the test unless the entry holds that, in that version; "" is any.
func wantEntry(t *testing.T, s state.Store, key, data, version string) {
	t.Helper()
	entry, err := s.Get(t.Context(), key)
	if err != nil || entry.Key != key || string(entry.Data) != data || entry.Version == "" || version != "" && entry.Version != version {
		t.Errorf("%s: %.40q in version %q, error %v; want %.40q in version %q", key, entry.Data, entry.Version, err, data, version)
	}
}

func wantKeys(t *testing.T, s state.Store, prefix string, want []string) {
	t.Helper()
	var got []string
	for key, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, key)
	}
	if !slices.Equal(got, want) {
		t.Errorf("keys under %q: %v, want %v", prefix, got, want)
	}
}

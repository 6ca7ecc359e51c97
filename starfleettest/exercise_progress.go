package starfleettest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet/watch/progress"
)

// ExerciseProgress holds an implementation of progress.Store against its contract. open makes an empty store for each subtest, and a
// function that lets time pass on its clock: wait is asked for seconds.
func ExerciseProgress(t *testing.T, open func(t *testing.T) (store progress.Store, wait func(time.Duration))) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s progress.Store, wait func(time.Duration))
	}{
		{"a job begins with no part done", progressBegins},
		{"a job is not made twice, and not begun anew", progressExists},
		{"of many that create at once one succeeds", progressCreatedOnce},
		{"each part counts once", progressOnce},
		{"completed at once by many, one part is the last", progressLast},
		{"every part at once by several, each counts once", progressRedelivered},
		{"shapes of jobs", progressShapes},
		{"a job that is not there is ErrUnknownJob", progressUnknown},
		{"a job is kept as long as it was to be", progressExpires},
		{"a job that is over is made anew from nothing", progressAnew},
		{"a failure keeps its first reason", progressFails},
		{"metadata is a JSON object", progressMetadata},
		{"of many that mark at once one wins", progressReduced},
		{"jobs do not touch each other", progressJobs},
		{"arguments that make no sense are refused", progressInvalid},
		{"a cancelled context is no half answer", progressCancelled},
	} {
		t.Run(test.name, func(t *testing.T) {
			store, wait := open(t)
			test.run(t, store, wait)
		})
	}
}

func mustCreate(t *testing.T, s progress.Store, job string, total int) {
	t.Helper()
	if err := s.Create(t.Context(), job, total, time.Hour); err != nil {
		t.Fatal(err)
	}
}

func mustComplete(t *testing.T, s progress.Store, job string, part int, want progress.Completion) {
	t.Helper()
	if c, err := s.CompletePart(t.Context(), job, part); err != nil || c != want {
		t.Errorf("part %d of job %.20q: %+v, error %v, want %+v", part, job, c, err, want)
	}
}

func wantStatus(t *testing.T, s progress.Store, job, want string) {
	t.Helper()
	status, err := s.Status(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(status); err != nil || string(got) != want {
		t.Errorf("job %.20q: status %s, error %v, want %s", job, got, err, want)
	}
}

func wantDone(t *testing.T, s progress.Store, job string, part int, want bool) {
	t.Helper()
	if done, err := s.PartDone(t.Context(), job, part); err != nil || done != want {
		t.Errorf("part %d of job %.20q: done %t, error %v, want %t", part, job, done, err, want)
	}
}

func progressBegins(t *testing.T, s progress.Store, _ func(time.Duration)) {
	mustCreate(t, s, "job", 3)
	wantStatus(t, s, "job", `{"done":0,"total":3}`)
	for part := 1; part <= 3; part++ {
		wantDone(t, s, "job", part, false)
	}
}

func progressExists(t *testing.T, s progress.Store, _ func(time.Duration)) {
	mustCreate(t, s, "job", 3)
	mustComplete(t, s, "job", 2, progress.Completion{})
	for _, total := range []int{3, 4} {
		if err := s.Create(t.Context(), "job", total, time.Hour); !errors.Is(err, progress.ErrExists) {
			t.Errorf("Create of what is there: %v", err)
		}
	}
	wantStatus(t, s, "job", `{"done":1,"total":3}`)
}

func progressCreatedOnce(t *testing.T, s progress.Store, _ func(time.Duration)) {
	var group sync.WaitGroup
	var created atomic.Int32
	for i := range 12 {
		group.Go(func() {
			switch err := s.Create(t.Context(), "job", 10+i, time.Hour); {
			case err == nil:
				created.Add(1)
			case !errors.Is(err, progress.ErrExists):
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := created.Load(); n != 1 {
		t.Errorf("%d created the job", n)
	}
}

func progressOnce(t *testing.T, s progress.Store, _ func(time.Duration)) {
	mustCreate(t, s, "job", 3)
	mustComplete(t, s, "job", 3, progress.Completion{})
	mustComplete(t, s, "job", 3, progress.Completion{Already: true})
	mustComplete(t, s, "job", 1, progress.Completion{})
	wantDone(t, s, "job", 1, true)
	wantDone(t, s, "job", 2, false)
	wantStatus(t, s, "job", `{"done":2,"total":3}`)
	mustComplete(t, s, "job", 2, progress.Completion{Complete: true, Last: true})
	for part := 1; part <= 3; part++ {
		mustComplete(t, s, "job", part, progress.Completion{Already: true, Complete: true})
	}
	wantStatus(t, s, "job", `{"done":3,"total":3}`)
}

// completeAll completes parts by so many workers at once, and returns how many were told that they were new, and how many the last.
func completeAll(t *testing.T, s progress.Store, job string, parts []int, workers int) (fresh, last int32) {
	t.Helper()
	var (
		group        sync.WaitGroup
		next         atomic.Int64
		isNew, final atomic.Int32
	)
	for range workers {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(parts) || t.Context().Err() != nil {
					return
				}
				c, err := s.CompletePart(t.Context(), job, parts[i])
				if err != nil {
					t.Errorf("part %d: %v", parts[i], err)
					return
				}
				if !c.Already {
					isNew.Add(1)
				}
				if c.Last {
					final.Add(1)
				}
			}
		})
	}
	group.Wait()
	return isNew.Load(), final.Load()
}

// numbered are the parts 1 to n.
func numbered(n int) []int {
	parts := make([]int, n)
	for i := range parts {
		parts[i] = i + 1
	}
	return parts
}

func progressLast(t *testing.T, s progress.Store, _ func(time.Duration)) {
	const total, workers = 1000, 64
	mustCreate(t, s, "job", total)
	fresh, last := completeAll(t, s, "job", numbered(total), workers)
	if fresh != total || last != 1 {
		t.Errorf("%d parts counted, %d were the last", fresh, last)
	}
	wantStatus(t, s, "job", `{"done":1000,"total":1000}`)
}

func progressRedelivered(t *testing.T, s progress.Store, _ func(time.Duration)) {
	const total = 300
	mustCreate(t, s, "job", total)
	var parts []int
	for range 3 {
		parts = append(parts, numbered(total)...)
	}
	rand.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	fresh, last := completeAll(t, s, "job", parts, 16)
	if fresh != total || last != 1 {
		t.Errorf("%d parts counted, %d were the last", fresh, last)
	}
}

// progressShapes: numbers of parts at which a store may divide a job otherwise.
func progressShapes(t *testing.T, s progress.Store, _ func(time.Duration)) {
	for _, total := range []int{1, 2, 31, 32, 33, 63, 64, 65, 255, 256, 257} {
		job := fmt.Sprint("job of ", total)
		mustCreate(t, s, job, total)
		if fresh, last := completeAll(t, s, job, numbered(total)[:total-1], 8); int(fresh) != total-1 || last != 0 {
			t.Errorf("%s: %d parts counted, %d were the last", job, fresh, last)
		}
		wantStatus(t, s, job, fmt.Sprintf(`{"done":%d,"total":%d}`, total-1, total))
		mustComplete(t, s, job, total, progress.Completion{Complete: true, Last: true})
	}
}

func progressUnknown(t *testing.T, s progress.Store, _ func(time.Duration)) {
	mustCreate(t, s, "another", 1)
	wantUnknown(t, s, "job")
	// None of these made it.
	wantUnknown(t, s, "job")
}

func wantUnknown(t *testing.T, s progress.Store, job string) {
	t.Helper()
	status, err := s.Status(t.Context(), job)
	if status.Total != 0 || status.Done != 0 {
		t.Errorf("Status: %+v", status)
	}
	c, completed := s.CompletePart(t.Context(), job, 1)
	if c != (progress.Completion{}) {
		t.Errorf("CompletePart: %+v", c)
	}
	done, asked := s.PartDone(t.Context(), job, 1)
	won, marked := s.MarkReduced(t.Context(), job)
	if done || won {
		t.Errorf("PartDone %t, MarkReduced %t", done, won)
	}
	for call, err := range map[string]error{
		"Status": err, "CompletePart": completed, "PartDone": asked, "MarkReduced": marked,
		"Fail": s.Fail(t.Context(), job, "x"), "SetMetadata": s.SetMetadata(t.Context(), job, json.RawMessage("{}")),
	} {
		if !errors.Is(err, progress.ErrUnknownJob) {
			t.Errorf("%s of a job that is not there: %v", call, err)
		}
	}
}

func progressExpires(t *testing.T, s progress.Store, wait func(time.Duration)) {
	if err := s.Create(t.Context(), "job", 2, 4*time.Second); err != nil {
		t.Fatal(err)
	}
	wait(time.Second)
	mustComplete(t, s, "job", 1, progress.Completion{})
	wait(5 * time.Second)
	wantUnknown(t, s, "job")
}

func progressAnew(t *testing.T, s progress.Store, wait func(time.Duration)) {
	if err := s.Create(t.Context(), "job", 2, 2*time.Second); err != nil {
		t.Fatal(err)
	}
	mustComplete(t, s, "job", 1, progress.Completion{})
	mustComplete(t, s, "job", 2, progress.Completion{Complete: true, Last: true})
	if _, err := s.MarkReduced(t.Context(), "job"); err != nil {
		t.Fatal(err)
	}
	wait(4 * time.Second)
	mustCreate(t, s, "job", 3)
	wantStatus(t, s, "job", `{"done":0,"total":3}`)
	mustComplete(t, s, "job", 1, progress.Completion{})
	mustComplete(t, s, "job", 3, progress.Completion{})
	mustComplete(t, s, "job", 2, progress.Completion{Complete: true, Last: true})
}

func progressFails(t *testing.T, s progress.Store, _ func(time.Duration)) {
	mustCreate(t, s, "job", 2)
	for _, reason := range []string{"the disk is full", "another"} {
		if err := s.Fail(t.Context(), "job", reason); err != nil {
			t.Fatal(err)
		}
	}
	mustComplete(t, s, "job", 1, progress.Completion{})
	wantStatus(t, s, "job", `{"done":1,"total":2,"failed":"the disk is full"}`)
	mustCreate(t, s, "long", 1)
	if err := s.Fail(t.Context(), "long", strings.Repeat("ü", progress.MaxReasonBytes)); err != nil {
		t.Fatal(err)
	}
	if status, err := s.Status(t.Context(), "long"); err != nil || status.Failed != strings.Repeat("ü", progress.MaxReasonBytes/2) {
		t.Errorf("a reason of %d bytes, error %v", len(status.Failed), err)
	}
}

func progressMetadata(t *testing.T, s progress.Store, _ func(time.Duration)) {
	mustCreate(t, s, "job", 2)
	for _, metadata := range []string{`{"a":1}`, `{ "b": [1, null, "<ü>"], "c": {} }`} {
		if err := s.SetMetadata(t.Context(), "job", json.RawMessage(metadata)); err != nil {
			t.Fatal(err)
		}
	}
	status, err := s.Status(t.Context(), "job")
	if want := `{"b":[1,null,"<ü>"],"c":{}}`; err != nil || string(status.Metadata) != want {
		t.Errorf("metadata %s, error %v, want %s", status.Metadata, err, want)
	}
}

func progressReduced(t *testing.T, s progress.Store, _ func(time.Duration)) {
	mustCreate(t, s, "job", 1)
	var group sync.WaitGroup
	var won atomic.Int32
	for range 16 {
		group.Go(func() {
			if first, err := s.MarkReduced(t.Context(), "job"); err != nil {
				t.Error(err)
			} else if first {
				won.Add(1)
			}
		})
	}
	group.Wait()
	if n := won.Load(); n != 1 {
		t.Errorf("%d won", n)
	}
	wantStatus(t, s, "job", `{"done":0,"total":1,"reduceSent":true}`)
}

func progressJobs(t *testing.T, s progress.Store, _ func(time.Duration)) {
	jobs := []string{"a", "A", "a/b", "a/0", "a#0", "a b", "ä", strings.Repeat("j", progress.MaxJobBytes)}
	for _, job := range jobs {
		mustCreate(t, s, job, 2)
	}
	for _, job := range jobs {
		mustComplete(t, s, job, 1, progress.Completion{})
		wantStatus(t, s, job, `{"done":1,"total":2}`)
	}
}

func progressInvalid(t *testing.T, s progress.Store, _ func(time.Duration)) {
	mustCreate(t, s, "job", 3)
	complete := func(part int) error {
		_, err := s.CompletePart(t.Context(), "job", part)
		return err
	}
	status := func(job string) error {
		_, err := s.Status(t.Context(), job)
		return err
	}
	_, asked := s.PartDone(t.Context(), "job", 4)
	for what, err := range map[string]error{
		"part 0": complete(0), "part -1": complete(-1), "part 4 of 3": complete(4), "asked for part 4 of 3": asked,
		"no parts":         s.Create(t.Context(), "x", 0, time.Hour),
		"too many parts":   s.Create(t.Context(), "x", progress.MaxTotal+1, time.Hour),
		"not kept":         s.Create(t.Context(), "x", 1, 0),
		"no name":          s.Create(t.Context(), "", 1, time.Hour),
		"a long name":      status(strings.Repeat("j", progress.MaxJobBytes+1)),
		"a control":        status("a\x00b"),
		"no reason":        s.Fail(t.Context(), "job", " "),
		"metadata a list":  s.SetMetadata(t.Context(), "job", json.RawMessage(`[]`)),
		"metadata null":    s.SetMetadata(t.Context(), "job", json.RawMessage(`null`)),
		"metadata no JSON": s.SetMetadata(t.Context(), "job", json.RawMessage(`{`)),
		"metadata long":    s.SetMetadata(t.Context(), "job", json.RawMessage(`{"a":"`+strings.Repeat("x", progress.MaxMetadataBytes)+`"}`)),
	} {
		if !errors.Is(err, progress.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	wantStatus(t, s, "job", `{"done":0,"total":3}`)
}

func progressCancelled(t *testing.T, s progress.Store, _ func(time.Duration)) {
	mustCreate(t, s, "job", 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, completed := s.CompletePart(ctx, "job", 1)
	_, asked := s.PartDone(ctx, "job", 1)
	_, status := s.Status(ctx, "job")
	_, marked := s.MarkReduced(ctx, "job")
	for call, err := range map[string]error{
		"Create": s.Create(ctx, "x", 1, time.Hour), "CompletePart": completed, "PartDone": asked, "Status": status, "MarkReduced": marked,
		"Fail": s.Fail(ctx, "job", "x"), "SetMetadata": s.SetMetadata(ctx, "job", json.RawMessage(`{}`)),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", call, err)
		}
	}
	wantStatus(t, s, "job", `{"done":0,"total":1}`)
}

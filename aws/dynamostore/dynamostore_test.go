package dynamostore_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/aws/dynamostore"
	"github.com/starfleet-go/starfleet/idempotency"
	"github.com/starfleet-go/starfleet/internal/dynamofake"
	"github.com/starfleet-go/starfleet/starfleettest"
	"github.com/starfleet-go/starfleet/watch/progress"
)

// clock is one that a test moves.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Add(c.ahead)
}

func (c *clock) wait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

func config(endpoint, table string, c *clock) dynamostore.Config {
	return dynamostore.Config{
		Table: table, Region: "eu-west-1", Now: c.Now,
		AWS: aws.Config{BaseEndpoint: aws.String(endpoint), Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")},
	}
}

func newFake(t *testing.T) *dynamofake.Server {
	t.Helper()
	server := dynamofake.Start()
	t.Cleanup(server.Close)
	return server
}

func newProgress(t *testing.T, cfg dynamostore.Config) *dynamostore.Progress {
	t.Helper()
	store, err := dynamostore.NewProgress(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func newIdempotency(t *testing.T, cfg dynamostore.Config) *dynamostore.Idempotency {
	t.Helper()
	store, err := dynamostore.NewIdempotency(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestProgress(t *testing.T) {
	t.Parallel()
	starfleettest.ExerciseProgress(t, func(t *testing.T) (progress.Store, func(time.Duration)) {
		c := &clock{}
		return newProgress(t, config(newFake(t).URL, "jobs", c)), c.wait
	})
}

func TestIdempotency(t *testing.T) {
	t.Parallel()
	starfleettest.ExerciseIdempotency(t, func(t *testing.T) (idempotency.Store, func(time.Duration)) {
		c := &clock{}
		return newIdempotency(t, config(newFake(t).URL, "once", c)), c.wait
	})
}

// TestIAMActions: the lists name what the calls need, and nothing else.
func TestIAMActions(t *testing.T) {
	t.Parallel()
	server := newFake(t)
	jobs := newProgress(t, config(server.URL, "jobs", &clock{}))
	err1 := jobs.Create(t.Context(), "job", 2, time.Hour)
	_, err2 := jobs.CompletePart(t.Context(), "job", 1)
	_, err3 := jobs.PartDone(t.Context(), "job", 1)
	_, err4 := jobs.Status(t.Context(), "job")
	_, err5 := jobs.MarkReduced(t.Context(), "job")
	if err := errors.Join(err1, err2, err3, err4, err5, jobs.Fail(t.Context(), "job", "x"), jobs.SetMetadata(t.Context(), "job", []byte("{}"))); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(server.Actions(), slices.Sorted(slices.Values(dynamostore.ProgressIAMActions))); diff != "" {
		t.Error(diff)
	}

	server = newFake(t)
	once := newIdempotency(t, config(server.URL, "once", &clock{}))
	for _, key := range []string{"a", "b"} {
		claim, err := once.Begin(t.Context(), key, time.Minute)
		if err == nil && key == "a" {
			err = once.Release(t.Context(), claim)
		} else if err == nil {
			err = once.Done(t.Context(), claim, time.Hour)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(server.Actions(), slices.Sorted(slices.Values(dynamostore.IdempotencyIAMActions))); diff != "" {
		t.Error(diff)
	}
}

func TestNewNamesTheFaults(t *testing.T) {
	t.Parallel()
	for table, want := range map[string]string{
		"": "Config.Table is empty", "a b": "is no DynamoDB table", "arn:aws:s3:::jobs": "is no DynamoDB table",
		"arn:aws:dynamodb:eu-west-1:111111111111:table/jobs/index/x": "is no DynamoDB table",
	} {
		_, err := dynamostore.NewProgress(dynamostore.Config{Table: table})
		_, same := dynamostore.NewIdempotency(dynamostore.Config{Table: table})
		for _, err := range []error{err, same} {
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "Config.Region") {
				t.Errorf("table %q: error %v, want %q", table, err, want)
			}
		}
	}
	for _, arn := range []string{"arn:aws:dynamodb:eu-west-1:111111111111:table/jobs", "arn:aws-us-gov:dynamodb:us-gov-west-1:111111111111:table/jobs"} {
		if _, err := dynamostore.NewProgress(dynamostore.Config{Table: arn}); err != nil {
			t.Errorf("%s: %v", arn, err) // its region is that of the client
		}
	}
}

// TestManyParts: a million parts are created by one write; more than a branch has, completed by 64 workers, have one last, and no
// record takes more writes than its own parts.
func TestManyParts(t *testing.T) {
	t.Parallel()
	server := newFake(t)
	store := newProgress(t, config(server.URL, "jobs", &clock{}))
	if err := store.Create(t.Context(), "million", 1_000_000, time.Hour); err != nil {
		t.Fatal(err)
	}
	if n := server.Calls(); n != 1 {
		t.Errorf("created by %d calls", n)
	}
	if s, err := store.Status(t.Context(), "million"); err != nil || s.Done != 0 || s.Total != 1_000_000 {
		t.Errorf("%+v, error %v", s, err)
	}
	const total = manyParts
	if err := store.Create(t.Context(), "job", total, time.Hour); err != nil {
		t.Fatal(err)
	}
	before := server.Calls()
	var (
		group      sync.WaitGroup
		next, last atomic.Int64
	)
	for range 64 {
		group.Go(func() {
			for part := next.Add(1); part <= total; part = next.Add(1) {
				c, err := store.CompletePart(t.Context(), "job", int(part))
				if err != nil {
					t.Error(err)
					return
				}
				if c.Last {
					last.Add(1)
				}
			}
		})
	}
	group.Wait()
	if s, err := store.Status(t.Context(), "job"); err != nil || s.Done != total || last.Load() != 1 {
		t.Errorf("%+v, %d were the last, error %v", s, last.Load(), err)
	}
	if n := server.MostWrites(); n > 256+1 {
		t.Errorf("one record took %d writes", n)
	}
	// A write a part and a leaf, and a read of the job's facts by each worker at most.
	if n := server.Calls() - before; n > total+65+64+10 {
		t.Errorf("%d calls", n)
	}
}

// TestADeathBetweenTwoSteps: the worker dies after any of its calls, before the next. The redelivery of its part takes the rest, and exactly
// one call is told that it was the last, unless that very answer died with its worker.
func TestADeathBetweenTwoSteps(t *testing.T) {
	t.Parallel()
	for step := 1; step <= 4; step++ { // the leaf, the branch, the job, the claim
		t.Run(fmt.Sprint("after call ", step), func(t *testing.T) {
			t.Parallel()
			server := newFake(t)
			cfg := config(server.URL, "jobs", &clock{})
			cfg.AWS.RetryMaxAttempts = 1
			store := newProgress(t, cfg)
			if err := store.Create(t.Context(), "job", 2, time.Hour); err != nil {
				t.Fatal(err)
			}
			if _, err := store.CompletePart(t.Context(), "job", 1); err != nil {
				t.Fatal(err)
			}
			var calls atomic.Int32
			server.CutAnswers(func(string) bool { return calls.Add(1) == int32(step) })
			if _, err := store.CompletePart(t.Context(), "job", 2); err == nil {
				t.Fatal("no error, though an answer was cut")
			}
			server.CutAnswers(nil)
			if s, err := store.Status(t.Context(), "job"); err != nil || s.Done != 2 {
				t.Errorf("status %+v, error %v", s, err)
			}
			for i := range 2 {
				c, err := store.CompletePart(t.Context(), "job", 2)
				want := progress.Completion{Already: true, Complete: true, Last: i == 0 && step < 4}
				if err != nil || c != want {
					t.Errorf("redelivery %d: %+v, error %v, want %+v", i+1, c, err, want)
				}
			}
		})
	}
}

// TestALostAnswer: the SDK tries a write again whose answer was cut. Who won still learns it.
func TestALostAnswer(t *testing.T) {
	t.Parallel()
	server := newFake(t)
	cfg := config(server.URL, "jobs", &clock{})
	cfg.AWS.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = time.Millisecond })
	}
	store, once := newProgress(t, cfg), newIdempotency(t, cfg)
	var calls atomic.Int32
	server.CutAnswers(func(string) bool { return calls.Add(1)%2 == 1 }) // every first attempt
	if err := store.Create(t.Context(), "job", 1, time.Hour); err != nil {
		t.Fatal(err)
	}
	if c, err := store.CompletePart(t.Context(), "job", 1); err != nil || !c.Last {
		t.Errorf("%+v, error %v", c, err)
	}
	if won, err := store.MarkReduced(t.Context(), "job"); err != nil || !won {
		t.Errorf("won %t, error %v", won, err)
	}
	if claim, err := once.Begin(t.Context(), "key", time.Minute); err != nil || claim.State != idempotency.Acquired {
		t.Errorf("%+v, error %v", claim, err)
	}
}

func TestFaultsAreTold(t *testing.T) {
	t.Parallel()
	server := newFake(t)
	store := newProgress(t, config(server.URL, "missing-table", &clock{}))
	if _, err := store.Status(t.Context(), "job"); err == nil || !strings.Contains(err.Error(), "DynamoDB table missing-table: there is no such table") ||
		errors.Is(err, progress.ErrUnknownJob) {
		t.Errorf("error %v", err)
	}
	server.Intercept(func(_ string, w http.ResponseWriter) bool {
		dynamofake.Fail(w, errors.New("AccessDeniedException"))
		return true
	})
	if _, err := store.CompletePart(t.Context(), "job", 1); err == nil || errors.Is(err, progress.ErrUnknownJob) || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("error %v", err)
	}
}

package progress

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Memory is a Store in this process: for tests and simulations. A part takes one bit. Make one with NewMemory.
type Memory struct {
	now func() time.Time

	mu   sync.Mutex
	jobs map[string]*job
}

var _ Store = (*Memory)(nil)

type job struct {
	status  Status
	parts   []uint64 // a bit for each part that is done
	expires time.Time
}

// NewMemory makes an empty store. now is its clock; nil means time.Now.
func NewMemory(now func() time.Time) *Memory {
	if now == nil {
		now = time.Now
	}
	return &Memory{now: now, jobs: map[string]*job{}}
}

// Create makes a job: see Store. Jobs that were kept long enough are removed on the way.
func (m *Memory) Create(ctx context.Context, name string, total int, keep time.Duration) error {
	if err := alive(ctx); err != nil {
		return err
	}
	if err := CheckCreate(name, total, keep); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	for other, j := range m.jobs {
		if !now.Before(j.expires) {
			delete(m.jobs, other)
		}
	}
	if m.jobs[name] != nil {
		return fmt.Errorf("job %q: %w", name, ErrExists)
	}
	m.jobs[name] = &job{status: Status{Total: total}, parts: make([]uint64, (total+63)/64), expires: now.Add(keep)}
	return nil
}

// CompletePart says that a part is done: see Store.
func (m *Memory) CompletePart(ctx context.Context, name string, part int) (Completion, error) {
	var c Completion
	err := m.with(ctx, name, func(j *job) error {
		if err := CheckPart(name, part, j.status.Total); err != nil {
			return err
		}
		word, bit := &j.parts[(part-1)/64], uint64(1)<<((part-1)%64)
		c.Already = *word&bit != 0
		if !c.Already {
			*word |= bit
			j.status.Done++
		}
		c.Complete = j.status.Complete()
		c.Last = c.Complete && !c.Already
		return nil
	})
	return c, err
}

// PartDone says whether a part is done: see Store.
func (m *Memory) PartDone(ctx context.Context, name string, part int) (bool, error) {
	done := false
	err := m.with(ctx, name, func(j *job) error {
		if err := CheckPart(name, part, j.status.Total); err != nil {
			return err
		}
		done = j.parts[(part-1)/64]&(1<<((part-1)%64)) != 0
		return nil
	})
	return done, err
}

// Status says how far the job is: see Store.
func (m *Memory) Status(ctx context.Context, name string) (Status, error) {
	var status Status
	err := m.with(ctx, name, func(j *job) error {
		status = j.status
		status.Metadata = slices.Clone(status.Metadata)
		return nil
	})
	return status, err
}

// Fail says that the job failed: see Store.
func (m *Memory) Fail(ctx context.Context, name, reason string) error {
	return m.with(ctx, name, func(j *job) error {
		reason, err := CheckReason(reason)
		if err == nil && j.status.Failed == "" {
			j.status.Failed = reason
		}
		return err
	})
}

// SetMetadata stores a JSON object: see Store.
func (m *Memory) SetMetadata(ctx context.Context, name string, metadata json.RawMessage) error {
	return m.with(ctx, name, func(j *job) error {
		kept, err := CheckMetadata(metadata)
		if err == nil {
			j.status.Metadata = kept
		}
		return err
	})
}

// MarkReduced says that what follows was done: see Store.
func (m *Memory) MarkReduced(ctx context.Context, name string) (bool, error) {
	won := false
	err := m.with(ctx, name, func(j *job) error {
		won = !j.status.ReduceSent
		j.status.ReduceSent = true
		return nil
	})
	return won, err
}

// with calls do with the job of that name.
func (m *Memory) with(ctx context.Context, name string, do func(*job) error) error {
	if err := alive(ctx); err != nil {
		return err
	}
	if err := CheckJob(name); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	j := m.jobs[name]
	if j == nil || !m.now().Before(j.expires) {
		return fmt.Errorf("job %q: %w", name, ErrUnknownJob)
	}
	return do(j)
}

package queue_test

import (
	"context"
	"testing"

	"github.com/starfleet-go/starfleet/queue"
)

// sink accepts everything at once.
type sink struct{}

func (sink) Limits(context.Context) (queue.Limits, error) {
	return queue.Limits{MessageBytes: queue.MaxMessageBytes}, nil
}
func (sink) SendBatch(context.Context, []queue.Outgoing) ([]queue.Failure, error) { return nil, nil }

// BenchmarkDispatch is the engine's own cost, without any queue: one operation is one task.
func BenchmarkDispatch(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"600B", 600}, {"10KB", 10 << 10}} {
		b.Run(size.name, func(b *testing.B) {
			b.ReportAllocs()
			if _, err := queue.Dispatch(b.Context(), sink{}, errands(b.N, size.bytes), queue.DispatchOptions{Resolved: b.N}); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// TestDispatchAllocatesNothingPerTask: what is allocated belongs to calls, not to tasks, and is small.
func TestDispatchAllocatesNothingPerTask(t *testing.T) {
	const tasks = 10000
	perRun := testing.AllocsPerRun(5, func() {
		if _, err := queue.Dispatch(t.Context(), sink{}, errands(tasks, 600), queue.DispatchOptions{Resolved: tasks}); err != nil {
			t.Fatal(err)
		}
	})
	if perTask := perRun / tasks; perTask > 0.75 {
		t.Errorf("%.2f allocations a task, want those of the call's context only (about 0.5)", perTask)
	}
}

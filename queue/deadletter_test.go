package queue_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet/queue"
)

func TestNewDeadLetter(t *testing.T) {
	t.Parallel()
	m := queue.Message{
		ID: "m-1", Body: "body", SourceARN: "arn:aws:sqs:eu-west-1:111111111111:q", GroupID: "g",
		Attributes: map[string]string{"b": "2", "a": "1", queue.AttributeErrorClass: "of an earlier death"},
	}
	cause := queue.Cause{Class: "c", Message: "why\x00"}
	want := queue.Outgoing{
		ID: "0", Body: []byte("body"),
		Attributes: []queue.Attribute{
			{Name: "a", Value: "1"}, {Name: "b", Value: "2"},
			{Name: queue.AttributeErrorClass, Value: "c"},
			{Name: queue.AttributeSourceMessageID, Value: "m-1"},
			{Name: queue.AttributeSourceARN, Value: "arn:aws:sqs:eu-west-1:111111111111:q"},
			{Name: queue.AttributeErrorMessage, Value: "why\ufffd"},
		},
	}
	if diff := cmp.Diff(want, queue.NewDeadLetter(m, cause, queue.Limits{})); diff != "" {
		t.Errorf("standard (-want +got):\n%s", diff)
	}
	want.GroupID, want.DeduplicationID = "g", "m-1"
	if diff := cmp.Diff(want, queue.NewDeadLetter(m, cause, queue.Limits{FIFO: true})); diff != "" {
		t.Errorf("FIFO (-want +got):\n%s", diff)
	}
}

func TestNewDeadLetterKeepsTheMessageWhole(t *testing.T) {
	t.Parallel()
	cause := queue.Cause{Class: "c", Message: strings.Repeat("why ", 100)}
	full := queue.Message{ID: "m", Body: "b", Attributes: map[string]string{}}
	for i := range 9 {
		full.Attributes["own-"+strconv.Itoa(i)] = "v"
	}
	got := queue.NewDeadLetter(full, cause, queue.Limits{})
	if len(got.Attributes) != 10 || got.Attributes[9] != (queue.Attribute{Name: queue.AttributeErrorClass, Value: "c"}) {
		t.Errorf("nine attributes of its own leave room for the class, got %v", got.Attributes)
	}
	big := queue.Message{ID: "m", Body: strings.Repeat("b", 1000)}
	if got := queue.NewDeadLetter(big, cause, queue.Limits{MessageBytes: 1000}); len(got.Body) != 1000 || got.Attributes != nil {
		t.Errorf("a body that fills the message leaves no room, got %d bytes, %v", len(got.Body), got.Attributes)
	}
	if got := queue.NewDeadLetter(big, cause, queue.Limits{MessageBytes: 1200}); got.Size() != 1200 || len(got.Attributes) != 3 {
		t.Errorf("the error's text is cut to fit, got %d bytes, %v", got.Size(), got.Attributes)
	}
}

// TestDeadLettersAreAccepted: whatever a message died of, its dead letter is one that the queue takes.
func TestDeadLettersAreAccepted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fifo := rapid.Bool().Draw(t, "fifo")
		limit := rapid.IntRange(200, 3000).Draw(t, "limit")
		q, err := queue.NewMemory(queue.MemoryConfig{FIFO: fifo, MessageBytes: limit})
		if err != nil {
			t.Fatal(err)
		}
		m := queue.Message{
			ID:         rapid.StringN(1, 200, -1).Draw(t, "id"),
			Body:       rapid.StringMatching(`[a-zä]{1,20}`).Draw(t, "body") + strings.Repeat("x", rapid.IntRange(0, limit-100).Draw(t, "more")),
			Attributes: map[string]string{},
			GroupID:    rapid.String().Draw(t, "group"),
			SourceARN:  rapid.String().Draw(t, "arn"),
		}
		size := len(m.Body)
		for i := range rapid.IntRange(0, 10).Draw(t, "attributes") {
			if size += len("own-0") + len("String") + 1; size > limit {
				break
			}
			m.Attributes["own-"+strconv.Itoa(i)] = "v"
		}
		cause := queue.Cause{Class: rapid.String().Draw(t, "class"), Message: rapid.String().Draw(t, "message")}
		limits, _ := q.Limits(t.Context())
		if len(m.Body) > limit {
			t.Skip("the message itself does not fit")
		}
		failures, err := q.SendBatch(t.Context(), []queue.Outgoing{queue.NewDeadLetter(m, cause, limits)})
		if err != nil || len(failures) > 0 {
			t.Fatalf("not accepted: %v %v", failures, err)
		}
		for name := range m.Attributes {
			if q.All()[0].Attributes[name] != "v" {
				t.Fatalf("attribute %s was lost", name)
			}
		}
	})
}

package starbase_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet/queue"
)

// FuzzInvoke hands any text to the Starbase, as an event and as the body of a message. It never panics, and sends nothing unless the
// text is one of the events that a Starbase knows; what it refuses is an error.
func FuzzInvoke(f *testing.F) {
	for name := range eventOutcomes {
		f.Add(readEvent(f, name))
	}
	f.Fuzz(func(t *testing.T, text string) {
		w := eventWorld(t)
		_, err := w.base.Invoke(t.Context(), []byte(text))
		if sent := w.sent(); sent > 0 && !knownTimer(text) {
			t.Fatalf("%d messages were sent for the event %q", sent, text)
		}
		if err != nil && w.sent() > 0 {
			t.Fatalf("%d messages were sent for an event that was refused: %v", w.sent(), err)
		}
		before := w.sent()
		err = w.handle(text)
		if w.sent() > before && !knownBody(text) {
			t.Fatalf("%d messages were sent for the body %q", w.sent()-before, text)
		}
		if strings.Contains(w.log(), "panic") && !strings.Contains(text, "panic") {
			t.Fatalf("panic for the body %q:\n%s", text, w.log())
		}
		if !knownBody(text) && !harmless(text) && queue.DispositionOf(err).Action != queue.DeadLetter {
			t.Fatalf("the body %q is not dead-lettered: %v", text, err)
		}
	})
}

// The events that a Starbase knows, told in another way than it does: by encoding/json, which is laxer.

func object(text string) map[string]any {
	var o map[string]any
	if json.Unmarshal([]byte(text), &o) != nil {
		return nil
	}
	return o
}

func knownTimer(text string) bool { return object(text)["name"] == "HOURLY" }

// knownBody says whether a body may lead to messages.
func knownBody(text string) bool {
	o := object(text)
	if message, ok := o["Message"].(string); ok && o["Type"] == "Notification" && !knownFanOut(object(message)) {
		o = object(message)
	}
	return o["name"] == "HOURLY" || knownFanOut(o) || namesTemplate(o)
}

func knownFanOut(o map[string]any) bool {
	return len(o) == 2 && o["worker_ship"] != nil && o["template_prefix"] != nil
}

// namesTemplate says whether the object has a key of one of the two templates anywhere.
func namesTemplate(o map[string]any) bool {
	text := marshal(o)
	return strings.Contains(text, "Account/a") || strings.Contains(text, "Account%2Fa") || strings.Contains(text, "Single/x.yaml") ||
		strings.Contains(text, "%")
}

// harmless says whether a body is one of those that lead to nothing and are no fault.
func harmless(text string) bool {
	o := object(text)
	if message, ok := o["Message"].(string); ok {
		o = object(message)
	}
	return o["Event"] == "s3:TestEvent" || o["Records"] != nil || o["detail-type"] != nil || o["name"] != nil
}

package local

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
)

// Trigger is something that a Starbase reacts to.
type Trigger struct {
	describe string
	deliver  func(context.Context, *Fleet) error
}

// String names the trigger for people.
func (t Trigger) String() string { return t.describe }

// Timer is the timed event of a frequency.
func Timer(frequency config.Frequency) Trigger {
	return Trigger{describe: "timer " + string(frequency), deliver: func(ctx context.Context, f *Fleet) error {
		event, err := json.Marshal(map[string]string{"name": string(frequency), "scheduled_time": f.clock.Now().UTC().Format(time.RFC3339)})
		if err != nil {
			return err
		}
		_, err = f.base.Invoke(ctx, event)
		return err
	}}
}

// Changed is the S3 event of a template that was uploaded, as S3 sends it to the fan-out queue. key is its path.
func Changed(key string) Trigger { return objectEvent("changed template", "ObjectCreated:Put", key) }

// Deleted is the S3 event of a template that was deleted.
func Deleted(key string) Trigger {
	return objectEvent("deleted template", "ObjectRemoved:Delete", key)
}

func objectEvent(what, name, key string) Trigger {
	return Trigger{describe: what + " " + key, deliver: func(ctx context.Context, f *Fleet) error {
		body, err := f.objectEventBody(ctx, name, key)
		if err != nil {
			return err
		}
		failures, err := f.fanOut.queue.SendBatch(ctx, []queue.Outgoing{{ID: "0", Body: body}})
		if err != nil || len(failures) > 0 {
			return fmt.Errorf("deliver the event of %s: %v %w", key, failures, err)
		}
		return nil
	}}
}

package starfleet_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/queue"
)

// nowhere is where log lines go that are written all the same.
type nowhere struct{}

func (nowhere) Write(line []byte) (int, error) { return len(line), nil }

// BenchmarkHandle is what a task costs a worker beside its queue and its work: it is decoded, checked, guarded, reported, and the ship does nothing.
func BenchmarkHandle(b *testing.B) {
	type payload struct {
		starfleet.AccountRegionPayload
		Days int `json:"Days" jsonschema:"required,minimum=1"`
	}
	ship := starfleet.ShipFunc("Bench", func(context.Context, *starfleet.Invocation[payload]) error { return nil })
	handler, err := starfleet.NewHandler(ship, starfleet.WithLogger(slog.New(slog.NewJSONHandler(nowhere{}, nil))))
	if err != nil {
		b.Fatal(err)
	}
	body := fmt.Sprintf(`{"TemplateName":"bench","TemplateDescription":"What a task is like: of some hundred bytes, for one region of one account of many.",`+
		`"IncludeAccounts":{"AllAccounts":true},"IncludeRegions":["ALL"],"Days":30,"StarbaseAssignedRegion":"eu-west-1","StarbaseAssignedAccount":"%012d"}`, 1)
	message := queue.Message{ID: "m", Body: body, ReceiveCount: 1, Attributes: map[string]string{starfleet.AttributeRunID: "bench", starfleet.AttributeTaskID: "1"}}
	b.ReportAllocs()
	for b.Loop() {
		if err := handler.Handle(b.Context(), message); err != nil {
			b.Fatal(err)
		}
	}
}

package starfleet

import (
	"context"
	"testing"

	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/idempotency"
	"github.com/starfleet-go/starfleet/internal/shipcli"
)

type servicesPayload struct{ SinglePayload }

// TestCommandLineNeitherAlertsNorRemembers: a person who runs a task is there to see it, and may run it twice.
func TestCommandLineNeitherAlertsNorRemembers(t *testing.T) {
	t.Parallel()
	ship := ShipFunc("Ship", func(context.Context, *Invocation[servicesPayload]) error { return nil })
	options := []Option{
		WithEnvironment(func(string) (string, bool) { return "", false }),
		WithAlerter(alert.Discard{}), WithIdempotency(idempotency.NewMemory(nil)),
	}
	deployed, err := NewHandler(ship, options...)
	if err != nil || deployed.settings.alerter == nil || deployed.settings.once == nil {
		t.Errorf("deployed: %+v, error %v", deployed, err)
	}
	byHand, err := NewHandler(ship, append([]Option{forCommandLine(shipcli.RunRequest{}, &Result{})}, options...)...)
	if err != nil || byHand.settings.alerter != nil || byHand.settings.once != nil {
		t.Errorf("by hand: %+v, error %v", byHand, err)
	}
}

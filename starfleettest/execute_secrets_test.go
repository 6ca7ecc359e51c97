package starfleettest_test

import (
	"context"
	"testing"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/secret"
	"github.com/starfleet-go/starfleet/starfleettest"
)

type secretPayload struct{ starfleet.SinglePayload }

// TestExecuteWithSecrets: a ship under test reads the secret that the test gives it, and what it tells people is in the result.
func TestExecuteWithSecrets(t *testing.T) {
	t.Parallel()
	source, err := secret.Parse("fleet", []byte(`{"GitHubSyncWorker":{"org":"PEM"}}`))
	if err != nil {
		t.Fatal(err)
	}
	ship := starfleet.ShipFunc("Ship", func(ctx context.Context, inv *starfleet.Invocation[secretPayload]) error {
		var keys map[string]secret.Value
		if err := inv.Secret(ctx, "GitHubSyncWorker", &keys); err != nil {
			return err
		}
		inv.Alert(alert.Success, "Read", keys["org"].Reveal())
		return nil
	})
	result := starfleettest.Execute(t, ship, secretPayload{}, &starfleettest.ExecuteOptions{Secrets: source})
	if result.Err != nil || len(result.Alerts) != 1 || result.Alerts[0].Text != "PEM" {
		t.Errorf("%+v", result)
	}
}

package starfleet

import (
	"context"
	"log/slog"

	"github.com/starfleet-go/starfleet/aws/dryrun"
)

// WithDryRunOperations lets AWS operations pass in a dry run beside those that are known to read, such as "logs:StartLiveTail": the prefix of
// the service in IAM and the name of the operation in the SDK, without wildcards. The clients made of [Invocation.AWSConfig] refuse all others
// without commit, with a *dryrun.Error. An operation that changes something must not be among them. It does not widen the session
// policy of the credentials, which is DryRunPolicies in the ship's section of the configuration. See package aws/dryrun.
func WithDryRunOperations(operations ...string) Option {
	return func(s *settings) error {
		s.dryRunOperations = append(s.dryRunOperations, operations...)
		return nil
	}
}

// newDryRunGuard is what holds the ship's clients to reading. The log has every refusal, also one that the ship itself passes over.
func newDryRunGuard(h *Handler) (*dryrun.Guard, error) {
	return dryrun.New(dryrun.Config{
		Allow: h.settings.dryRunOperations,
		Refused: func(ctx context.Context, e *dryrun.Error) {
			h.logger.LogAttrs(ctx, slog.LevelWarn, "dry run refused an AWS operation", slog.String("service", e.Service), slog.String("operation", e.Operation))
		},
	})
}

package accountindex

import (
	"context"
	"errors"
)

// ErrNoVersion is returned (wrapped) by a [VersionedSource] that no longer has the version.
var ErrNoVersion = errors.New("the source has no such version of the account index (any more)")

// VersionedSource is a [Source] that can give the index of an earlier version, for work that began with it and goes on later.
type VersionedSource interface {
	Source
	// Version returns the index whose Version is version. One that is gone is ErrNoVersion.
	Version(ctx context.Context, version string) (*Index, error)
	// Keeps says whether Version can give the version even after it was replaced. Where it cannot, whoever needs it later keeps a copy.
	Keeps(version string) bool
}

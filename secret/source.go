package secret

import "context"

// Source has the fleet's secret. Implementations are safe for concurrent use, and no error of theirs holds a secret.
type Source interface {
	// Section decodes the section of that name into what target points to: a struct with json tags, or a map. Names match
	// case-sensitively; members that a struct does not have are passed over. Implementations may answer from a cache.
	//
	// It fails with ErrNotConfigured, a *DeniedError, a *MissingError or a *MalformedError where the reason is one of these, and leaves
	// target in an unspecified state then.
	Section(ctx context.Context, name string, target any) error

	// Invalidate says that a value was refused by whom it is for: the next Section reads the secret anew, unless it was read moments ago.
	// So a wrong secret does not become a flood of requests for it.
	Invalidate()
}

// None is the source of a program that has no secret: Section always fails with ErrNotConfigured.
type None struct{}

// Section fails with ErrNotConfigured.
func (None) Section(context.Context, string, any) error { return ErrNotConfigured }

// Invalidate does nothing.
func (None) Invalidate() {}

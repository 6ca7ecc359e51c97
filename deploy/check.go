package deploy

import "github.com/starfleet-go/starfleet/schema"

// Finding is what Check found.
type Finding struct {
	schema.Fault
	// Warning says that it can be deployed, but is likely not meant.
	Warning bool
}

func (f *Fleet) check() []Finding { return nil }

package loggroupretention

import (
	"errors"
	"fmt"
	"strings"

	"github.com/starfleet-go/starfleet"
)

// What happens to a log group that has another retention already.
const (
	Keep     = "keep"     // it is left as it is
	Lengthen = "lengthen" // it is changed when it keeps events for fewer days than the template asks for
	Replace  = "replace"  // it is changed, which deletes events when the template asks for fewer days
)

// Payload is what a template for the ship says, beside the accounts and regions.
type Payload struct {
	starfleet.AccountRegionPayload

	// RetentionInDays is how long log groups keep their events: one of the numbers of days that CloudWatch Logs takes.
	RetentionInDays int32 `json:"RetentionInDays" jsonschema:"required,enum=1,enum=3,enum=5,enum=7,enum=14,enum=30,enum=60,enum=90,enum=120,enum=150,enum=180,enum=365,enum=400,enum=545,enum=731,enum=1096,enum=1827,enum=2192,enum=2557,enum=2922,enum=3288,enum=3653" jsonschema_description:"For how many days log groups keep their events."`

	// ExistingRetention is what happens to a log group that has another retention already: Keep, Lengthen or Replace.
	// Default Keep.
	ExistingRetention string `json:"ExistingRetention,omitempty" jsonschema:"enum=keep,enum=lengthen,enum=replace,default=keep" jsonschema_description:"What happens to a log group that has another retention already: keep leaves it as it is, lengthen changes it when it keeps events for fewer days, replace changes it always (and lets CloudWatch Logs delete events when it gets shorter). Default keep."`

	// LogGroupNamePrefix narrows the work to the log groups whose names begin with it. Default: all.
	LogGroupNamePrefix string `json:"LogGroupNamePrefix,omitempty" jsonschema:"maxLength=512" jsonschema_description:"Only log groups whose names begin with this. Default all."`

	// ExcludeLogGroupNamePrefixes leaves out the log groups whose names begin with one of them. Case counts. Default: none.
	ExcludeLogGroupNamePrefixes []string `json:"ExcludeLogGroupNamePrefixes,omitempty" jsonschema_description:"No log groups whose names begin with one of these."`
}

// Validate refuses an exclusion that would leave no log group to work on.
func (p Payload) Validate() error {
	var errs []error
	for i, prefix := range p.ExcludeLogGroupNamePrefixes {
		switch {
		case prefix == "":
			errs = append(errs, fmt.Errorf("ExcludeLogGroupNamePrefixes[%d] is empty and would exclude every log group: remove it", i))
		case p.LogGroupNamePrefix != "" && strings.HasPrefix(p.LogGroupNamePrefix, prefix):
			errs = append(errs, fmt.Errorf("ExcludeLogGroupNamePrefixes[%d] %q excludes everything under LogGroupNamePrefix %q: remove one of them",
				i, prefix, p.LogGroupNamePrefix))
		}
	}
	return errors.Join(errs...)
}

// excludes says whether the template leaves a log group out by name.
func (p Payload) excludes(name string) bool {
	for _, prefix := range p.ExcludeLogGroupNamePrefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

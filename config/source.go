package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet/schema"
)

// Source is what makes the Starbase task a ship.
type Source string

// The sources.
const (
	// SourceS3 tasks the ship when one of its templates is created or changed.
	SourceS3 Source = "S3"
	// SourceSQS does nothing on its own: every ship takes its tasks from its queue anyway. It is accepted because
	// configurations of the Python Starfleet have it.
	SourceSQS Source = "SQS"
	// SourceTimer tasks the ship with all of its templates each time the timer of its Frequency fires.
	SourceTimer Source = "EVENTBRIDGE_TIMED_EVENT"
)

// sources are the values of InvocationSources.
var sources = []Source{SourceS3, SourceSQS, SourceTimer}

// source reads one item of InvocationSources.
func (r *reader) source(n *schema.Node) Source {
	if n.Kind == schema.String && n.Text() == "SNS" {
		r.fault(n, "SNS is no source: the Starbase takes S3 events that SNS delivers to its queue", "write S3")
		return ""
	}
	return oneOf(r, sources)(n)
}

// Frequency is the name of a timer, as timed events carry it.
type Frequency string

// The frequencies, each with the schedule that its timer is deployed with.
const (
	FiveMinutes    Frequency = "FIVE_MIN"      // every 5 minutes
	FifteenMinutes Frequency = "FIFTEEN_MIN"   // every 15 minutes
	ThirtyMinutes  Frequency = "THIRTY_MIN"    // every 30 minutes
	Hourly         Frequency = "HOURLY"        // every hour
	SixHourly      Frequency = "SIX_HOURLY"    // every 6 hours
	TwelveHourly   Frequency = "TWELVE_HOURLY" // every 12 hours
	Daily          Frequency = "DAILY"         // every 24 hours
)

// frequencies are all of them, the shortest interval first.
var frequencies = []Frequency{FiveMinutes, FifteenMinutes, ThirtyMinutes, Hourly, SixHourly, TwelveHourly, Daily}

// Frequencies are all frequencies, the shortest interval first. The result is the caller's own.
func Frequencies() []Frequency { return slices.Clone(frequencies) }

// ParseFrequency is the frequency of that name, in which case counts. The error names all frequencies.
func ParseFrequency(name string) (Frequency, error) {
	if f := Frequency(name); slices.Contains(frequencies, f) {
		return f, nil
	}
	names := make([]string, len(frequencies))
	for i, f := range frequencies {
		names[i] = string(f)
	}
	return "", fmt.Errorf("%q is no frequency: use one of %s", name, strings.Join(names, ", "))
}

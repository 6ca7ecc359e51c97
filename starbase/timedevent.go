package starbase

import (
	"fmt"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/config"
)

// TimedEvent is what a timer sends: {"name": "HOURLY"}.
type TimedEvent struct {
	// Name is the frequency of the timer.
	Name config.Frequency `json:"name"`
	// ScheduledTime is when the timer was due, RFC 3339, where the schedule gives it. It makes the ids of the runs repeatable:
	// the same tick delivered twice gives the same run and task ids.
	ScheduledTime string `json:"scheduled_time,omitempty"`
}

// check says what is wrong with the event, as an *EventError, and when it was due, zero when it does not say.
func (e TimedEvent) check() (time.Time, error) {
	if e.Name == "" {
		return time.Time{}, &EventError{Problem: fmt.Sprintf("a timed event needs a name: one of %s", frequencyNames())}
	}
	if _, err := config.ParseFrequency(string(e.Name)); err != nil {
		return time.Time{}, &EventError{Problem: fmt.Sprintf("name %.60q of the timed event is none of %s", e.Name, frequencyNames())}
	}
	if e.ScheduledTime == "" {
		return time.Time{}, nil
	}
	due, err := time.Parse(time.RFC3339, e.ScheduledTime)
	if err != nil {
		return time.Time{}, &EventError{Problem: fmt.Sprintf("scheduled_time %.60q of the timed event is no RFC 3339 time", e.ScheduledTime)}
	}
	return due.UTC(), nil
}

func frequencyNames() string {
	var names []string
	for _, f := range config.Frequencies() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

// parseTimed reads a timed event. The error is an *EventError. Other keys are left alone: schedules may carry them.
func parseTimed(object fields) (*TimedEvent, error) {
	name, err := timedText(object, "name")
	if err != nil {
		return nil, err
	}
	due, err := timedText(object, "scheduled_time")
	if err != nil {
		return nil, err
	}
	e := TimedEvent{Name: config.Frequency(name), ScheduledTime: due}
	if _, err := e.check(); err != nil {
		return nil, err
	}
	return &e, nil
}

// timedText is a string of a timed event, "" when the key is missing.
func timedText(object fields, name string) (string, error) {
	if object.has(name) && object[name].Kind() != '"' {
		return "", &EventError{Problem: name + " of the timed event is no string"}
	}
	return object.text(name), nil
}

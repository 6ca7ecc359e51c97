package starbase

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// fanOutMessage is the body of a message of the fan-out queue that names one template. It has exactly these keys, so that
// a Python Starbase reads it as well.
type fanOutMessage struct {
	WorkerShip     string `json:"worker_ship"`
	TemplatePrefix string `json:"template_prefix"`
}

// event is what the body of a message of the fan-out queue was found to be: one of these.
type event struct {
	fanOut *fanOutMessage
	timed  *TimedEvent
	s3     *s3Event
	more   *continuation
}

// fields are the members of a JSON object. Names are compared as they are, and none is there twice.
type fields map[string]jsontext.Value

// parseObject reads a JSON object. what names it in errors.
func parseObject(what string, data []byte) (fields, error) {
	var object fields
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, &EventError{Problem: what + " is not a JSON object", Err: err}
	}
	if object == nil {
		return nil, &EventError{Problem: what + " is not a JSON object: it is null"}
	}
	return object, nil
}

// has says whether the object has any of the names.
func (f fields) has(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { _, ok := f[name]; return ok })
}

// text is the value of a name when it is a string, "" otherwise.
func (f fields) text(name string) string {
	var text string
	if value := f[name]; value.Kind() != '"' || json.Unmarshal(value, &text) != nil {
		return ""
	}
	return text
}

// names lists the names of the object for an error: what a body holds is not to be shown, what its keys are is what helps.
func (f fields) names() string {
	const most = 10
	names := slices.Sorted(maps.Keys(f))
	list := make([]string, 0, most)
	for _, name := range names[:min(len(names), most)] {
		list = append(list, fmt.Sprintf("%.40q", name))
	}
	if len(names) > most {
		list = append(list, fmt.Sprintf("and %d more", len(names)-most))
	}
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// parseBody tells the messages of the fan-out queue apart. The error is an *EventError.
func parseBody(body string) (event, error) {
	object, err := parseObject("the message", []byte(body))
	if err != nil {
		return event{}, err
	}
	switch {
	case object.has("worker_ship", "template_prefix"):
		m, err := parseFanOut(object)
		return event{fanOut: m}, err
	case object.has(continuationKey):
		c, err := parseContinuation([]byte(body))
		return event{more: c}, err
	case isNotification(object):
		e, err := parseNotification(object)
		return event{s3: e}, err
	case isS3(object):
		e, err := parseS3(object)
		return event{s3: e}, err
	case object.has("name"):
		e, err := parseTimed(object)
		return event{timed: e}, err
	}
	return event{}, unknownShape("the message", object)
}

func unknownShape(what string, object fields) error {
	return &EventError{Problem: fmt.Sprintf("%s is no fan-out message, no timed event and no S3 event (its keys: %s)", what, object.names())}
}

func parseFanOut(object fields) (*fanOutMessage, error) {
	if len(object) != 2 || !object.has("worker_ship") || !object.has("template_prefix") {
		return nil, &EventError{Problem: "a fan-out message has exactly the keys worker_ship and template_prefix; this one has " + object.names()}
	}
	m := &fanOutMessage{WorkerShip: object.text("worker_ship"), TemplatePrefix: object.text("template_prefix")}
	if m.WorkerShip == "" || m.TemplatePrefix == "" {
		return nil, &EventError{Problem: "worker_ship and template_prefix of a fan-out message must be strings, and not empty"}
	}
	return m, nil
}

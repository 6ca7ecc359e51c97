package command

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch"
)

// The variables that a message sets. All other names are out of its reach.
const (
	variableSubject  = "Subject"
	variableMessage  = "Message"
	variableID       = "MessageId"
	variableSent     = "SentTimestamp"
	variableFirst    = "ApproximateFirstReceiveTimestamp"
	variableReceives = "ApproximateReceiveCount"
	variableAccount  = "STARFLEET_ACCOUNT_ID"
	variableRegion   = "STARFLEET_REGION"
	variableShip     = "STARFLEET_SHIP"
	variableRun      = "STARFLEET_RUN_ID"
	variableCommit   = "STARFLEET_COMMIT"
	variableFile     = "STARFLEET_MESSAGE_FILE"
)

// Variables are the names of the variables that a message sets, which no program inherits.
var Variables = []string{
	variableSubject, variableMessage, variableID, variableSent, variableFirst, variableReceives,
	variableAccount, variableRegion, variableShip, variableRun, variableCommit, variableFile,
}

// maxVariable is how long a variable may be, with its name and the byte that ends it: 32 pages on Linux (MAX_ARG_STRLEN). Others allow more,
// or count all of them together, which is found out when the program is started.
const maxVariable = 128 << 10

// text is what a message says.
type text struct {
	subject, message string
	subjected        bool
}

// parse takes the message out of its body.
func parse(m queue.Message) (text, error) {
	for _, field := range []struct {
		name   string
		absent bool
	}{{"message id", m.ID == ""}, {"body", m.Body == ""}, {"time at which it was sent", m.SentAt.IsZero()}, {"time of its first delivery", m.FirstReceived.IsZero()}} {
		if field.absent {
			return text{}, &watch.MalformedError{Missing: field.name}
		}
	}
	whole := text{message: m.Body}
	if !strings.HasPrefix(strings.TrimLeft(m.Body, " \t\r\n"), "{") {
		return whole, nil
	}
	var body struct {
		Subject  jsontext.Value `json:"Subject"`
		Message  jsontext.Value `json:"Message"`
		Type     jsontext.Value `json:"Type"`
		TopicARN jsontext.Value `json:"TopicArn"`
	}
	if err := json.Unmarshal([]byte(m.Body), &body); err != nil || body.Message == nil {
		return whole, nil //nolint:nilerr // what is no JSON object is a message as it is
	}
	subject, named := stringOf(body.Subject)
	kind, _ := stringOf(body.Type)
	_, topic := stringOf(body.TopicARN)
	named = named && subject != ""
	if !named && (kind != "Notification" || !topic) {
		return whole, nil
	}
	message, plain := stringOf(body.Message)
	if !plain {
		message = string(bytes.TrimSpace(body.Message))
	}
	return text{subject: subject, message: message, subjected: named}, nil
}

// stringOf is a JSON string, and whether the value is one.
func stringOf(v jsontext.Value) (string, bool) {
	if v.Kind() != '"' {
		return "", false
	}
	var s string
	if err := json.Unmarshal(v, &s); err != nil {
		return "", false
	}
	return s, true
}

// fits says whether the message can be a variable.
func (t text) fits() bool { return fits(variableMessage, t.message) }

func fits(name, value string) bool {
	return len(name)+len(value)+2 <= maxVariable && strings.IndexByte(value, 0) < 0
}

// variables are the message as variables.
func (t text) variables() []string { return []string{variableMessage + "=" + t.message} }

// environ is all that a message sets but the message itself. A value that no variable can hold is left out.
func (t text) environ(m queue.Message, task Task) []string {
	var env []string
	set := func(name, value string, wanted bool) {
		if wanted && fits(name, value) {
			env = append(env, name+"="+value)
		}
	}
	set(variableSubject, t.subject, t.subjected)
	set(variableID, m.ID, true)
	set(variableSent, timestamp(m.SentAt), true)
	set(variableFirst, timestamp(m.FirstReceived), true)
	set(variableReceives, strconv.Itoa(m.ReceiveCount), true)
	set(variableAccount, task.AccountID, task.AccountID != "")
	set(variableRegion, task.Region, task.Region != "")
	set(variableShip, task.Ship, task.Ship != "")
	set(variableRun, task.RunID, task.RunID != "")
	set(variableCommit, strconv.FormatBool(task.Commit), true)
	return env
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

package deadletter

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

// Names of the attributes of a task, as package starfleet writes them.
const (
	attributeRunID    = "starfleet-run-id"
	attributeTaskID   = "starfleet-task-id"
	attributeNotAfter = "starfleet-not-after"
)

// UnknownClass is the class of a letter that says none: SQS moved it when it had been received too often, or somebody else sent it.
const UnknownClass = "unknown"

// Letter is a dead letter as it can be read. What it does not say is empty.
type Letter struct {
	// Message is the letter itself, as it was received.
	Message queue.Message
	// Class and Cause are why it died: the kind of error, or UnknownClass, and the error's text.
	Class, Cause string
	// SourceARN is the queue that it died on, and SourceMessageID its id there.
	SourceARN, SourceMessageID string
	// Ship is whose it was: the name of the queue that it died on, where nobody knows better.
	Ship string
	// AccountID and Region are the task's target.
	AccountID, Region string
	// RunID and TaskID are the task's own.
	RunID, TaskID string
	// NotAfter is when the task expires, as it says, in RFC 3339. Workers refuse it afterwards.
	NotAfter string
}

// Read reads a letter. It never fails: what cannot be read is left empty.
func Read(m queue.Message) Letter {
	l := Letter{
		Message: m,
		Class:   m.Attributes[queue.AttributeErrorClass], Cause: m.Attributes[queue.AttributeErrorMessage],
		SourceARN: m.Attributes[queue.AttributeSourceARN], SourceMessageID: m.Attributes[queue.AttributeSourceMessageID],
		RunID: m.Attributes[attributeRunID], TaskID: m.Attributes[attributeTaskID], NotAfter: m.Attributes[attributeNotAfter],
	}
	if l.Class == "" {
		l.Class = UnknownClass
	}
	l.Ship = l.SourceARN[strings.LastIndexByte(l.SourceARN, ':')+1:]
	var target struct {
		Account string `json:"StarbaseAssignedAccount"`
		Region  string `json:"StarbaseAssignedRegion"`
	}
	if json.Unmarshal([]byte(m.Body), &target) == nil {
		l.AccountID, l.Region = target.Account, target.Region
	}
	return l
}

// Expired says whether workers would refuse the task now: its time is over, or cannot be read.
func (l Letter) Expired(now time.Time) bool {
	if l.NotAfter == "" {
		return false
	}
	until, err := time.Parse(time.RFC3339, l.NotAfter)
	return err != nil || now.After(until)
}

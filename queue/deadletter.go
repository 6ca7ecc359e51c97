package queue

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Names of the attributes that a dead letter carries besides those of its message.
const (
	AttributeErrorClass      = "starfleet-error-class"
	AttributeErrorMessage    = "starfleet-error-message"
	AttributeSourceARN       = "starfleet-source-arn"
	AttributeSourceMessageID = "starfleet-source-message-id" // a copy made by Resend has it, too
)

const (
	maxCauseMessage = 1 << 10 // bytes of an error's text on a dead letter
	maxCauseClass   = 256
)

// Cause is why a message was dead-lettered. It travels on the dead letter as attributes.
type Cause struct {
	// Class is the kind of error, the name of its type.
	Class string
	// Message is the error's text. At most 1 KiB of it travels.
	Message string
}

// NewDeadLetter is the message to send to the dead-letter queue of the limits l for m: its body and attributes, and the cause,
// source queue and message id as attributes, which replace those of an earlier death. Where a message may not have more than 10
// attributes or l.MessageBytes bytes, it keeps its own and loses of the cause what does not fit, the class last: a dead letter
// without a cause is better than none. On a FIFO queue it keeps its group, and its id is the deduplication id.
func NewDeadLetter(m Message, c Cause, l Limits) Outgoing {
	l = l.withDefaults()
	out := Outgoing{ID: "0", Body: []byte(m.Body)}
	if l.FIFO {
		out.GroupID = groupID(m.GroupID)
		if out.GroupID == "" {
			out.GroupID = groupID(m.ID)
		}
		out.DeduplicationID = groupID(m.ID)
	}
	cause := []Attribute{
		{AttributeErrorClass, causeText(c.Class, maxCauseClass)},
		{AttributeSourceMessageID, causeText(m.ID, maxCauseClass)},
		{AttributeSourceARN, causeText(m.SourceARN, maxCauseMessage)},
		{AttributeErrorMessage, causeText(c.Message, maxCauseMessage)},
	}
	for _, name := range slices.Sorted(maps.Keys(m.Attributes)) {
		if !slices.ContainsFunc(cause, func(a Attribute) bool { return a.Name == name }) {
			out.Attributes = append(out.Attributes, Attribute{name, m.Attributes[name]})
		}
	}
	size := out.Size()
	for _, a := range cause {
		size += len(a.Name) + len(attributeType)
		a.Value = cutText(a.Value, l.MessageBytes-size)
		size += len(a.Value)
		if a.Value == "" || len(out.Attributes) == MaxAttributes {
			size -= len(a.Name) + len(attributeType) + len(a.Value)
			continue
		}
		out.Attributes = append(out.Attributes, a)
	}
	return out
}

// NewCopy is the message to send to the queue of the limits l in place of m, from the same queue: its body, its attributes, and its id as
// AttributeSourceMessageID, where it has none yet (a copy of a copy names the first) and has room for one. On a FIFO queue it keeps its
// group, goes to the end of it and has no delay.
func NewCopy(m Message, delay time.Duration, l Limits) Outgoing {
	l = l.withDefaults()
	out := Outgoing{ID: "0", Body: []byte(m.Body), GroupID: groupID(m.GroupID), Delay: min(max(delay, 0), MaxDelay)}
	if l.FIFO {
		out.Delay = 0
		if out.GroupID == "" {
			out.GroupID = groupID(m.ID)
		}
		out.DeduplicationID = groupID(m.ID)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Attributes)) {
		out.Attributes = append(out.Attributes, Attribute{name, m.Attributes[name]})
	}
	source := Attribute{AttributeSourceMessageID, causeText(m.ID, maxCauseClass)}
	if _, has := m.Attributes[source.Name]; has || source.Value == "" || len(out.Attributes) == MaxAttributes {
		return out
	}
	if out.Size()+AttributesSize([]Attribute{source}) <= l.MessageBytes {
		out.Attributes = append(out.Attributes, source)
	}
	return out
}

// causeText makes s fit for an attribute: what SQS does not take becomes U+FFFD, and at most limit bytes stay.
func causeText(s string, limit int) string {
	clean := strings.Map(func(r rune) rune {
		if !allowedRune(r) {
			return utf8.RuneError
		}
		return r
	}, s)
	return cutText(clean, limit)
}

// cutText keeps at most limit bytes of s and cuts no character in two.
func cutText(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	limit = max(limit, 0)
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

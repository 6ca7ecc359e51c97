package queue

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error codes of Amazon SQS, as entries of a batch carry them.
const (
	codeInvalidContents  = "InvalidMessageContents"
	codeInvalidParameter = "InvalidParameterValue"
	codeMissingParameter = "MissingParameter"
)

// allowedRune says whether SQS takes the character: those of XML 1.0.
func allowedRune(r rune) bool {
	switch {
	case r == '\t', r == '\n', r == '\r':
		return true
	case r < 0x20:
		return false
	}
	return r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}

// badCharacter returns the byte offset of the first character that SQS refuses, -1 when there is none.
func badCharacter(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, width := utf8.DecodeRuneInString(s[i:]); width == 1 {
				return i
			}
		}
		if !allowedRune(r) {
			return i
		}
	}
	return -1
}

func letterOrDigit(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// validEntryID: 1 to 80 letters, digits, - and _.
func validEntryID(id string) bool {
	if id == "" || len(id) > 80 {
		return false
	}
	for i := range len(id) {
		if c := id[i]; !letterOrDigit(c) && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// validGroupID: 1 to 128 printable ASCII characters without space. The same holds for deduplication ids.
func validGroupID(id string) bool {
	if id == "" || len(id) > 128 {
		return false
	}
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return false
		}
	}
	return true
}

// groupID is id where it can be a message group or deduplication id, and the SHA-256 of it in hex where it cannot.
func groupID(id string) string {
	if id == "" || validGroupID(id) {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// attributeFault says what is wrong with the attributes of a message, "" when nothing is.
func attributeFault(attributes []Attribute) string {
	if len(attributes) > MaxAttributes {
		return fmt.Sprintf("%d attributes: at most %d are allowed", len(attributes), MaxAttributes)
	}
	for i, a := range attributes {
		if fault := attributeNameFault(a.Name); fault != "" {
			return fault
		}
		if a.Value == "" {
			return fmt.Sprintf("attribute %s: the value is empty", a.Name)
		}
		if at := badCharacter(a.Value); at >= 0 {
			return fmt.Sprintf("attribute %s: byte %d of the value is no character that SQS takes", a.Name, at)
		}
		for _, other := range attributes[:i] {
			if other.Name == a.Name {
				return fmt.Sprintf("attribute %s: given twice", a.Name)
			}
		}
	}
	return ""
}

func attributeNameFault(name string) string {
	switch lower := strings.ToLower(name); {
	case name == "" || len(name) > 256:
		return fmt.Sprintf("attribute name %q: 1 to 256 characters are allowed", name)
	case name[0] == '.' || name[len(name)-1] == '.' || strings.Contains(name, ".."):
		return fmt.Sprintf("attribute name %q: a period may not stand first, last or twice in a row", name)
	case strings.HasPrefix(lower, "aws.") || strings.HasPrefix(lower, "amazon."):
		return fmt.Sprintf("attribute name %q: the prefixes AWS. and Amazon. are reserved", name)
	}
	for i := range len(name) {
		if c := name[i]; !letterOrDigit(c) && c != '-' && c != '_' && c != '.' {
			return fmt.Sprintf("attribute name %q: only letters, digits, -, _ and . are allowed", name)
		}
	}
	return ""
}

// entryFault says why SQS would not take the entry, with its code; "" when it would.
func entryFault(o Outgoing, fifo bool) (code, message string) {
	if len(o.Body) == 0 {
		return codeMissingParameter, "the body is empty"
	}
	if at := badCharacter(string(o.Body)); at >= 0 {
		return codeInvalidContents, fmt.Sprintf("byte %d of the body is no character that SQS takes", at)
	}
	if fault := attributeFault(o.Attributes); fault != "" {
		return codeInvalidParameter, fault
	}
	if o.Delay < 0 || o.Delay > MaxDelay {
		return codeInvalidParameter, fmt.Sprintf("a delay of %v: 0 to %v are allowed", o.Delay, MaxDelay)
	}
	if o.GroupID != "" && !validGroupID(o.GroupID) {
		return codeInvalidParameter, "the group id is not of 1 to 128 letters, digits and punctuation"
	}
	return queueTypeFault(o, fifo)
}

// queueTypeFault says what a FIFO queue needs and a standard queue does not take.
func queueTypeFault(o Outgoing, fifo bool) (code, message string) {
	switch {
	case !fifo && o.DeduplicationID != "":
		return codeInvalidParameter, "a deduplication id is for FIFO queues only"
	case !fifo:
		return "", ""
	case o.GroupID == "":
		return codeMissingParameter, "a FIFO queue needs a group id"
	case !validGroupID(o.DeduplicationID):
		return codeInvalidParameter, "a FIFO queue needs a deduplication id of 1 to 128 letters, digits and punctuation"
	case o.Delay != 0:
		return codeInvalidParameter, "a FIFO queue takes no delay for a single message"
	}
	return "", ""
}

// batchFault is the error that SQS answers for the batch as a whole, nil when it would look at the entries.
func batchFault(batch []Outgoing, l Limits) error {
	if len(batch) == 0 {
		return fmt.Errorf("queue: %w: it has no entry", ErrRefused)
	}
	if len(batch) > l.BatchEntries {
		return fmt.Errorf("queue: %w: %d entries, at most %d are allowed", ErrRefused, len(batch), l.BatchEntries)
	}
	size := 0
	for i, o := range batch {
		if !validEntryID(o.ID) {
			return fmt.Errorf("queue: %w: entry id %q is not of 1 to 80 letters, digits, - and _", ErrRefused, o.ID)
		}
		for _, other := range batch[:i] {
			if other.ID == o.ID {
				return fmt.Errorf("queue: %w: entry id %q is given twice", ErrRefused, o.ID)
			}
		}
		size += o.Size()
	}
	if size > l.MessageBytes {
		return fmt.Errorf("queue: %w: %d bytes, at most %d are allowed", ErrTooLong, size, l.MessageBytes)
	}
	return nil
}

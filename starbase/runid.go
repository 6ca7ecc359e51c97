package starbase

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"regexp"
	"strings"
	"time"
)

// Run ids name a run for people and are the same whenever the same trigger is delivered again. They are made of letters,
// digits, - and _ and have at most 128 characters, so that each can be a MessageGroupId.

// runIDs is the form of every run id.
var runIDs = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// IsRunID says whether a text can be the id of a run: 1 to 128 letters, digits, - and _, so that it can be a MessageGroupId.
func IsRunID(text string) bool { return runIDs.MatchString(text) }

// messageIDs is the form of a message id that can stand in a run id as it is. Those of SQS are UUIDs.
var messageIDs = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// notInRunID are runs of characters that a run id cannot have.
var notInRunID = regexp.MustCompile(`[^A-Za-z0-9_]+`)

// changeRunID is the id of the run of one ship for one change of a template: that of bucket, key and version, of the sequencer
// where the bucket keeps no versions, and of the message where there is neither.
func changeRunID(c change, ship, messageID string) string {
	kind, which := "version", c.versionID
	if which == "" || which == "null" { // "null" is every version that was written while versioning was off
		kind, which = "sequencer", c.sequencer
	}
	if which == "" {
		kind, which = "message", messageID
	}
	return "S3-" + readable(c.key) + "-" + digest(c.bucket, c.key, kind, which, ship)
}

// tick is what the ids of all runs of one timed event begin with; "" when nothing makes them repeatable. messageID is that of the
// message that brought the event, "" when it came by direct invocation.
func tick(e TimedEvent, due time.Time, messageID string) string {
	switch {
	case !due.IsZero():
		return string(e.Name) + "-" + due.Format("20060102T150405Z")
	case messageID != "":
		return string(e.Name) + "-" + inRunID(messageID)
	default:
		return ""
	}
}

// tickRunID is the id of the run of one ship and template at a tick. The bucket keeps the runs of two fleets apart that share a state bucket.
func tickRunID(tick, bucket, ship, key string) string {
	if tick == "" {
		return ""
	}
	return tick + "-" + digest(bucket, ship, key)
}

// inRunID is a message id in the form of a run id.
func inRunID(messageID string) string {
	if messageIDs.MatchString(messageID) {
		return messageID
	}
	return digest(messageID)
}

// readable is the part of a run id by which a person knows the template: its name without folder and ending.
func readable(key string) string {
	const longest = 48
	name := strings.TrimSuffix(path.Base(key), path.Ext(key))
	name = strings.Trim(notInRunID.ReplaceAllString(name, "-"), "-")
	if name == "" {
		return "template"
	}
	return strings.TrimRight(name[:min(len(name), longest)], "-")
}

// digest is 80 bits of a hash over the parts, in 20 hex digits. The length before each part keeps ("ab", "c") and ("a", "bc") apart.
func digest(parts ...string) string {
	hash := sha256.New()
	for _, part := range parts {
		n := len(part)
		hash.Write([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
		hash.Write([]byte(part))
	}
	return hex.EncodeToString(hash.Sum(nil)[:10])
}

package starbase

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// s3Event is what one message says of objects of S3.
type s3Event struct {
	changes []change
	faults  []error // records that are S3's and cannot be read
	strays  []error // records that say nothing of S3 at all
	test    bool    // the message by which S3 tries a new notification out
}

// change is what happened to one object.
type change struct {
	what      effect
	name      string // of the event, as S3 gave it
	bucket    string
	key       string
	version   string // what is to be fetched: the version id, or the ETag where there is none
	versionID string // "" where the bucket is not versioned
	sequencer string
}

// effect is what an event means for a template.
type effect uint8

const (
	written effect = iota // the object is new, or has new content
	deleted
	untouched // the object's content is as it was
)

// untouchedEvents are the families of S3's events that leave the content of an object as it was.
var untouchedEvents = []string{"ObjectTagging", "ObjectAcl", "ObjectRestore", "Replication", "LifecycleTransition",
	"IntelligentTiering", "ReducedRedundancyLostObject"}

// untouchedDetails are the same for the events of EventBridge.
var untouchedDetails = []string{"Object Tags Added", "Object Tags Deleted", "Object ACL Updated", "Object Restore Initiated",
	"Object Restore Completed", "Object Restore Expired", "Object Storage Class Changed", "Object Access Tier Changed"}

// isNotification says whether the object is the envelope in which SNS delivers to a queue.
func isNotification(object fields) bool {
	return object.has("Type") && object.has("Message", "TopicArn")
}

// isS3 says whether the object is one of the forms in which S3 and EventBridge tell of objects.
func isS3(object fields) bool {
	return object.has("Records", "detail-type") || object.text("Event") == "s3:TestEvent"
}

// parseNotification reads what SNS delivers. Only S3's events come that way.
func parseNotification(envelope fields) (*s3Event, error) {
	if kind := envelope.text("Type"); kind != "Notification" {
		return nil, &EventError{Problem: fmt.Sprintf("a message of SNS has the Type Notification, not %.40q", kind)}
	}
	object, err := parseObject("the Message in the envelope of SNS", []byte(envelope.text("Message")))
	if err != nil {
		return nil, err
	}
	if !isS3(object) {
		return nil, &EventError{Problem: "the Message in the envelope of SNS is no S3 event (its keys: " + object.names() + ")"}
	}
	return parseS3(object)
}

func parseS3(object fields) (*s3Event, error) {
	switch {
	case object.has("Records"):
		return parseRecords(object["Records"])
	case object.has("detail-type"):
		return parseEventBridge(object)
	default:
		return &s3Event{test: true}, nil
	}
}

// parseRecords reads a notification of S3. A record that cannot be read is no other record's fault.
func parseRecords(value jsontext.Value) (*s3Event, error) {
	var records []jsontext.Value
	if err := json.Unmarshal(value, &records); err != nil {
		return nil, &EventError{Problem: "Records is no list", Err: err}
	}
	e := &s3Event{}
	for i, raw := range records {
		what := fmt.Sprintf("Records[%d]", i)
		record, err := parseObject(what, raw)
		switch {
		case err != nil:
			e.strays = append(e.strays, err)
		case !record.has("s3"):
			e.strays = append(e.strays, &EventError{Problem: what + " is no record of S3 (its keys: " + record.names() + ")"})
		default:
			c, err := parseRecord(what, raw)
			if err != nil {
				e.faults = append(e.faults, err)
				continue
			}
			e.changes = append(e.changes, c)
		}
	}
	if len(e.changes) == 0 && len(e.faults) == 0 {
		return nil, noRecord(e.strays)
	}
	return e, nil
}

// noRecord is the error of a notification without a single record of S3.
func noRecord(strays []error) error {
	if len(strays) == 0 {
		return &EventError{Problem: "Records is empty"}
	}
	return failures(strays).err()
}

func parseRecord(what string, raw jsontext.Value) (change, error) {
	var record struct {
		EventName string `json:"eventName"`
		S3        struct {
			Bucket struct {
				Name string `json:"name"`
			} `json:"bucket"`
			Object struct {
				Key       string `json:"key"`
				VersionID string `json:"versionId"`
				ETag      string `json:"eTag"`
				Sequencer string `json:"sequencer"`
			} `json:"object"`
		} `json:"s3"`
	}
	if err := json.Unmarshal(raw, &record); err != nil {
		return change{}, &EventError{Problem: what + " is no record of S3", Err: err}
	}
	bucket, object := record.S3.Bucket, record.S3.Object
	key, err := url.QueryUnescape(object.Key)
	switch {
	case err != nil:
		return change{}, &EventError{Problem: what + ".s3.object.key is not URL-encoded as S3 does it", Err: err}
	case bucket.Name == "" || key == "":
		return change{}, &EventError{Problem: what + ".s3 has no bucket.name or no object.key"}
	}
	meaning, ok := effectOf(record.EventName)
	if !ok {
		return change{}, &EventError{Problem: fmt.Sprintf("%s.eventName %.60q is no event of S3 that is known", what, record.EventName)}
	}
	return change{
		what: meaning, name: record.EventName,
		bucket: bucket.Name, key: key, versionID: object.VersionID, version: versionOf(object.VersionID, object.ETag), sequencer: object.Sequencer,
	}, nil
}

// versionOf is the version that an event names: the ETag where the bucket keeps no versions, or kept none when the object was written.
func versionOf(versionID, etag string) string {
	if versionID == "" || versionID == "null" {
		return etag
	}
	return versionID
}

// effectOf is what an event of S3 means. An event without a name counts as a write, as it does for a Python Starbase:
// whether the template is there is looked up anyway.
func effectOf(eventName string) (effect, bool) {
	family, _, _ := strings.Cut(strings.TrimPrefix(eventName, "s3:"), ":")
	switch {
	case family == "ObjectCreated", family == "":
		return written, true
	case family == "ObjectRemoved", family == "LifecycleExpiration":
		return deleted, true
	default:
		return untouched, slices.Contains(untouchedEvents, family)
	}
}

// parseEventBridge reads an event of S3 as EventBridge delivers it. Keys are not URL-encoded there.
func parseEventBridge(object fields) (*s3Event, error) {
	kind, source := object.text("detail-type"), object.text("source")
	if source != "aws.s3" {
		return nil, &EventError{Problem: fmt.Sprintf("an event of EventBridge from %.60q (%.60q) is none of S3", source, kind)}
	}
	c := change{name: kind}
	switch {
	case kind == "Object Created":
		c.what = written
	case kind == "Object Deleted":
		c.what = deleted
	case slices.Contains(untouchedDetails, kind):
		c.what = untouched
	default:
		return nil, &EventError{Problem: fmt.Sprintf("detail-type %.60q is no event of S3 that is known", kind)}
	}
	var detail struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key       string `json:"key"`
			VersionID string `json:"version-id"`
			ETag      string `json:"etag"`
			Sequencer string `json:"sequencer"`
		} `json:"object"`
	}
	if err := json.Unmarshal(object["detail"], &detail); err != nil {
		return nil, &EventError{Problem: "detail of the event of EventBridge is none of S3", Err: err}
	}
	of := detail.Object
	c.bucket, c.key, c.versionID, c.sequencer = detail.Bucket.Name, of.Key, of.VersionID, of.Sequencer
	c.version = versionOf(of.VersionID, of.ETag)
	if c.bucket == "" || c.key == "" {
		return nil, &EventError{Problem: "detail of the event of EventBridge has no bucket.name or no object.key"}
	}
	return &s3Event{changes: []change{c}}, nil
}

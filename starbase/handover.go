package starbase

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/state"
)

// hopKey is where it is recorded how the run went on after the hop before: with a message, or not at all because it was over.
func hopKey(runID string, hop int) string { return fmt.Sprintf("runs/%s/%02d", runID, hop) }

// successor is such a record. One of the two is set.
type successor struct {
	Message *continuation `json:"message,omitempty"`
	Over    *overRecord   `json:"over,omitempty"`
}

// overRecord says that every task of the run was sent.
type overRecord struct {
	At   time.Time `json:"at"`
	Sent int       `json:"sent"`
}

// continues says whether a run can go on in a later invocation.
func (s *Starbase) continues() bool {
	return s.cfg.State != nil && s.cfg.Configuration.Fleet.ContinuationQueueURL != ""
}

// successor is what was recorded of how the run went on after this hop, nil when nothing was.
func (s *Starbase) successor(ctx context.Context, t trigger) (*successor, error) {
	if s.cfg.State == nil {
		return nil, nil
	}
	entry, err := s.cfg.State.Get(ctx, hopKey(t.runID, t.hop+1))
	if errors.Is(err, state.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up how the run went on: %w", err)
	}
	return parseSuccessor(entry)
}

func parseSuccessor(entry state.Entry) (*successor, error) {
	var record successor
	err := json.Unmarshal(entry.Data, &record, json.RejectUnknownMembers(true))
	if err == nil && (record.Message == nil) == (record.Over == nil) {
		err = errors.New("it says neither that the run went on nor that it was over")
	}
	if err != nil {
		return nil, fmt.Errorf("entry %s of the state store is at fault: %w", entry.Key, err)
	}
	return &record, nil
}

// repeat ends a hop that was done before, whose message was delivered again: where it handed over, the message may never have been sent, so it
// is sent, once more perhaps. It returns what is to be reported.
func (s *Starbase) repeat(ctx context.Context, record *successor) (string, error) {
	if record.Over != nil {
		return fmt.Sprintf("the run was over at %s: all of its %d tasks were sent", record.Over.At.UTC().Format(time.RFC3339), record.Over.Sent), nil
	}
	if err := s.sendContinuation(ctx, record.Message); err != nil {
		return "", err
	}
	return fmt.Sprintf("this part of the run was done before: its continuation, hop %d, was sent again", record.Message.Hop), nil
}

// handOver lets the run go on in the next invocation: first it is recorded, so that whoever does this hop again does not do it again,
// then the message is sent. The caller acknowledges the message of this hop last.
func (s *Starbase) handOver(ctx context.Context, t trigger, next *continuation, plan *Plan) error {
	if err := s.keepSnapshots(ctx, t, plan); err != nil {
		return err
	}
	record := &successor{Message: next}
	data, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("record hop %d: %w", next.Hop, err)
	}
	key := hopKey(t.runID, next.Hop)
	_, err = s.cfg.State.Create(ctx, key, data)
	if errors.Is(err, state.ErrExists) { // by another delivery of this message, or by this call, whose answer was lost
		entry, err := s.cfg.State.Get(ctx, key)
		if err != nil {
			return fmt.Errorf("read hop %d of the run: %w", next.Hop, err)
		}
		if record, err = parseSuccessor(entry); err != nil || record.Over != nil {
			return err
		}
	} else if err != nil {
		return fmt.Errorf("record hop %d of the run: %w", next.Hop, err)
	}
	return s.sendContinuation(ctx, record.Message)
}

// sendContinuation sends the message for the next hop.
func (s *Starbase) sendContinuation(ctx context.Context, c *continuation) error {
	url := s.cfg.Configuration.Fleet.ContinuationQueueURL
	if url == "" {
		return fmt.Errorf("the run is to go on with hop %d, and Fleet.ContinuationQueueUrl names no queue for it", c.Hop)
	}
	sender, err := s.sender(ctx, url)
	if err != nil {
		return err
	}
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("continuation of run %s: %w", c.RunID, err)
	}
	sum := sha256.Sum256([]byte(hopKey(c.RunID, c.Hop)))
	message := continuationTask{id: hex.EncodeToString(sum[:]), c: c, body: body}
	one := func(yield func(continuationTask, error) bool) { yield(message, nil) }
	if _, err := queue.Dispatch(ctx, sender, one, queue.DispatchOptions{Resolved: 1, Logger: s.cfg.Logger}); err != nil {
		return fmt.Errorf("send the continuation to %s: %w", url, err)
	}
	return nil
}

// recordOver records that every task of the run was sent, so that a repetition of its last message sends none of them again. Where that
// fails they are sent again, which is no fault.
func (s *Starbase) recordOver(ctx context.Context, t trigger, sent int) {
	if s.cfg.State == nil {
		return
	}
	data, err := json.Marshal(successor{Over: &overRecord{At: s.cfg.Now().UTC(), Sent: sent}})
	if err == nil {
		_, err = s.cfg.State.Create(ctx, hopKey(t.runID, t.hop+1), data)
	}
	if err != nil && !errors.Is(err, state.ErrExists) {
		s.log(t).WarnContext(ctx, "it could not be recorded that the run is over", "error", err.Error())
	}
}

// continuationTask is a continuation as queue.Dispatch sends it.
type continuationTask struct {
	id   string
	c    *continuation
	body []byte
}

// ID is the deduplication id where the continuation queue is a FIFO queue.
func (t continuationTask) ID() string { return t.id }

// Label names run and hop.
func (t continuationTask) Label() string { return fmt.Sprintf("run %s hop %d", t.c.RunID, t.c.Hop) }

// AppendBody appends the message.
func (t continuationTask) AppendBody(dst []byte) []byte { return append(dst, t.body...) }

// Attributes appends the run id.
func (t continuationTask) Attributes(dst []queue.Attribute) []queue.Attribute {
	return append(dst, queue.Attribute{Name: starfleet.AttributeRunID, Value: t.c.RunID})
}

// AccountID is empty: a continuation is no account's.
func (t continuationTask) AccountID() string { return "" }

// RunID is the message group: the run, so that a long one holds no other up.
func (t continuationTask) RunID() string { return t.c.RunID }

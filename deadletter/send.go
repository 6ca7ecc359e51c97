package deadletter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

const (
	attempts   = 4
	firstPause = 200 * time.Millisecond
)

// parcel is a letter on its way.
type parcel struct {
	held    *held
	verdict Verdict
	out     queue.Outgoing
}

// send sends letters, in their order, and deletes those that were accepted. The error is one that no other letter would fare better with.
func (w *walk) send(ctx context.Context, parcels []parcel) error {
	for len(parcels) > 0 {
		to := parcels[0].verdict.To
		callCtx, cancel := last(ctx)
		limits, err := to.Limits(callCtx)
		cancel()
		if err != nil {
			return err
		}
		batch := w.batch(parcels, to, limits)
		taken := batch.taken
		if len(batch.parcels) > 0 {
			if err := w.sendBatch(ctx, to, batch.parcels, limits); err != nil {
				return err
			}
		}
		parcels = parcels[taken:]
	}
	return nil
}

// batched are the next parcels to be sent together.
type batched struct {
	parcels []parcel
	taken   int // of the parcels given, also those that cannot be sent
}

// batch takes the next parcels that go to the same queue and fit one call. A FIFO queue gets them one by one, so that a letter that fails has none of
// its group sent before it.
func (w *walk) batch(parcels []parcel, to queue.Sender, limits queue.Limits) batched {
	most, room := queue.MaxBatchEntries, limits.MessageBytes
	if room <= 0 {
		room = queue.DefaultMessageBytes
	}
	if limits.BatchEntries > 0 {
		most = min(most, limits.BatchEntries)
	}
	if limits.FIFO {
		most = 1
	}
	var b batched
	size := 0
	for _, p := range parcels {
		if p.verdict.To != to || len(b.parcels) == most {
			break
		}
		p.out = Outgoing(p.held.letter, p.verdict.NotAfter, limits)
		reason := w.unfit(p, room, limits.FIFO)
		if reason == "" && size+p.out.Size() > room {
			break
		}
		b.taken++
		if reason != "" {
			w.leave(p, reason, limits.FIFO)
			continue
		}
		size += p.out.Size()
		p.out.ID = strconv.Itoa(len(b.parcels))
		b.parcels = append(b.parcels, p)
	}
	return b
}

// unfit says why a letter is not sent at all.
func (w *walk) unfit(p parcel, room int, fifo bool) string {
	switch other := p.held.letter.Message.OtherAttributes; {
	case len(other) > 0:
		return fmt.Sprintf("its attributes %s are no strings and would be lost or changed: move it with SQS's own move task", strings.Join(other, ", "))
	case p.out.Size() > room:
		return fmt.Sprintf("it has %d bytes, and the queue takes %d", p.out.Size(), room)
	case fifo && w.blocked[p.out.GroupID]:
		return "another letter of its group could not be sent, and has to be first"
	}
	return ""
}

func (w *walk) leave(p parcel, reason string, fifo bool) {
	w.report.Left = append(w.report.Left, Left{bare(p.held.letter), reason})
	if fifo {
		w.blocked[p.out.GroupID] = true
	}
}

// Outgoing is the message to send to a queue of the limits l in place of a letter: its body, its group and its attributes, without those that say
// why and where it died; the id of the message that died stays. notAfter replaces the time at which the task expires, unless it is zero. On a FIFO queue the
// deduplication id is made of the letter's own id.
func Outgoing(letter Letter, notAfter time.Time, l queue.Limits) queue.Outgoing {
	m := letter.Message
	m.Attributes = maps.Clone(m.Attributes)
	for _, name := range []string{queue.AttributeErrorClass, queue.AttributeErrorMessage, queue.AttributeSourceARN} {
		delete(m.Attributes, name)
	}
	if !notAfter.IsZero() {
		if m.Attributes == nil {
			m.Attributes = map[string]string{}
		}
		m.Attributes[attributeNotAfter] = notAfter.UTC().Format(time.RFC3339)
	}
	out := queue.NewCopy(m, 0, l)
	if l.FIFO {
		sum := sha256.Sum256([]byte("starfleet replay " + m.ID))
		out.DeduplicationID = hex.EncodeToString(sum[:])
	}
	return out
}

// sendBatch makes the calls until each parcel is sent or left.
func (w *walk) sendBatch(ctx context.Context, to queue.Sender, parcels []parcel, limits queue.Limits) error {
	var reasons map[string]string
	for attempt := 0; len(parcels) > 0 && attempt < attempts; attempt++ {
		if attempt > 0 {
			if err := w.Pause(ctx, firstPause<<(attempt-1)); err != nil {
				w.leaveAll(parcels, reasons, limits.FIFO)
				return err
			}
		}
		batch := make([]queue.Outgoing, len(parcels))
		for i, p := range parcels {
			batch[i] = p.out
		}
		callCtx, cancel := last(ctx)
		failures, err := to.SendBatch(callCtx, batch)
		cancel()
		if err != nil {
			var again bool
			if parcels, again, err = w.failed(ctx, to, parcels, limits, err); !again {
				return err
			}
			reasons = same(parcels, "the queue asks to slow down")
			continue
		}
		if parcels, reasons, err = w.sent(ctx, parcels, failures, limits.FIFO); err != nil {
			w.leaveAll(parcels, reasons, limits.FIFO)
			return err
		}
	}
	w.leaveAll(parcels, reasons, limits.FIFO)
	return nil
}

func (w *walk) leaveAll(parcels []parcel, reasons map[string]string, fifo bool) {
	for _, p := range parcels {
		w.leave(p, reasons[p.out.ID], fifo)
	}
}

func same(parcels []parcel, reason string) map[string]string {
	reasons := map[string]string{}
	for _, p := range parcels {
		reasons[p.out.ID] = reason
	}
	return reasons
}

// failed decides what follows a call that failed: again with these parcels, or the end of the walk with the error, unless that is nil.
func (w *walk) failed(ctx context.Context, to queue.Sender, parcels []parcel, limits queue.Limits, err error) (rest []parcel, again bool, end error) {
	switch {
	case errors.Is(err, queue.ErrNoGroup):
		for i := range parcels {
			parcels[i].out.GroupID = ""
		}
		return parcels, true, nil
	case errors.Is(err, queue.ErrThrottled):
		return parcels, true, nil
	case (errors.Is(err, queue.ErrTooLong) || errors.Is(err, queue.ErrRefused)) && len(parcels) > 1:
		for _, p := range parcels {
			if err := w.sendBatch(ctx, to, []parcel{p}, limits); err != nil {
				return nil, false, err
			}
		}
		return nil, false, nil
	case errors.Is(err, queue.ErrTooLong), errors.Is(err, queue.ErrRefused):
		w.leave(parcels[0], err.Error(), limits.FIFO)
		return nil, false, nil
	case errors.Is(err, queue.ErrPermanent):
		for _, p := range parcels {
			w.leave(p, err.Error(), limits.FIFO)
		}
		return nil, false, err
	}
	for _, p := range parcels {
		w.report.Unsure = append(w.report.Unsure, Left{bare(p.held.letter), err.Error()})
	}
	return nil, false, fmt.Errorf("nobody knows whether %d letters were sent: %w", len(parcels), err)
}

// sent deletes what was accepted, and returns what was not, with the reasons by id. A letter that cannot be deleted ends the walk: who may not
// delete would send all of them and leave all of them.
func (w *walk) sent(ctx context.Context, parcels []parcel, failures []queue.Failure, fifo bool) (rest []parcel, reasons map[string]string, end error) {
	reasons = map[string]string{}
	for i, p := range parcels {
		at := slices.IndexFunc(failures, func(f queue.Failure) bool { return f.Index == i })
		if at < 0 {
			w.report.Replayed++
			p.held.replayed = true
			if err := w.delete(ctx, p.held); err != nil {
				end = fmt.Errorf("letter %s was sent, and could not be deleted: %w", p.held.letter.Message.ID, err)
				continue
			}
			p.held.settled = true
			continue
		}
		f := failures[at]
		reason := f.Code + ": " + f.Message
		switch {
		case errors.Is(f.Class, queue.ErrNoGroup):
			p.out.GroupID = ""
		case f.Class == nil && f.SenderFault:
			w.leave(p, reason, fifo)
			continue
		}
		reasons[p.out.ID] = reason
		rest = append(rest, p)
	}
	return rest, reasons, end
}

package deadletter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

// How a walk goes on.
const (
	emptyPages    = 2                // the queue has no more when so many receives in a row found nothing
	returnsAtOnce = 32               // letters given back at the same time
	endTime       = 30 * time.Second // what a call has that must be made though the walk was stopped
)

// held is a letter that was received and stays, for now.
type held struct {
	letter   Letter
	since    time.Time
	replayed bool // sent, but not deleted
	settled  bool // nothing is left to do for it
}

// walk is one walk.
type walk struct {
	*Box
	decide func(context.Context, Letter) (Verdict, error)
	report Report

	letters map[string]*held // by message id
	order   []*held
	blocked map[string]bool // groups of a FIFO destination of which a letter could not be sent
}

// Walk shows every letter that can be received to decide, once, and does what it says. It ends when there are no more, when a Verdict says so, or
// with the error of decide, of the queue, or of ctx. However it ends, all that stays is given back at once.
//
// A letter that comes again during the walk, because it was held for longer than Config.Visibility, is not shown again.
func (b *Box) Walk(ctx context.Context, decide func(context.Context, Letter) (Verdict, error)) (Report, error) {
	w := &walk{Box: b, decide: decide, letters: map[string]*held{}, blocked: map[string]bool{}}
	err := w.run(ctx)
	w.deleteLate(ctx)
	w.giveBack(ctx)
	w.report.Seen = len(w.order)
	w.report.Kept = w.report.Seen - w.report.Replayed - w.report.Dropped - len(w.report.Left) - len(w.report.Unsure) - len(w.report.Gone)
	w.report.Undeleted = remaining(w)
	return w.report, err
}

// remaining are the letters that were replayed and are still there.
func remaining(w *walk) []Left {
	var left []Left
	for _, h := range w.order {
		if h.replayed && !h.settled {
			left = append(left, Left{h.letter, "sent, but it could not be deleted"})
		}
	}
	return left
}

func (w *walk) run(ctx context.Context) error {
	empty, again := 0, 0
	for empty < emptyPages {
		messages, err := w.From.Receive(ctx, queue.ReceiveOptions{Max: w.Page, Wait: w.Wait, Visibility: w.Visibility})
		if err != nil {
			return err
		}
		fresh := w.take(messages)
		switch {
		case len(messages) == 0:
			empty++
			continue
		case len(fresh) == 0:
			// When everything that is held came by again, there is nothing else.
			if again += len(messages); again > len(w.order) {
				return nil
			}
			continue
		}
		empty, again = 0, 0
		if stop, err := w.page(ctx, fresh); stop || err != nil {
			return err
		}
	}
	return nil
}

// take notes what was received, and returns what is new.
func (w *walk) take(messages []queue.Message) []*held {
	var fresh []*held
	for _, m := range messages {
		h := w.letters[m.ID]
		if h == nil {
			h = &held{letter: Read(m), since: w.Now()}
			w.letters[m.ID] = h
			w.order = append(w.order, h)
			fresh = append(fresh, h)
			continue
		}
		h.letter.Message.ReceiptHandle, h.since = m.ReceiptHandle, w.Now()
	}
	return fresh
}

// page decides about letters one by one, and does what was decided, also when deciding ends with an error.
func (w *walk) page(ctx context.Context, fresh []*held) (stop bool, err error) {
	var replays []parcel
	for _, h := range fresh {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
			break
		}
		var v Verdict
		if v, err = w.decide(ctx, h.letter); err != nil {
			break
		}
		switch {
		case v.Act == Keep:
		case w.lost(ctx, h):
		case v.Act == Drop:
			w.drop(ctx, h)
		case v.To == nil:
			err = errors.New("deadletter: a Verdict that replays has no To")
		default:
			replays = append(replays, parcel{held: h, verdict: v})
		}
		if stop = v.Stop; stop || err != nil {
			break
		}
	}
	if sending := w.send(ctx, replays); sending != nil {
		err = errors.Join(err, sending)
	}
	for _, h := range fresh {
		h.letter = bare(h.letter) // what is held for long is held without its body
	}
	return stop, err
}

// bare is a letter without its body.
func bare(l Letter) Letter {
	l.Message.Body = ""
	return l
}

// lost says that the letter is no longer ours, and notes it. One that was looked at for long is hidden anew, so that there is time to do something with it.
func (w *walk) lost(ctx context.Context, h *held) bool {
	if w.Now().Sub(h.since) < w.Visibility/2 {
		return false
	}
	ctx, cancel := last(ctx)
	defer cancel()
	err := w.From.ChangeVisibility(ctx, h.letter.Message, w.Visibility)
	if err == nil {
		h.since = w.Now()
		return false
	}
	h.settled = errors.Is(err, queue.ErrNotInFlight)
	w.report.Gone = append(w.report.Gone, Left{bare(h.letter), fmt.Sprintf("nothing was done with it, as it is no longer held: %v", err)})
	return true
}

func (w *walk) drop(ctx context.Context, h *held) {
	if err := w.delete(ctx, h); err != nil {
		w.report.Left = append(w.report.Left, Left{bare(h.letter), fmt.Sprintf("it could not be deleted: %v", err)})
		return
	}
	h.settled = true
	w.report.Dropped++
}

// delete deletes a letter, with a few attempts.
func (w *walk) delete(ctx context.Context, h *held) error {
	ctx, cancel := last(ctx)
	defer cancel()
	var err error
	for attempt := range attempts {
		if attempt > 0 {
			if w.Pause(ctx, firstPause<<(attempt-1)) != nil {
				break
			}
		}
		if err = w.From.Delete(ctx, h.letter.Message); err == nil || errors.Is(err, queue.ErrNotInFlight) || errors.Is(err, queue.ErrPermanent) {
			break
		}
	}
	return err
}

// deleteLate tries once more to delete what was replayed.
func (w *walk) deleteLate(ctx context.Context) {
	for _, h := range w.order {
		if h.replayed && !h.settled {
			h.settled = w.delete(ctx, h) == nil
		}
	}
}

// giveBack makes visible what stays. What was sent and not deleted stays hidden for as long as it is.
func (w *walk) giveBack(ctx context.Context) {
	var (
		group  sync.WaitGroup
		failed atomic.Int64
		slots  = make(chan struct{}, returnsAtOnce)
	)
	for _, h := range w.order {
		if h.settled || h.replayed {
			continue
		}
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			ctx, cancel := last(ctx)
			defer cancel()
			err := w.From.ChangeVisibility(ctx, h.letter.Message, 0)
			if err != nil && !errors.Is(err, queue.ErrNotInFlight) { // which is visible, or somebody else's
				failed.Add(1)
			}
		})
	}
	group.Wait()
	w.report.Unreturned = int(failed.Load())
}

// last is the context of a call that is made though ctx may have ended.
func last(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), endTime)
}

package starfleettest

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

// queueSendCases are about single messages.
var queueSendCases = []queueCase{
	{name: "message", run: func(q *queueTrial) error {
		before := time.Now().Add(-time.Minute)
		m, err := q.sendOne("hello")
		switch {
		case err != nil:
			return err
		case m.Body != "hello" || m.ID == "" || m.ReceiptHandle == "" || m.ReceiveCount != 1:
			return fmt.Errorf("received %+v", m)
		case m.SentAt.Before(before) || m.FirstReceived.Before(m.SentAt.Add(-time.Second)):
			return fmt.Errorf("sent at %v, first received at %v", m.SentAt, m.FirstReceived)
		}
		return nil
	}},
	{name: "attributes", run: func(q *queueTrial) error {
		o := outgoing("hello")
		o[0].Attributes = []queue.Attribute{{Name: "starfleet-run-id", Value: "r"}, {Name: "a.b_c-d", Value: "ä€😀 \n\t<>&\""}}
		if err := q.send(o...); err != nil {
			return err
		}
		m, err := q.one()
		if err != nil {
			return err
		}
		if want := map[string]string{"starfleet-run-id": "r", "a.b_c-d": "ä€😀 \n\t<>&\""}; !maps.Equal(m.Attributes, want) {
			return fmt.Errorf("attributes %q, want %q", m.Attributes, want)
		}
		return nil
	}},
	{name: "ten attributes", run: func(q *queueTrial) error {
		o := outgoing("hello")
		for i := range 10 {
			o[0].Attributes = append(o[0].Attributes, queue.Attribute{Name: fmt.Sprintf("name-%d", i), Value: "v"})
		}
		if err := q.send(o...); err != nil {
			return err
		}
		m, err := q.one()
		if err == nil && len(m.Attributes) != 10 {
			return fmt.Errorf("%d attributes arrived, want 10", len(m.Attributes))
		}
		return err
	}},
	{name: "body is kept as it is", run: func(q *queueTrial) error {
		const body = " {\"a\": \"ä€😀\\u0041\"}\r\n\t<&> "
		m, err := q.sendOne(body)
		if err == nil && m.Body != body {
			return fmt.Errorf("received %q, want %q", m.Body, body)
		}
		return err
	}},
	{name: "group on a standard queue", run: func(q *queueTrial) error {
		o := outgoing("hello")
		o[0].GroupID = "run-1"
		if err := q.send(o...); err != nil {
			return err
		}
		m, err := q.one()
		if err == nil && m.GroupID != "run-1" {
			return fmt.Errorf("group %q, want run-1", m.GroupID)
		}
		return err
	}},
	{name: "delay", run: func(q *queueTrial) error {
		o := outgoing("late")
		o[0].Delay = 2 * time.Second
		if err := q.send(o...); err != nil {
			return err
		}
		if err := q.none(); err != nil {
			return err
		}
		q.Advance(2*time.Second + 200*time.Millisecond)
		_, err := q.one()
		return err
	}},
	{name: "limits", options: QueueOptions{MessageBytes: 2048}, run: func(q *queueTrial) error {
		l, err := q.Sender.Limits(q.ctx)
		if want := (queue.Limits{BatchEntries: 10, MessageBytes: 2048}); err != nil || l != want {
			return fmt.Errorf("limits %+v, %v, want %+v", l, err, want)
		}
		return nil
	}},
	{name: "message of exactly the limit", options: QueueOptions{MessageBytes: 2048}, run: func(q *queueTrial) error {
		_, err := q.sendOne(strings.Repeat("x", 2048))
		return err
	}},
}

// queueBatchCases are about batches, and what is refused.
var queueBatchCases = []queueCase{
	{name: "batch of ten", run: func(q *queueTrial) error {
		var want []string
		for i := range 10 {
			want = append(want, fmt.Sprintf("body %d", i))
		}
		if err := q.send(outgoing(want...)...); err != nil {
			return err
		}
		messages, err := q.receive(10)
		if err == nil && fmt.Sprint(bodies(messages)) != fmt.Sprint(want) {
			return fmt.Errorf("received %q, want %q", bodies(messages), want)
		}
		return err
	}},
	{name: "batch of none", run: func(q *queueTrial) error { return q.refused(queue.ErrRefused, nil) }},
	{name: "batch of eleven", run: func(q *queueTrial) error {
		return q.refused(queue.ErrRefused, outgoing(strings.Split(strings.Repeat("x", 11), "")...))
	}},
	{name: "entry ids given twice", run: func(q *queueTrial) error {
		batch := outgoing("one", "two")
		batch[1].ID = batch[0].ID
		return q.refused(queue.ErrRefused, batch)
	}},
	{name: "entry id with a bad character", run: func(q *queueTrial) error {
		batch := outgoing("one", "two")
		batch[1].ID = "not/allowed"
		return q.refused(queue.ErrRefused, batch)
	}},
	{name: "batch of exactly the limit", options: QueueOptions{MessageBytes: 2048}, run: func(q *queueTrial) error {
		batch := outgoing(strings.Repeat("x", 1000), strings.Repeat("ä", 500))
		batch[0].Attributes = []queue.Attribute{{Name: "abcde", Value: strings.Repeat("v", 2048-2000-5-len("String"))}}
		if err := q.send(batch...); err != nil {
			return err
		}
		_, err := q.receive(2)
		return err
	}},
	{name: "batch a byte too long", options: QueueOptions{MessageBytes: 2048}, run: func(q *queueTrial) error {
		return q.refused(queue.ErrTooLong, outgoing(strings.Repeat("x", 1024), strings.Repeat("x", 1025)))
	}},
	{name: "batch too long for its attributes", options: QueueOptions{MessageBytes: 2048}, run: func(q *queueTrial) error {
		batch := outgoing(strings.Repeat("x", 1024), strings.Repeat("x", 1013))
		batch[0].Attributes = []queue.Attribute{{Name: "abcde", Value: "v"}} // 5 + 6 + 1
		return q.refused(queue.ErrTooLong, batch)
	}},
	{name: "batch above every limit", options: QueueOptions{MessageBytes: queue.MaxMessageBytes}, run: func(q *queueTrial) error {
		return q.refused(queue.ErrTooLong, outgoing(strings.Repeat("x", queue.MaxMessageBytes/2), strings.Repeat("x", queue.MaxMessageBytes/2+1)))
	}},
	{name: "bad character in a body", run: func(q *queueTrial) error {
		return q.entryRefused(queue.Outgoing{Body: []byte("bell \a")})
	}},
	{name: "noncharacter in a body", run: func(q *queueTrial) error {
		return q.entryRefused(queue.Outgoing{Body: []byte("\uffff")})
	}},
	{name: "empty body", run: func(q *queueTrial) error { return q.entryRefused(queue.Outgoing{}) }},
	{name: "eleven attributes", run: func(q *queueTrial) error {
		o := queue.Outgoing{Body: []byte("x")}
		for i := range 11 {
			o.Attributes = append(o.Attributes, queue.Attribute{Name: fmt.Sprintf("name-%d", i), Value: "v"})
		}
		return q.entryRefused(o)
	}},
	{name: "attribute without a value", run: attributeRefused("name", "")},
	{name: "attribute with a bad character in its value", run: attributeRefused("name", "bell \a")},
	{name: "attribute with a bad name", run: attributeRefused("not/allowed", "v")},
	{name: "attribute with two periods in its name", run: attributeRefused("a..b", "v")},
	{name: "attribute with a reserved name", run: attributeRefused("AWS.name", "v")},
	{name: "attribute with a long name", run: attributeRefused(strings.Repeat("n", 257), "v")},
	{name: "delay above 15 minutes", run: func(q *queueTrial) error {
		return q.entryRefused(queue.Outgoing{Body: []byte("x"), Delay: 15*time.Minute + time.Second})
	}},
	{name: "deduplication id on a standard queue", run: func(q *queueTrial) error {
		return q.entryRefusedAmong(outgoing("before", "after"), queue.Outgoing{ID: "bad", Body: []byte("x"), DeduplicationID: "d"})
	}},
}

func attributeRefused(name, value string) func(*queueTrial) error {
	return func(q *queueTrial) error {
		return q.entryRefused(queue.Outgoing{Body: []byte("x"), Attributes: []queue.Attribute{{Name: name, Value: value}}})
	}
}

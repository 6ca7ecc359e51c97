package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/deadletter"
	"github.com/starfleet-go/starfleet/internal/command"
)

// moveReport is what a command that moves or deletes letters prints in `-o json`.
type moveReport struct {
	Queue      string       `json:"queue"`
	DryRun     bool         `json:"dryRun"`
	Way        string       `json:"way"`
	Seen       int          `json:"seen"`
	Selected   int          `json:"selected"`
	Replayed   int          `json:"replayed"`
	Dropped    int          `json:"dropped"`
	To         []moveTarget `json:"to,omitempty"`
	Left       []leftReport `json:"left"`
	Undeleted  []leftReport `json:"undeleted"`
	Unsure     []leftReport `json:"unsure"`
	Gone       []leftReport `json:"gone"`
	Unreturned int          `json:"unreturned"`
}

// moveTarget is a queue that letters go to.
type moveTarget struct {
	Queue string `json:"queue"`
	Count int    `json:"count"`
}

// leftReport is a letter that was not moved, or not as it should be.
type leftReport struct {
	MessageID string `json:"messageId"`
	Account   string `json:"account,omitempty"`
	Region    string `json:"region,omitempty"`
	Reason    string `json:"reason"`
}

// The ways of moving letters.
const (
	wayLetters  = "letters"   // one by one
	wayMoveTask = "move-task" // SQS's own
)

func lefts(all ...[]deadletter.Left) []leftReport {
	reports := []leftReport{}
	for _, some := range all {
		for _, l := range some {
			reports = append(reports, leftReport{l.Letter.Message.ID, l.Letter.AccountID, l.Letter.Region, l.Reason})
		}
	}
	return reports
}

// finish prints the report and is the error of the command: not everything that was selected was done.
func (m *moveReport) finish(d *deadQueue, verb string, r deadletter.Report, refused []deadletter.Left, err error) error {
	m.Queue, m.Way, m.Seen, m.Replayed, m.Dropped, m.Unreturned = d.url, wayLetters, r.Seen, r.Replayed, r.Dropped, r.Unreturned
	m.Left, m.Undeleted, m.Unsure, m.Gone = lefts(refused, r.Left), lefts(r.Undeleted), lefts(r.Unsure), lefts(r.Gone)
	d.tell(r, err)
	if d.console.JSON {
		command.WriteJSON(d.console.Out, m)
	} else {
		m.print(d, verb)
	}
	if faults := len(m.Left) + len(m.Undeleted) + len(m.Unsure) + len(m.Gone); err == nil && faults > 0 && !m.DryRun {
		err = fmt.Errorf("%s of %d selected: see above", count(faults, "letter")+" not as it should be", m.Selected)
	}
	if err != nil && !m.DryRun {
		return &command.StatusError{Status: statusIncomplete, Err: err}
	}
	return err
}

// mostLines is how many letters are named for a person, of each kind.
const mostLines = 20

func (m *moveReport) print(d *deadQueue, verb string) {
	out := d.console.Out
	done, would := m.Replayed+m.Dropped, ""
	if m.DryRun {
		done, would = m.Selected-len(m.Left), "would be "
	}
	_, _ = fmt.Fprintf(out, "%s of %d selected %s%s, of %d that could be seen\n", count(done, "letter"), m.Selected, would, verb, m.Seen)
	for _, to := range m.To {
		_, _ = fmt.Fprintf(out, "  %d to %s\n", to.Count, command.Safe(to.Queue))
	}
	for _, kind := range []struct {
		name string
		some []leftReport
	}{{"left", m.Left}, {"on both queues", m.Undeleted}, {"perhaps sent", m.Unsure}, {"no longer held", m.Gone}} {
		for i, l := range kind.some {
			if i == mostLines {
				_, _ = fmt.Fprintf(out, "  and %d more: -o json has all\n", len(kind.some)-i)
				break
			}
			who := strings.TrimSpace(l.MessageID + " " + strings.TrimSpace(l.Account+" "+l.Region))
			_, _ = fmt.Fprintf(out, "  %s: %s: %s\n", kind.name, command.Safe(who), command.Safe(strings.Join(strings.Fields(l.Reason), " ")))
		}
	}
}

// dlqReplayCommand replays letters.
type dlqReplayCommand struct {
	deadQueueFlags
	filterFlags
	replayFlags
	OneByOne bool   `help:"Never use SQS's own move task."`
	Yes      bool   `short:"y" help:"Do not ask before sending."`
	Output   string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object, {queue,dryRun,way,seen,selected,replayed,dropped,to,left,undeleted,unsure,gone,unreturned}."`
}

// Help is the detailed help.
func (dlqReplayCommand) Help() string {
	return `First it says what it would do. On a terminal it asks then; elsewhere, and with -o json, it does it with --yes only, and is a dry run otherwise.

Each letter is sent and then deleted. Its body, attributes and message group stay, those attributes that say why it died go; on a FIFO queue it gets a deduplication id of its own. When a letter was sent and cannot be deleted, the command ends and names it: it is on both queues. Expired tasks are left, unless --renew finds their target still selected.

Without a filter, SQS moves all by itself, where it can: from a dead-letter queue that some queue's redrive policy names, to one destination. Such a move task moves at most 500 letters a second for 36 hours, keeps all attributes, looks at no letter (expired tasks move too, and workers refuse them), and is cancelled by Ctrl-C: what was moved stays moved. With --one-by-one it is not used.

In -o json, left, undeleted (sent, but still here), unsure (perhaps sent, still here) and gone (no longer held: not sent) have {messageId,account,region,reason}, to has {queue,count}, and way is letters or move-task. The exit status is 0 when all that was selected was replayed, or would be; 3 when not.

Examples:

  starfleet dlq replay --queue-url https://sqs.us-east-1.amazonaws.com/111111111111/LogRetention-dead --class iam.AccessDenied
  starfleet dlq replay --queue-url https://sqs.us-east-1.amazonaws.com/111111111111/LogRetention-dead --account 222222222222 --renew --config config --yes -o json

`
}

// Run does it.
func (r *dlqReplayCommand) Run(ctx context.Context, c *command.Console) error {
	d, err := r.deadQueueFlags.open(ctx, c, &r.filterFlags, 0)
	if err != nil {
		return err
	}
	to, err := r.replayFlags.open(ctx, d)
	if err != nil {
		return err
	}
	if single := to.single(); single != "" && d.filter.Empty() && !r.Renew && !r.OneByOne {
		err := r.moveAll(ctx, d, single)
		if !errors.Is(err, sqsqueue.ErrCannotMove) {
			return err
		}
		c.Note("%v: the letters are replayed one by one", err)
	}
	if !r.Yes {
		selected, err := r.dryRun(ctx, to)
		if err != nil || selected == 0 || !asks(c) {
			if err == nil && selected > 0 {
				c.Note("nothing was sent: add --yes to send")
			}
			return err
		}
		if err := confirm(ctx, c, fmt.Sprintf("Replay %s?", count(selected, "letter")), "nothing was sent"); err != nil {
			return err
		}
	}
	return r.replay(ctx, to)
}

// dryRun says what would be done, and returns how many letters would be sent.
func (r *dlqReplayCommand) dryRun(ctx context.Context, t *destinations) (int, error) {
	var refused []deadletter.Left
	report := moveReport{DryRun: true}
	targets := map[string]int{}
	walked, selected, err := t.walk(ctx, func(ctx context.Context, l deadletter.Letter) (deadletter.Verdict, error) {
		_, to, err := t.verdict(ctx, l)
		if err != nil {
			refused = append(refused, left(l, err))
			return deadletter.Verdict{}, nil
		}
		targets[to]++
		return deadletter.Verdict{}, nil
	})
	report.Selected, report.To = selected, sortedTargets(targets)
	return selected - len(refused), report.finish(t.deadQueue, "replayed", walked, refused, err)
}

func left(l deadletter.Letter, reason error) deadletter.Left {
	l.Message.Body = ""
	return deadletter.Left{Letter: l, Reason: reason.Error()}
}

func (r *dlqReplayCommand) replay(ctx context.Context, t *destinations) error {
	var refused []deadletter.Left
	var report moveReport
	targets := map[string]int{}
	walked, selected, err := t.walk(ctx, func(ctx context.Context, l deadletter.Letter) (deadletter.Verdict, error) {
		v, to, err := t.verdict(ctx, l)
		if err != nil {
			refused = append(refused, left(l, err))
			return deadletter.Verdict{}, nil
		}
		targets[to]++
		return v, nil
	})
	report.Selected, report.To = selected, sortedTargets(targets)
	return report.finish(t.deadQueue, "replayed", walked, refused, err)
}

// moveAll has SQS move everything to one queue.
func (r *dlqReplayCommand) moveAll(ctx context.Context, d *deadQueue, to string) error {
	c := d.console
	about := d.is.Messages()
	report := moveReport{
		Queue: d.url, DryRun: true, Way: wayMoveTask, Selected: about, To: []moveTarget{{to, about}},
		Left: []leftReport{}, Undeleted: []leftReport{}, Unsure: []leftReport{}, Gone: []leftReport{},
	}
	if !r.Yes {
		if !asks(c) || about == 0 {
			if c.JSON {
				command.WriteJSON(c.Out, report)
			} else {
				_, _ = fmt.Fprintf(c.Out, "about %s would be moved by SQS\n  to %s\n", count(about, "letter"), command.Safe(to))
			}
			c.Note("nothing was moved: add --yes to move; expired tasks move too, and workers refuse them")
			return nil
		}
		question := fmt.Sprintf("Have SQS move about %s to %s? Expired tasks move too, and workers refuse them.", count(about, "letter"), to)
		if err := confirm(ctx, c, question, "nothing was moved"); err != nil {
			return err
		}
	}
	destination, err := sqsqueue.NewManager(d.client, to)
	if err != nil {
		return err
	}
	described, err := destination.Describe(ctx)
	if err != nil {
		return err
	}
	told := int64(0)
	moved, err := d.manager.Move(ctx, d.is.ARN, described.ARN, func(m sqsqueue.Move) {
		if m.Moved != told {
			told = m.Moved
			c.Note("%d of about %d moved", m.Moved, max(m.Total, m.Moved))
		}
	})
	if errors.Is(err, sqsqueue.ErrCannotMove) {
		return err
	}
	report.DryRun, report.Replayed, report.To[0].Count = false, int(moved.Moved), int(moved.Moved)
	if c.JSON {
		command.WriteJSON(c.Out, report)
	} else {
		_, _ = fmt.Fprintf(c.Out, "about %s moved by SQS\n  to %s\n", count(int(moved.Moved), "letter"), command.Safe(to))
	}
	if err != nil {
		return &command.StatusError{Status: statusIncomplete, Err: err}
	}
	return nil
}

func sortedTargets(counts map[string]int) []moveTarget {
	var targets []moveTarget
	for queue, n := range counts {
		targets = append(targets, moveTarget{queue, n})
	}
	sortTargets(targets)
	return targets
}

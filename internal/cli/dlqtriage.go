package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/starfleet-go/starfleet/deadletter"
	"github.com/starfleet-go/starfleet/internal/command"
)

// dlqTriageCommand asks about each letter.
type dlqTriageCommand struct {
	deadQueueFlags
	filterFlags
	replayFlags
}

// Help is the detailed help.
func (dlqTriageCommand) Help() string {
	return `It shows one letter after the other and asks what is to become of it: replay sends it to be worked again, return leaves it on the dead-letter queue, delete deletes it, show prints its attributes and body and asks again, stop ends. Each does its own act and no other; the beginning of a word is enough where it is the beginning of one only. A letter that you leave is shown once, and visible to others again when you stop.

Example:

  starfleet dlq triage --queue-url https://sqs.us-east-1.amazonaws.com/111111111111/LogRetention-dead --class iam.AccessDenied

`
}

// triageActs are the answers.
var triageActs = []string{"replay", "return", "delete", "show", "stop"}

// Run does it.
func (t *dlqTriageCommand) Run(ctx context.Context, c *command.Console) error {
	if !mayAsk(c) {
		return &command.UsageError{Problem: "there is no terminal to ask at", Hint: "starfleet dlq replay, return and drop do by flags what triage asks"}
	}
	d, err := t.deadQueueFlags.open(ctx, c, &t.filterFlags, 1)
	if err != nil {
		return err
	}
	to, err := t.replayFlags.open(ctx, d)
	if err != nil {
		return err
	}
	s := triage{destinations: to, prompter: newPrompter(c)}
	report, _, err := d.walk(ctx, s.decide)
	returned := report.Kept
	_, _ = fmt.Fprintf(c.Out, "%d replayed, %d deleted, %d left\n", report.Replayed, report.Dropped, returned+len(report.Left)+len(report.Unsure)+len(report.Gone))
	d.tell(report, err)
	for _, some := range [][]deadletter.Left{report.Left, report.Undeleted, report.Unsure, report.Gone} {
		for _, l := range some {
			c.Warn("letter %s: %s", l.Letter.Message.ID, l.Reason)
			err = errors.Join(err, fmt.Errorf("letter %s is not as it should be", l.Letter.Message.ID))
		}
	}
	return err
}

// triage is one session at the terminal.
type triage struct {
	*destinations
	prompter *prompter
}

// decide asks until there is an answer.
func (s *triage) decide(ctx context.Context, l deadletter.Letter) (deadletter.Verdict, error) {
	c := s.console
	_, _ = fmt.Fprintln(c.Err, command.Safe(strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s: %s", timeText(l.Message.SentAt), l.Ship, place(l), l.Class, l.Cause)), " ")))
	for {
		answer, err := s.prompter.ask(ctx, strings.Join(triageActs, ", ")+"?")
		if errors.Is(err, io.EOF) {
			return deadletter.Verdict{Stop: true}, nil
		}
		if err != nil {
			return deadletter.Verdict{}, err
		}
		switch act(answer) {
		case "replay":
			v, to, err := s.verdict(ctx, l)
			if err != nil {
				c.Warn("%v", err)
				continue
			}
			c.Note("replaying to %s", to)
			return v, nil
		case "return":
			return deadletter.Verdict{}, nil
		case "delete":
			return deadletter.Verdict{Act: deadletter.Drop}, nil
		case "show":
			printLetter(c.Out, s.shown(l))
		case "stop":
			return deadletter.Verdict{Stop: true}, nil
		default:
			c.Note("answer with one of %s", strings.Join(triageActs, ", "))
		}
	}
}

// act is the act that an answer names or begins, "" when there is none or more than one.
func act(answer string) string {
	answer = strings.ToLower(strings.TrimSpace(answer))
	found := ""
	for _, a := range triageActs {
		switch {
		case answer == "" || !strings.HasPrefix(a, answer):
		case found != "":
			return ""
		default:
			found = a
		}
	}
	return found
}

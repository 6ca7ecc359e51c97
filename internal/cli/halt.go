package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/halt"
	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/state"
)

// scopeFlags say what a halt is for.
type scopeFlags struct {
	Ship    string `placeholder:"NAME" help:"The ship. Default: all ships."`
	Account string `placeholder:"ID" help:"The account. Default: all accounts."`
}

func (f *scopeFlags) scope() halt.Scope { return halt.Scope{Ship: f.Ship, AccountID: f.Account} }

// haltCommand halts.
type haltCommand struct {
	stateFlags
	scopeFlags
	Until  string `placeholder:"TIME" help:"When the halt ends by itself: a time such as 2026-01-31T18:00:00Z, or a duration from now such as 2h30m. Default: when it is lifted by starfleet resume."`
	Reason string `required:"" placeholder:"TEXT" help:"Why, for whoever finds the work standing still."`
	By     string `placeholder:"NAME" help:"Who halts. Default: $$USER."`
	Output string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object, {ship,account,until,reason,by,at}."`
}

// Help is the detailed help.
func (haltCommand) Help() string {
	return `Nothing that is halted is lost: its messages are hidden and looked at again at least every 5 minutes, and never dead-lettered for it. The Starbase asks before each template whether its ship is halted; workers ask before each task, at most 30 seconds late, and before they ask for credentials. A task that is running is not interrupted. A halt for the same ship and account is replaced.

Examples:

  starfleet halt --config config --reason "incident 4711"
  starfleet halt --state s3://starfleet-state/production --ship LogRetention --account 111111111111 --until 2h --reason "audit"

`
}

// Run does it.
func (h *haltCommand) Run(ctx context.Context, c *command.Console) error {
	order, err := h.order(c, time.Now())
	if err != nil {
		return err
	}
	store, err := h.open(ctx, c)
	if err != nil {
		return err
	}
	if err := halt.NewBook(store).Halt(ctx, order); err != nil {
		return err
	}
	if c.JSON {
		command.WriteJSON(c.Out, order)
		return nil
	}
	_, _ = fmt.Fprintf(c.Out, "halted: %s\n", orderWords(order))
	return nil
}

func (h *haltCommand) order(c *command.Console, now time.Time) (halt.Order, error) {
	order := halt.Order{Scope: h.scope(), Reason: h.Reason, By: h.By, At: now.UTC().Truncate(time.Second)}
	if order.By == "" {
		order.By, _ = c.Getenv("USER")
	}
	if h.Until != "" {
		until, err := time.Parse(time.RFC3339, h.Until)
		if err != nil {
			d, failed := time.ParseDuration(h.Until)
			if failed != nil {
				return order, command.Usagef("--until: %q is no time, such as 2026-01-31T18:00:00Z, and no duration, such as 2h30m", h.Until)
			}
			until = order.At.Add(d)
		}
		if !until.After(now) {
			return order, command.Usagef("--until: %s is not in the future", until.UTC().Format(time.RFC3339))
		}
		order.Until = until.UTC()
	}
	if err := order.Check(); err != nil {
		return order, command.Usagef("%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return order, nil
}

// orderWords tell of a halt in a line.
func orderWords(o halt.Order) string {
	words := o.Scope.String()
	if o.Until.IsZero() {
		words += ", until it is lifted"
	} else {
		words += ", until " + o.Until.UTC().Format(time.RFC3339)
	}
	if o.By != "" {
		words += ", by " + o.By
	}
	return command.Safe(words + ": " + o.Reason)
}

// resumeCommand lifts a halt.
type resumeCommand struct {
	stateFlags
	scopeFlags
	Output string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object, {resumed,remaining}, with halts as those of starfleet halted."`
}

// Help is the detailed help.
func (resumeCommand) Help() string {
	return `It lifts the halt for exactly this ship and account: one for all ships is lifted by neither --ship nor --account. What was halted goes on within 6 minutes. Halts that remain are named. The exit status is 1 when there is no such halt.

Examples:

  starfleet resume --config config
  starfleet resume --state s3://starfleet-state/production --ship LogRetention --account 111111111111

`
}

// resumeReport is `-o json`.
type resumeReport struct {
	Resumed   haltReport   `json:"resumed"`
	Remaining []haltReport `json:"remaining"`
}

// Run does it.
func (r *resumeCommand) Run(ctx context.Context, c *command.Console) error {
	store, err := r.open(ctx, c)
	if err != nil {
		return err
	}
	book := halt.NewBook(store)
	lifted, err := book.Resume(ctx, r.scope())
	if errors.Is(err, state.ErrNotFound) {
		return fmt.Errorf("nothing to resume: there is no halt for %s: starfleet halted lists them", r.scope())
	}
	if err != nil {
		return err
	}
	remaining, err := book.Halts(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	report := resumeReport{Resumed: reportHalt(lifted, now), Remaining: reportHalts(remaining, now)}
	if c.JSON {
		command.WriteJSON(c.Out, report)
		return nil
	}
	_, _ = fmt.Fprintf(c.Out, "resumed: %s\n", command.Safe(lifted.Scope.String()))
	for _, o := range remaining {
		if !o.Expired(now) {
			c.Note("still halted: %s", orderWords(o))
		}
	}
	return nil
}

// haltedCommand lists the halts.
type haltedCommand struct {
	stateFlags
	Output string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object, {halts:[{ship,account,until,reason,by,at,expired}]}."`
}

// Help is the detailed help.
func (haltedCommand) Help() string {
	return `Examples:

  starfleet halted --config config
  starfleet halted --state s3://starfleet-state/production -o json

`
}

// haltReport is a halt in `-o json`.
type haltReport struct {
	halt.Order
	Expired bool `json:"expired"`
}

func reportHalt(o halt.Order, now time.Time) haltReport { return haltReport{o, o.Expired(now)} }

func reportHalts(orders halt.Orders, now time.Time) []haltReport {
	reports := []haltReport{}
	for _, o := range orders {
		reports = append(reports, reportHalt(o, now))
	}
	return reports
}

// Run does it.
func (h *haltedCommand) Run(ctx context.Context, c *command.Console) error {
	store, err := h.open(ctx, c)
	if err != nil {
		return err
	}
	orders, err := halt.NewBook(store).Halts(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	if c.JSON {
		command.WriteJSON(c.Out, struct {
			Halts []haltReport `json:"halts"`
		}{reportHalts(orders, now)})
		return nil
	}
	if len(orders) == 0 {
		c.Note("nothing is halted")
	}
	for _, o := range orders {
		expired := ""
		if o.Expired(now) {
			expired = " (over)"
		}
		_, _ = fmt.Fprintf(c.Out, "%s%s\n", orderWords(o), expired)
	}
	return nil
}

package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/internal/command"
)

// indexDiffCommand compares two account indexes.
type indexDiffCommand struct {
	Old    string `arg:"" help:"The older index: a file, s3://BUCKET/KEY, or - for standard input."`
	New    string `arg:"" help:"The newer one."`
	Output string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object, {accountsAdded,accountsRemoved,accountsChanged,orgUnitsAdded,orgUnitsRemoved,orgUnitsChanged}."`
}

// Help is the detailed help.
func (indexDiffCommand) Help() string {
	return `Accounts, OUs, tags, regions and states are compared. When an index was generated is no difference. The exit status is 0 whether they differ or not.

Example:

  starfleet index diff old.json s3://my-index/accountIndex.json

`
}

// Run does it.
func (d *indexDiffCommand) Run(ctx context.Context, c *command.Console) error {
	if d.Old == command.StandardInput && d.New == command.StandardInput {
		return command.Usagef("OLD and NEW cannot both be standard input")
	}
	older, err := (&indexFlags{Index: d.Old}).look(ctx, c, nil)
	if err != nil {
		return err
	}
	newer, err := (&indexFlags{Index: d.New}).look(ctx, c, nil)
	if err != nil {
		return err
	}
	if older == nil || newer == nil {
		return errNoIndex()
	}
	shown := showDifference(accountindex.Compare(older, newer))
	if c.JSON {
		command.WriteJSON(c.Out, shown)
		return nil
	}
	shown.print(c.Out, c.OutPaint)
	return nil
}

// differenceShown is `-o json`.
type differenceShown struct {
	AccountsAdded   []accountShown        `json:"accountsAdded"`
	AccountsRemoved []accountShown        `json:"accountsRemoved"`
	AccountsChanged []accountChangedShown `json:"accountsChanged"`
	UnitsAdded      []unitShown           `json:"orgUnitsAdded"`
	UnitsRemoved    []unitShown           `json:"orgUnitsRemoved"`
	UnitsChanged    []unitChangedShown    `json:"orgUnitsChanged"`
}

type accountShown struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Path  string `json:"path"`
	State string `json:"state"`
}

type accountChangedShown struct {
	ID     string       `json:"id"`
	Name   string       `json:"name"`
	Fields []fieldShown `json:"fields"`
}

type fieldShown struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

type unitShown struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Path string `json:"path"`
}

type unitChangedShown struct {
	Old unitShown `json:"old"`
	New unitShown `json:"new"`
}

// each shows all of a list, never null.
func each[T, S any](all []T, show func(T) S) []S {
	shown := make([]S, 0, len(all))
	for _, one := range all {
		shown = append(shown, show(one))
	}
	return shown
}

func showDifference(d accountindex.Difference) *differenceShown {
	account := func(a accountindex.Account) accountShown {
		return accountShown{ID: a.ID, Name: a.Name, Path: a.Path, State: string(a.State)}
	}
	unit := func(u accountindex.OrgUnit) unitShown { return unitShown{ID: u.ID, Name: u.Name, Path: u.Path} }
	return &differenceShown{
		AccountsAdded: each(d.AddedAccounts, account), AccountsRemoved: each(d.RemovedAccounts, account),
		AccountsChanged: each(d.ChangedAccounts, func(a accountindex.AccountDifference) accountChangedShown {
			return accountChangedShown{ID: a.ID, Name: a.Name, Fields: each(a.Fields, func(f accountindex.FieldDifference) fieldShown {
				return fieldShown{Field: f.Field, Old: f.Old, New: f.New}
			})}
		}),
		UnitsAdded: each(d.AddedOrgUnits, unit), UnitsRemoved: each(d.RemovedOrgUnits, unit),
		UnitsChanged: each(d.ChangedOrgUnits, func(u accountindex.OrgUnitDifference) unitChangedShown {
			return unitChangedShown{Old: unit(u.Old), New: unit(u.New)}
		}),
	}
}

// print writes the difference for people: + is new, - is gone, ~ differs.
func (d *differenceShown) print(out io.Writer, paint command.Paint) {
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	for _, a := range d.AccountsAdded {
		line("%s account %s %s in %s", paint.Green("+"), a.ID, command.Safe(a.Name), command.Safe(a.Path))
	}
	for _, a := range d.AccountsRemoved {
		line("%s account %s %s in %s", paint.Red("-"), a.ID, command.Safe(a.Name), command.Safe(a.Path))
	}
	for _, a := range d.AccountsChanged {
		line("%s account %s %s", paint.Yellow("~"), a.ID, command.Safe(a.Name))
		for _, f := range a.Fields {
			line("    %s: %q is now %q", command.Safe(f.Field), f.Old, f.New)
		}
	}
	for _, u := range d.UnitsAdded {
		line("%s OU %s %s", paint.Green("+"), u.ID, command.Safe(u.Path))
	}
	for _, u := range d.UnitsRemoved {
		line("%s OU %s %s", paint.Red("-"), u.ID, command.Safe(u.Path))
	}
	for _, u := range d.UnitsChanged {
		line("%s OU %s: %s is now %s", paint.Yellow("~"), u.New.ID, command.Safe(u.Old.Path), command.Safe(u.New.Path))
	}
	line("Accounts: %d added, %d removed, %d changed. OUs: %d added, %d removed, %d changed.",
		len(d.AccountsAdded), len(d.AccountsRemoved), len(d.AccountsChanged), len(d.UnitsAdded), len(d.UnitsRemoved), len(d.UnitsChanged))
}

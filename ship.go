package starfleet

import (
	"context"
	"fmt"
	"regexp"
)

// Ship is a worker ship: a program that does one kind of work in one account, or one region of it.
type Ship[P Payload] interface {
	// Name is the ship's name: the name of its section in the configuration, and of its manifest.
	Name() string

	// Execute does the work of one task: it brings inv.AccountID (and inv.Region) to the state that inv.Payload describes.
	// It writes only when inv.Commit is true, and records with inv.Change what it changed or would change.
	//
	// Execute may be called from several goroutines at once, and more than once for the same task: it must be idempotent.
	// ctx ends before the Lambda deadline (2 s by default), with a cause that names ship, account and region.
	//
	// The error steers what becomes of the task:
	//
	//	nil                  done, acknowledged
	//	Skip(reason)         acknowledged, recorded as skipped
	//	RetryAfter(d, err)   hidden for d, then tried again
	//	Permanent(err)       dead-lettered at once
	//	any other error      tried again after 10 s x 2^n with jitter
	//
	// The last attempt that the queue allows dead-letters the task with its error. A panic is that task's failure alone.
	Execute(ctx context.Context, inv *Invocation[P]) error
}

// ShipFunc makes a ship of a function.
func ShipFunc[P Payload](name string, execute func(context.Context, *Invocation[P]) error) Ship[P] {
	return shipFunc[P]{name: name, execute: execute}
}

type shipFunc[P Payload] struct {
	name    string
	execute func(context.Context, *Invocation[P]) error
}

func (s shipFunc[P]) Name() string { return s.name }

func (s shipFunc[P]) Execute(ctx context.Context, inv *Invocation[P]) error {
	return s.execute(ctx, inv)
}

// Permissions are the IAM actions that a ship needs in its target accounts, such as "logs:PutRetentionPolicy".
type Permissions struct {
	Read  []string `json:"read"`  // needed in a dry run too
	Write []string `json:"write"` // needed to commit
}

// ShipWithPermissions is implemented by ships that say which IAM actions they need. It is asked once, at start,
// and goes into the ship's [Manifest].
type ShipWithPermissions interface {
	Permissions() Permissions
}

// shipNames: the name is a section of the configuration, a file name and part of ARNs and session names.
var shipNames = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)

func checkShipName(name string) error {
	if !shipNames.MatchString(name) {
		return fmt.Errorf("ship name %q: 1 to 64 letters, digits, - and _, the first a letter", name)
	}
	return nil
}

var actionNames = regexp.MustCompile(`^[a-z0-9-]+:[A-Za-z0-9]+$`)

func checkPermissions(p Permissions) error {
	for _, list := range [][]string{p.Read, p.Write} {
		for _, action := range list {
			if !actionNames.MatchString(action) {
				return fmt.Errorf("permission %q: an IAM action such as logs:DescribeLogGroups, without wildcards", action)
			}
		}
	}
	return nil
}

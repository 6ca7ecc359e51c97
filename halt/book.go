package halt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/starfleet-go/starfleet/state"
)

// prefix is where the orders are in a state store.
const prefix = "halts/"

// Source says what is halted. Implementations are safe for concurrent use. When an answer cannot be had that is an error, and
// never an empty list.
type Source interface {
	Halts(ctx context.Context) (Orders, error)
}

// Book is the orders in a state store. Make one with NewBook. It asks the store at each call.
type Book struct{ store state.Store }

var _ Source = (*Book)(nil)

// NewBook is the book in a state store.
func NewBook(store state.Store) *Book { return &Book{store: store} }

// key is where the order for a scope is: there is one at most.
func (s Scope) key() string {
	switch {
	case s.Ship == "" && s.AccountID == "":
		return prefix + "all"
	case s.AccountID == "":
		return prefix + "ship/" + s.Ship
	case s.Ship == "":
		return prefix + "account/" + s.AccountID
	default:
		return prefix + "ship-in-account/" + s.Ship + "/" + s.AccountID
	}
}

// Halt gives an order. One that is there for the same scope is replaced.
func (b *Book) Halt(ctx context.Context, o Order) error {
	if err := o.Check(); err != nil {
		return err
	}
	o.Until, o.At = o.Until.UTC(), o.At.UTC()
	data, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("halt %s: %w", o.Scope, err)
	}
	if _, err := b.store.Put(ctx, o.key(), data); err != nil {
		return fmt.Errorf("halt %s: %w", o.Scope, err)
	}
	return nil
}

// Resume lifts the order for exactly this scope, and returns it. Others stay: an order for all ships is not lifted by resuming one. Without
// such an order the error is of class state.ErrNotFound.
func (b *Book) Resume(ctx context.Context, s Scope) (Order, error) {
	if err := s.check(); err != nil {
		return Order{}, err
	}
	entry, err := b.store.Get(ctx, s.key())
	if err != nil {
		return Order{}, fmt.Errorf("resume %s: %w", s, err)
	}
	o, fault := parse(entry) // one that cannot be read can be lifted all the same
	if err := b.store.Delete(ctx, s.key()); err != nil {
		return Order{}, fmt.Errorf("resume %s: %w", s, err)
	}
	if fault != nil {
		o = Order{Scope: s}
	}
	return o, nil
}

// Halts are all orders, expired ones too, in the order of their scopes. An order that cannot be read is an error: nobody can say what it halts.
func (b *Book) Halts(ctx context.Context) (Orders, error) {
	var orders Orders
	for key, err := range b.store.List(ctx, prefix) {
		if err != nil {
			return nil, fmt.Errorf("list the halts: %w", err)
		}
		entry, err := b.store.Get(ctx, key)
		if errors.Is(err, state.ErrNotFound) {
			continue // lifted meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("read halt %s: %w", key, err)
		}
		o, err := parse(entry)
		if err != nil {
			return nil, err
		}
		orders = append(orders, o)
	}
	slices.SortStableFunc(orders, func(a, b Order) int {
		return cmp.Or(strings.Compare(a.Ship, b.Ship), strings.Compare(a.AccountID, b.AccountID))
	})
	return orders, nil
}

// parse reads an order, which must say the scope that its key names.
func parse(entry state.Entry) (Order, error) {
	var o Order
	err := json.Unmarshal(entry.Data, &o, json.RejectUnknownMembers(true))
	if err == nil {
		err = o.Check()
	}
	if err == nil && o.key() != entry.Key {
		err = fmt.Errorf("it is for %s", o.Scope)
	}
	if err != nil {
		return Order{}, fmt.Errorf("halt %s is at fault, so that nobody can say what it halts: give the order again or remove the entry: %w", entry.Key, err)
	}
	return o, nil
}

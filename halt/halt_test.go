package halt_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/halt"
	"github.com/starfleet-go/starfleet/state"
)

var (
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	one  = "111111111111"
	two  = "222222222222"
)

func order(ship, account string, until time.Time) halt.Order {
	return halt.Order{Scope: halt.Scope{Ship: ship, AccountID: account}, Until: until, Reason: "an incident", By: "ada", At: noon}
}

func TestBook(t *testing.T) {
	t.Parallel()
	store := &state.Memory{}
	book := halt.NewBook(store)
	given := halt.Orders{
		order("", "", noon.Add(time.Hour)), order("", one, time.Time{}), order("Ship", "", time.Time{}), order("Ship", two, noon.Add(time.Minute)),
	}
	for _, o := range given {
		if err := book.Halt(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	again := given[1]
	again.Reason = "another incident"
	if err := book.Halt(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	given[1] = again
	got, err := book.Halts(t.Context())
	if diff := cmp.Diff(given, got); err != nil || diff != "" {
		t.Errorf("error %v, orders (-want +got):\n%s", err, diff)
	}
	lifted, err := book.Resume(t.Context(), halt.Scope{Ship: "Ship"})
	if diff := cmp.Diff(given[2], lifted); err != nil || diff != "" {
		t.Errorf("error %v, lifted (-want +got):\n%s", err, diff)
	}
	if _, err := book.Resume(t.Context(), halt.Scope{Ship: "Ship"}); !errors.Is(err, state.ErrNotFound) {
		t.Errorf("lifted twice: %v", err)
	}
	if got, err = book.Halts(t.Context()); err != nil || len(got) != 3 {
		t.Errorf("%d orders are left, error %v", len(got), err)
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	all, ship, account, both := order("", "", time.Time{}), order("Ship", "", time.Time{}), order("", one, time.Time{}), order("Ship", one, time.Time{})
	soon, later := order("", "", noon.Add(time.Minute)), order("Ship", "", noon.Add(time.Hour))
	for _, test := range []struct {
		name          string
		orders        halt.Orders
		ship, account string
		after         time.Duration
		want          *halt.Order
	}{
		{"none", nil, "Ship", one, 0, nil},
		{"all", halt.Orders{all}, "Ship", one, 0, &all},
		{"all, before the account is known", halt.Orders{all}, "Ship", "", 0, &all},
		{"its ship", halt.Orders{ship}, "Ship", "", 0, &ship},
		{"another ship", halt.Orders{ship}, "Shipping", one, 0, nil},
		{"its account", halt.Orders{account}, "Ship", one, 0, &account},
		{"another account", halt.Orders{account}, "Ship", two, 0, nil},
		{"an account's order is no ship's", halt.Orders{account}, "Ship", "", 0, nil},
		{"both", halt.Orders{both}, "Ship", one, 0, &both},
		{"both, of another account", halt.Orders{both}, "Ship", two, 0, nil},
		{"both, of another ship", halt.Orders{both}, "Other", one, 0, nil},
		{"not yet expired", halt.Orders{soon}, "Ship", one, time.Minute - 1, &soon},
		{"expired", halt.Orders{soon}, "Ship", one, time.Minute, nil},
		{"the longest", halt.Orders{soon, later}, "Ship", one, 0, &later},
		{"the longest is without end", halt.Orders{soon, later, account}, "Ship", one, 0, &account},
		{"of those that are left", halt.Orders{soon, later}, "Ship", one, 30 * time.Minute, &later},
	} {
		got, ok := test.orders.Match(test.ship, test.account, noon.Add(test.after))
		if ok != (test.want != nil) || ok && !cmp.Equal(got, *test.want) {
			t.Errorf("%s: %+v, %v", test.name, got, ok)
		}
	}
}

func TestBadOrdersAreRefused(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(*halt.Order){
		"no name of a ship":    func(o *halt.Order) { o.Ship = "a/b" },
		"no account id":        func(o *halt.Order) { o.AccountID = "1" },
		"needs a reason":       func(o *halt.Order) { o.Reason = " " },
		"before it begins":     func(o *halt.Order) { o.Until = noon },
		"when it was given":    func(o *halt.Order) { o.At = time.Time{} },
		"at most 1024 bytes":   func(o *halt.Order) { o.Reason = strings.Repeat("x", 1025) },
		"the by of a halt is ": func(o *halt.Order) { o.By = "\xff" },
	} {
		o := order("Ship", one, time.Time{})
		spoil(&o)
		if err := halt.NewBook(&state.Memory{}).Halt(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestAnOrderAtFault: an entry that cannot be understood may halt anything, so nothing can be said; it can be lifted.
func TestAnOrderAtFault(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "{}", "null", `{"reason":"r","at":"2026-11-22T12:00:00Z","Until":"x"}`, `{"reason":"r","reason":"r","at":"2026-11-22T12:00:00Z"}`,
		`{"ship":"Other","reason":"r","at":"2026-11-22T12:00:00Z"}`, `{"REASON":"r","at":"2026-11-22T12:00:00Z"}`,
	} {
		store := &state.Memory{}
		if _, err := store.Put(t.Context(), "halts/all", []byte(text)); err != nil {
			t.Fatal(err)
		}
		book := halt.NewBook(store)
		if orders, err := book.Halts(t.Context()); err == nil || !strings.Contains(err.Error(), "halts/all") {
			t.Errorf("%s: %v, error %v", text, orders, err)
		}
		if _, err := book.Resume(t.Context(), halt.Scope{}); err != nil {
			t.Errorf("%s cannot be lifted: %v", text, err)
		}
		if orders, err := book.Halts(t.Context()); err != nil || len(orders) != 0 {
			t.Errorf("%v, error %v", orders, err)
		}
	}
}

// source is a Source that counts, and fails as it is told.
type source struct {
	asked  int
	err    error
	orders halt.Orders
}

func (s *source) Halts(context.Context) (halt.Orders, error) {
	s.asked++
	return s.orders, s.err
}

func TestReader(t *testing.T) {
	t.Parallel()
	now := noon
	s := &source{err: errors.New("no connection")}
	reader, err := halt.NewReader(s, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	ask := func(after time.Duration, asked, orders int, fails bool) {
		t.Helper()
		now = noon.Add(after)
		got, err := reader.Halts(t.Context())
		if s.asked != asked || len(got) != orders || (err != nil) != fails {
			t.Errorf("after %v: asked %d times, %d orders, error %v; want %d, %d, %v", after, s.asked, len(got), err, asked, orders, fails)
		}
	}
	ask(0, 1, 0, true) // never read: nobody can say that nothing is halted
	s.err = nil
	ask(time.Second, 2, 0, false)
	s.orders = halt.Orders{order("", "", time.Time{})}
	ask(30*time.Second, 2, 0, false)
	ask(31*time.Second, 3, 1, false)
	s.err, s.orders = errors.New("no connection"), nil
	ask(62*time.Second, 4, 1, false)
	ask(66*time.Second, 4, 1, false)
	ask(331*time.Second, 5, 1, false)
	ask(332*time.Second, 6, 0, true)
	if _, err := halt.NewReader(nil, nil); err == nil {
		t.Error("a reader of nothing is made")
	}
}

package halt

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Scope is what an order is for.
type Scope struct {
	// Ship is the name of a ship, "" for all.
	Ship string `json:"ship,omitempty"`
	// AccountID is a 12-digit account id, "" for all accounts.
	AccountID string `json:"account,omitempty"`
}

var (
	shipNames  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)
	accountIDs = regexp.MustCompile(`^[0-9]{12}$`)
)

// check says what is wrong with the scope.
func (s Scope) check() error {
	var errs []error
	if s.Ship != "" && !shipNames.MatchString(s.Ship) {
		errs = append(errs, fmt.Errorf("%q is no name of a ship", s.Ship))
	}
	if s.AccountID != "" && !accountIDs.MatchString(s.AccountID) {
		errs = append(errs, fmt.Errorf("%q is no account id: it has 12 digits", s.AccountID))
	}
	return errors.Join(errs...)
}

// String names the scope for people.
func (s Scope) String() string {
	switch {
	case s.Ship == "" && s.AccountID == "":
		return "all ships in all accounts"
	case s.AccountID == "":
		return "ship " + s.Ship + " in all accounts"
	case s.Ship == "":
		return "all ships in account " + s.AccountID
	default:
		return "ship " + s.Ship + " in account " + s.AccountID
	}
}

// Covers says whether the scope includes a ship's work in an account. An accountID of "" is work that is in no account, or not yet: orders
// for single accounts do not cover it.
func (s Scope) Covers(ship, accountID string) bool {
	return (s.Ship == "" || s.Ship == ship) && (s.AccountID == "" || s.AccountID == accountID)
}

// Order is one halt.
type Order struct {
	Scope
	// Until is when the order ends by itself. Zero: when it is lifted.
	Until time.Time `json:"until,omitzero"`
	// Reason says why, for whoever finds the work standing still. Required.
	Reason string `json:"reason"`
	// By is who gave the order, as far as is known.
	By string `json:"by,omitempty"`
	// At is when it was given.
	At time.Time `json:"at"`
}

// maxReasonBytes bounds what an order says.
const maxReasonBytes = 1 << 10

// Check says what is wrong with the order.
func (o Order) Check() error {
	errs := []error{o.check()}
	if strings.TrimSpace(o.Reason) == "" {
		errs = append(errs, errors.New("a halt needs a reason: others will look for it"))
	}
	for name, text := range map[string]string{"reason": o.Reason, "by": o.By} {
		if len(text) > maxReasonBytes || !utf8.ValidString(text) {
			errs = append(errs, fmt.Errorf("the %s of a halt is text of at most %d bytes", name, maxReasonBytes))
		}
	}
	if o.At.IsZero() {
		errs = append(errs, errors.New("a halt has to say when it was given"))
	}
	if !o.Until.IsZero() && !o.Until.After(o.At) {
		errs = append(errs, fmt.Errorf("the halt would end at %s, before it begins", o.Until.UTC().Format(time.RFC3339)))
	}
	return errors.Join(errs...)
}

// Expired says whether the order ended by itself.
func (o Order) Expired(now time.Time) bool { return !o.Until.IsZero() && !now.Before(o.Until) }

// Orders are orders, in the order of their keys.
type Orders []Order

// Match is the order that holds a ship's work in an account up, of several the one that lasts longest; see Scope.Covers. Expired
// orders do not count.
func (os Orders) Match(ship, accountID string, now time.Time) (Order, bool) {
	var found Order
	ok := false
	for _, o := range os {
		if !o.Covers(ship, accountID) || o.Expired(now) {
			continue
		}
		if !ok || !found.Until.IsZero() && (o.Until.IsZero() || o.Until.After(found.Until)) {
			found, ok = o, true
		}
	}
	return found, ok
}

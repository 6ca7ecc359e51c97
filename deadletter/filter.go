package deadletter

import (
	"cmp"
	"slices"
	"time"
)

// Filter selects letters: those that match every field that is set, and of each list any entry. The zero value selects all.
type Filter struct {
	Classes     []string
	AccountIDs  []string
	Ships       []string
	RunIDs      []string
	MessageIDs  []string      // of the letter, or of the message that died
	OlderThan   time.Duration // since the letter was sent; one whose time is not known is not selected
	YoungerThan time.Duration
}

// Empty says whether every letter is selected.
func (f Filter) Empty() bool {
	return len(f.Classes)+len(f.AccountIDs)+len(f.Ships)+len(f.RunIDs)+len(f.MessageIDs) == 0 && f.OlderThan == 0 && f.YoungerThan == 0
}

// Selects says whether the letter is selected.
func (f Filter) Selects(l Letter, now time.Time) bool {
	for _, field := range []struct {
		any   []string
		value string
	}{{f.Classes, l.Class}, {f.AccountIDs, l.AccountID}, {f.Ships, l.Ship}, {f.RunIDs, l.RunID}} {
		if len(field.any) > 0 && !slices.Contains(field.any, field.value) {
			return false
		}
	}
	if len(f.MessageIDs) > 0 && !slices.Contains(f.MessageIDs, l.Message.ID) &&
		(l.SourceMessageID == "" || !slices.Contains(f.MessageIDs, l.SourceMessageID)) {
		return false
	}
	if f.OlderThan == 0 && f.YoungerThan == 0 {
		return true
	}
	sent := l.Message.SentAt
	age := now.Sub(sent)
	return !sent.IsZero() && (f.OlderThan == 0 || age > f.OlderThan) && (f.YoungerThan == 0 || age < f.YoungerThan)
}

// Key is what a Group has in common. Fields that letters are not grouped by are empty.
type Key struct{ Class, AccountID, Ship string }

// By says which fields letters are grouped by.
type By struct{ Class, AccountID, Ship bool }

// Group is letters that have something in common.
type Group struct {
	Key
	Count, Expired int
	Oldest, Newest time.Time // when the letters were sent; zero when it is not known
	Example        Letter    // the first that came
}

// Groups collects letters by what they have in common, and does not keep them. Make one with NewGroups.
type Groups struct {
	by    By
	byKey map[Key]*Group
}

// NewGroups makes an empty collection.
func NewGroups(by By) *Groups { return &Groups{by: by, byKey: map[Key]*Group{}} }

// Add counts a letter.
func (g *Groups) Add(l Letter, now time.Time) {
	var k Key
	if g.by.Class {
		k.Class = l.Class
	}
	if g.by.AccountID {
		k.AccountID = l.AccountID
	}
	if g.by.Ship {
		k.Ship = l.Ship
	}
	group := g.byKey[k]
	if group == nil {
		group = &Group{Key: k, Example: l}
		g.byKey[k] = group
	}
	group.Count++
	if l.Expired(now) {
		group.Expired++
	}
	sent := l.Message.SentAt
	if sent.IsZero() {
		return
	}
	if group.Oldest.IsZero() || sent.Before(group.Oldest) {
		group.Oldest = sent
	}
	if sent.After(group.Newest) {
		group.Newest = sent
	}
}

// All are the groups, the largest first.
func (g *Groups) All() []Group {
	all := make([]Group, 0, len(g.byKey))
	for _, group := range g.byKey {
		all = append(all, *group)
	}
	slices.SortFunc(all, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Ship, b.Ship), cmp.Compare(a.AccountID, b.AccountID))
	})
	return all
}

package main

import (
	"iter"
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/local"
)

// accountList is the accounts that one reason left out.
type accountList struct{ names []string }

// String names the accounts, the first four of them.
func (l accountList) String() string {
	const most = 4
	if len(l.names) <= most {
		return strings.Join(l.names, ", ")
	}
	return strings.Join(l.names[:most], ", ") + ", ..."
}

// leftOut yields the reasons for which accounts that the template includes were left out, in the order of their names.
func leftOut(r local.Run) iter.Seq2[accountindex.Reason, accountList] {
	return func(yield func(accountindex.Reason, accountList) bool) {
		if r.Plan == nil || r.Plan.Resolution() == nil {
			return
		}
		lists := map[accountindex.Reason]accountList{}
		for decision := range r.Plan.Resolution().Explain() {
			if decision.Reason != accountindex.Included && decision.Reason != accountindex.NotIncluded {
				list := lists[decision.Reason]
				list.names = append(list.names, decision.Account.Name)
				lists[decision.Reason] = list
			}
		}
		var reasons []accountindex.Reason
		for reason := range lists {
			reasons = append(reasons, reason)
		}
		slices.Sort(reasons)
		for _, reason := range reasons {
			if !yield(reason, lists[reason]) {
				return
			}
		}
	}
}

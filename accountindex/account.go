package accountindex

import (
	"strings"
	"time"
)

// State is the state of an account as AWS Organizations names it. Only [Active] accounts are ever
// tasked; a state that this package does not know is kept as it is and counts as not active.
type State string

// The states of an account.
const (
	Active            State = "ACTIVE"
	Suspended         State = "SUSPENDED"
	PendingActivation State = "PENDING_ACTIVATION"
	PendingClosure    State = "PENDING_CLOSURE"
	Closed            State = "CLOSED"

	// UnknownState is that of an account for which the index has neither State nor Status.
	UnknownState State = ""
)

// The two types of a [Parent].
const (
	TypeOrgUnit = "ORGANIZATIONAL_UNIT"
	TypeRoot    = "ROOT"
)

// Parent is one organizational unit, or the root, above an account. An empty Type is read from the
// id: that of a root starts with "r-".
type Parent struct{ ID, Name, Type string }

func (p Parent) isRoot() bool {
	return p.Type == TypeRoot || p.Type == "" && strings.HasPrefix(p.ID, "r-")
}

// Account is what the index knows of one account.
//
// A nil Tags, Parents or Regions is a fact that is unknown, which is not the same as an empty one:
// an account is never tasked while a selector uses a fact that is unknown for it.
type Account struct {
	// ID is 12 digits.
	ID string
	// Name is matched without regard to case.
	Name string
	// ARN is "arn:PARTITION:organizations::MANAGEMENT:account/ORGANIZATION/ID".
	ARN string
	// Email may be empty.
	Email string
	State State
	// Parents is the chain above the account: its own OU first, the root last. A chain that does not
	// end in the root is incomplete and counts as unknown; so does an empty one, since every account
	// stands somewhere.
	Parents []Parent
	// Path is where the account stands, such as "/Workloads/Prod"; "/" is directly under the root and
	// "" is unknown. It follows from Parents: New ignores it.
	Path string
	// Regions are those that are enabled in the account, sorted.
	Regions []string
	// RegionsAsOf is when Regions were read, where that was before the index was generated; otherwise
	// zero. It has no effect on what is selected.
	RegionsAsOf time.Time
	Tags        map[string]string
	// JoinedTimestamp is opaque text.
	JoinedTimestamp string
	// JoinedMethod is INVITED or CREATED.
	JoinedMethod string
}

// Partition is the partition in the account's ARN, such as aws, aws-us-gov or aws-cn; "" when there
// is no well-formed ARN.
func (a Account) Partition() string {
	o, _, _ := parseARN(a.ARN)
	return o.partition
}

// OrganizationID is the organization in the account's ARN, such as "o-a1b2c3d4e5"; "" when there is
// no well-formed ARN.
func (a Account) OrganizationID() string {
	o, _, _ := parseARN(a.ARN)
	return o.id
}

// IsAccountID says whether s is 12 ASCII digits.
func IsAccountID(s string) bool { return isAccountID(s) }

func isAccountID[T string | []byte](s T) bool {
	return len(s) == 12 && allDigits(s)
}

func allDigits[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) > 0
}

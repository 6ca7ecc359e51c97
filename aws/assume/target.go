package assume

import (
	"fmt"
	"regexp"
	"strings"
)

// maxSessionName is the longest RoleSessionName that STS takes, in characters.
const maxSessionName = 64

// Target is an account, the role to hold in it and the region to work in.
type Target struct {
	// Partition is that of the account: aws, aws-us-gov, aws-cn, ... Required: it is taken from the
	// account's ARN and never guessed.
	Partition string

	// AccountID is 12 digits. Required.
	AccountID string

	// RoleName is the name of the role, with its path where it has one ("team/starfleet-worker"), or an ARN. {partition} and
	// {account} in it stand for those of the target: "arn:{partition}:iam::{account}:role/team/worker-{account}". Whatever it says, it has
	// to be a role of the account. Required.
	RoleName string

	// Via are the ARNs of roles that are assumed before it, each with the credentials of the one before, the first with the worker's own.
	// {partition} and {account} stand for those of the target. Default: none.
	Via []string

	// ExternalID is the external id that the trust policy of the role asks for, in the target account; roles of Via get none. Default: none.
	ExternalID string

	// PolicyARNs and Policy are the session policies, managed ones and an inline one: the session may do what the role may and any of
	// them allows. {partition} in an ARN stands for that of the target. Roles of Via get none. Default: none.
	PolicyARNs []string
	Policy     string

	// SourceIdentity is set by the first role that is assumed, and stays. A trust policy that does not allow sts:SetSourceIdentity denies
	// the role. Default: none.
	SourceIdentity string

	// Tags are the session tags. A trust policy that does not allow sts:TagSession denies the role. Roles of Via get none. Default: none.
	Tags map[string]string

	// Commit says whether the session is for writing. It changes nothing of what STS is asked; a session is never used for a target of
	// the other kind.
	Commit bool

	// SessionName is how the session shows in the account's CloudTrail: the ship's name. Characters
	// that STS refuses become "-", and it is cut to 64. Default: "starfleet".
	SessionName string

	// Region is that of the configuration handed out. Default: the home region.
	Region string
}

// TargetError says what is wrong with a Target. No retry cures it.
type TargetError struct {
	Field string // such as AccountID
	Value string
	Hint  string
}

// Error names the field and its value, and says what to do.
func (e *TargetError) Error() string {
	return fmt.Sprintf("assume: target's %s %q: %s", e.Field, e.Value, e.Hint)
}

var (
	partitionForm = regexp.MustCompile(`^aws(-[a-z]+)*$`)
	accountForm   = regexp.MustCompile(`^[0-9]{12}$`)
	regionForm    = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]+$`)
)

func (t Target) check(home string) error {
	switch {
	case !partitionForm.MatchString(t.Partition):
		return &TargetError{"Partition", t.Partition, "must be that of the account's ARN, such as aws, aws-us-gov or aws-cn"}
	case !accountForm.MatchString(t.AccountID):
		return &TargetError{"AccountID", t.AccountID, "must be 12 digits"}
	case t.Region != "" && !regionForm.MatchString(t.Region):
		return &TargetError{"Region", t.Region, "must be the name of a region, such as eu-west-1"}
	}
	if t.Region != "" && !samePartition(t.Region, t.Partition) {
		return &TargetError{"Region", t.Region, "is no region of partition " + t.Partition + ", which the account is in"}
	}
	if !samePartition(home, t.Partition) {
		return &TargetError{"Partition", t.Partition, "can not be reached from home region " + home + ": credentials are good in one partition only, so run a fleet in each"}
	}
	return t.checkRoles()
}

// samePartition says whether a region may be in a partition. A region of a form that is not known here is let through, so that a
// new partition needs no new version.
func samePartition(region, partition string) bool {
	known := partitionOf(region)
	return known == "" || known == partition
}

func partitionOf(region string) string {
	for _, p := range partitions {
		if strings.HasPrefix(region, p.prefix) {
			return p.name
		}
	}
	return ""
}

// partitions are the regions' beginnings, longer ones first, as in the SDK's table of partitions.
var partitions = []struct{ prefix, name string }{
	{"us-gov-", "aws-us-gov"}, {"cn-", "aws-cn"}, {"us-isob-", "aws-iso-b"}, {"us-isof-", "aws-iso-f"},
	{"us-iso-", "aws-iso"}, {"eu-isoe-", "aws-iso-e"}, {"eusc-", "aws-eusc"},
	{"us-", "aws"}, {"eu-", "aws"}, {"ap-", "aws"}, {"sa-", "aws"}, {"ca-", "aws"}, {"me-", "aws"},
	{"af-", "aws"}, {"il-", "aws"}, {"mx-", "aws"},
}

var notInSessionName = regexp.MustCompile(`[^\w+=,.@-]+`)

// sessionName makes of any text a RoleSessionName: 2 to 64 characters of STS's alphabet.
func sessionName(s string) string {
	const standIn = "starfleet"
	s = notInSessionName.ReplaceAllString(s, "-")
	switch len(s) {
	case 0:
		return standIn
	case 1:
		return standIn + "-" + s
	}
	return s[:min(len(s), maxSessionName)]
}

package accountindex

import (
	"fmt"
	"strings"
)

// organization is what an account's ARN says besides the id of the account. All accounts of one
// organization share one.
type organization struct {
	partition  string
	management string // id of the management account
	id         string // "o-..."
}

// arn is the ARN of one of the organization's accounts.
func (o organization) arn(account string) string {
	return "arn:" + o.partition + ":organizations::" + o.management + ":account/" + o.id + "/" + account
}

// parseARN reads "arn:PARTITION:organizations::MANAGEMENT:account/ORGANIZATION/ACCOUNT".
func parseARN(arn string) (o organization, account string, err error) {
	const form = `want "arn:PARTITION:organizations::MANAGEMENT:account/ORGANIZATION/ACCOUNT"`
	parts := strings.Split(arn, ":")
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "organizations" || parts[3] != "" {
		return organization{}, "", fmt.Errorf("is not the ARN of an account of an organization: %s", form)
	}
	resource := strings.Split(parts[5], "/")
	if len(resource) != 3 || resource[0] != "account" {
		return organization{}, "", fmt.Errorf("does not name an account: %s", form)
	}
	o = organization{partition: parts[1], management: parts[4], id: resource[1]}
	switch {
	case !knownPartition(o.partition):
		return organization{}, "", fmt.Errorf("is of the partition %q, which is not known", o.partition)
	case !IsAccountID(o.management):
		return organization{}, "", fmt.Errorf("names the management account %q: want 12 digits", o.management)
	case !isOrganizationID(o.id):
		return organization{}, "", fmt.Errorf(`names the organization %q: want "o-" and lower-case letters or digits`, o.id)
	case !IsAccountID(resource[2]):
		return organization{}, "", fmt.Errorf("names the account %q: want 12 digits", resource[2])
	}
	return o, resource[2], nil
}

func isOrganizationID(s string) bool {
	rest, ok := strings.CutPrefix(s, "o-")
	if !ok || rest == "" {
		return false
	}
	for _, c := range []byte(rest) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

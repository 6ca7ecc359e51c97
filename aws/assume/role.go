package assume

import (
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// roleForm is IAM's: an optional path of printable ASCII and a name of 1 to 64 characters. Braces are for placeholders, so none are left.
var roleForm = regexp.MustCompile(`^/?([!-.0-z|~]+/)*[\w+=,.@-]{1,64}$`)

const roleResource = "role/"

// expand puts partition and account of the target into a template.
func (t Target) expand(template string) string {
	return strings.NewReplacer("{partition}", t.Partition, "{account}", t.AccountID).Replace(template)
}

// RoleARN is the ARN of the role in the account.
func (t Target) RoleARN() string {
	role := t.expand(t.RoleName)
	if strings.HasPrefix(role, "arn:") {
		return role
	}
	return "arn:" + t.Partition + ":iam::" + t.AccountID + ":" + roleResource + strings.TrimPrefix(role, "/")
}

// checkRoles checks the role and those before it. The role has to be one of the account: a template that leads elsewhere would do the
// account's work in another one.
func (t Target) checkRoles() error {
	role := t.expand(t.RoleName)
	if name, isARN := roleOfARN(role); isARN {
		if parsed, err := arn.Parse(role); err != nil || parsed.AccountID != t.AccountID {
			return &TargetError{"RoleName", t.RoleName, "is no role of account " + t.AccountID + ": write {account} where the ARN has the account"}
		}
		role = name
	}
	if !roleForm.MatchString(role) {
		return &TargetError{"RoleName", t.RoleName, "must be the name of an IAM role, 1 to 64 of letters, digits and _+=,.@-, or the ARN of one;" +
			" {partition} and {account} are the only placeholders"}
	}
	roles := []struct{ field, template string }{{"RoleName", t.RoleName}}
	for _, via := range t.Via {
		roles = append(roles, struct{ field, template string }{"Via", via})
	}
	for _, r := range roles {
		expanded := t.expand(r.template)
		name, isARN := roleOfARN(expanded)
		switch {
		case !isARN && r.field == "RoleName": // a name
		case !isARN || !roleForm.MatchString(name):
			return &TargetError{r.field, r.template, "must be the ARN of a role, such as arn:{partition}:iam::111122223333:role/hub"}
		default:
			if parsed, err := arn.Parse(expanded); err != nil || parsed.Partition != t.Partition || !accountForm.MatchString(parsed.AccountID) {
				return &TargetError{r.field, r.template, "is no role of partition " + t.Partition + ": write {partition} where the ARN has the partition"}
			}
		}
	}
	return nil
}

// roleOfARN is the role's name, with its path, in an ARN of IAM. isARN is true for what means to be an ARN of whatever kind; its name is
// empty unless it is one of a role.
func roleOfARN(s string) (name string, isARN bool) {
	if !strings.HasPrefix(s, "arn:") {
		return "", false
	}
	parsed, err := arn.Parse(s)
	if err != nil || parsed.Service != "iam" || parsed.Region != "" {
		return "", true
	}
	name, ok := strings.CutPrefix(parsed.Resource, roleResource)
	if !ok {
		return "", true
	}
	return name, true
}

package iamrole

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/starfleet-go/starfleet"
)

// OwnershipTag is the tag that the ship gives to every role that it writes, with the ship's name as its value. Only a role that carries it is
// ever deleted.
const OwnershipTag = "starfleet:ship"

// awsTags is what tags begin with that AWS itself sets; nobody else can change them.
const awsTags = "aws:"

// guardProtected is the name under which a role that the ship must not touch is refused.
const guardProtected = "protected roles"

// builtIn are the roles that no configuration can give up: those by which an organization is administered, and those that AWS made for
// itself. Which of the last a role is its path says, so that its name is only the first of two looks.
var builtIn = mustProtect(
	"OrganizationAccountAccessRole", "AWSControlTowerExecution", "stacksets-exec-*", // of Organizations, Control Tower, CloudFormation
	"AWSServiceRoleFor*", "AWSReservedSSO_*", // service-linked, and under /aws-reserved/
)

// protected are roles that are never touched, by name. IAM does not distinguish names by case, and a name is unique in an account whatever
// the path.
type protected []protectedName

type protectedName struct {
	written string
	form    *regexp.Regexp // nil: written has placeholders that are filled for each account
}

// protect reads names as the configuration has them: with a path, as an ARN, with placeholders, with * for any characters.
func protect(names ...string) (protected, error) {
	p := make(protected, len(names))
	for i, name := range names {
		p[i] = protectedName{written: name}
		if strings.Contains(name, "{") {
			continue
		}
		var err error
		if p[i].form, err = nameForm(name); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func mustProtect(names ...string) protected {
	p, err := protect(names...)
	if err != nil {
		panic(err)
	}
	return p
}

// nameForm matches the last part of a name, without regard to case.
func nameForm(name string) (*regexp.Regexp, error) {
	last := name[strings.LastIndex(name, "/")+1:]
	if last == "" {
		return nil, fmt.Errorf("%q names no role", name)
	}
	return regexp.Compile(`(?i)^` + strings.ReplaceAll(regexp.QuoteMeta(last), `\*`, `.*`) + `$`)
}

// protects says why a role must not be touched in an account, "" when it may be.
func (p protected) protects(name, partition, accountID string) string {
	for _, of := range p {
		form := of.form
		if form == nil {
			filled := strings.NewReplacer("{account}", accountID, "{partition}", partition).Replace(of.written)
			var err error
			if form, err = nameForm(filled); err != nil {
				continue
			}
		}
		if form.MatchString(name) {
			return fmt.Sprintf("the role %s is never touched: it is protected as %s", name, of.written)
		}
	}
	return ""
}

// protectedPath says why a role with this path must not be touched, "" when it may be.
func protectedPath(path string) string {
	for _, of := range []string{"aws-service-role", "aws-reserved"} {
		if strings.Contains(strings.ToLower(path), of) {
			return fmt.Sprintf("the path %s is that of roles that AWS made for itself, which are never touched", path)
		}
	}
	return ""
}

// protectedTrust is protectedPath for a trust policy: what a service-linked role has a part in is left alone.
func protectedTrust(document string) string {
	if strings.Contains(strings.ToLower(document), "aws-service-role") {
		return "the trust policy names a service-linked role: such roles, and what trusts them, are never touched"
	}
	return ""
}

// assumedRole is the name of the role whose session an ARN of STS is, or of the role that an ARN of IAM is; "" for anything else.
func assumedRole(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 {
		return ""
	}
	words := strings.Split(parts[5], "/")
	switch {
	case words[0] == "assumed-role" && len(words) >= 2:
		return words[1]
	case words[0] == "role" && len(words) >= 2:
		return words[len(words)-1]
	}
	return ""
}

// refuse makes why, if there is one, the refusal of a task: it is dead-lettered at once.
func refuse(why, accountID string) error {
	if why == "" {
		return nil
	}
	return &starfleet.RefusedError{Guard: guardProtected, Reason: why + " (account " + accountID + ")"}
}

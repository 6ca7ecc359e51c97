package iamrole

import (
	"errors"
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
	written string         // as the configuration has it
	pattern string         // written, with the placeholders {account} and {partition} alone
	form    *regexp.Regexp // nil: the pattern is filled for each account
}

// protect reads names: with a path, as an ARN, with the placeholders {account} and {partition}, with * for any characters.
func protect(names ...string) (protected, error) {
	p := make(protected, len(names))
	for i, name := range names {
		if strings.ContainsAny(filled(name, "", ""), "{}") {
			return nil, fmt.Errorf("%q has a placeholder that is unknown: there are {account} and {partition}", name)
		}
		var err error
		if p[i], err = protectName(name, name); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// protectRoles reads the roles of all ships. What other ships may have more in their names stands for any characters. A name without a last part is
// nobody's: that is the fault of another section, and it is left out.
func protectRoles(names []string) (p protected, leftOut []string) {
	for _, name := range names {
		pattern := placeholder.ReplaceAllStringFunc(name, func(found string) string {
			if filled(found, "", "") == "" {
				return found
			}
			return "*"
		})
		of, err := protectName(name, pattern)
		if err != nil {
			leftOut = append(leftOut, name)
			continue
		}
		p = append(p, of)
	}
	return p, leftOut
}

// placeholder is what stands in braces, closed or not.
var placeholder = regexp.MustCompile(`\{[^{}/]*\}?|\}`)

func protectName(written, pattern string) (protectedName, error) {
	of := protectedName{written: written, pattern: pattern}
	form, err := nameForm(filled(pattern, "000000000000", "aws"))
	if err != nil {
		return of, fmt.Errorf("%q: %w", written, err)
	}
	if !strings.Contains(pattern, "{") {
		of.form = form
	}
	return of, nil
}

func filled(name, accountID, partition string) string {
	return strings.NewReplacer("{account}", accountID, "{partition}", partition).Replace(name)
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
		return nil, errors.New("it names no role")
	}
	return regexp.Compile(`(?i)^` + strings.ReplaceAll(regexp.QuoteMeta(last), `\*`, `.*`) + `$`)
}

// protects says why a role must not be touched in an account, "" when it may be.
func (p protected) protects(name, partition, accountID string) string {
	for _, of := range p {
		form := of.form
		if form == nil {
			var err error
			if form, err = nameForm(filled(of.pattern, accountID, partition)); err != nil {
				return fmt.Sprintf("the role %s is not touched: what is protected as %s cannot be told: %v", name, of.written, err)
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

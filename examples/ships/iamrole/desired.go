package iamrole

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet/accountindex"
)

// role is an IAM role: as a template wants it, or as IAM has it.
type role struct {
	name string
	// path is "" where a template says nothing of it.
	path        string
	description string
	maxSession  int32
	boundary    string // ARN, "" for none
	trust       string // JSON
	tags        map[string]string
	managed     []string          // ARNs, sorted
	inline      map[string]string // JSON by name
	revoked     bool              // whether IAM has AWS's revocation of its sessions, which the ship leaves
}

// What IAM gives a role: its MaxSessionDuration, in seconds, and its path.
const (
	defaultSession = 3600
	defaultPath    = "/"
)

// builder renders a template for one account. It goes on after an error, to find all.
type builder struct {
	scope     *scope
	variables variables
	partition string
	errs      []error
}

func (b *builder) fail(path string, err error) {
	if err != nil {
		b.errs = append(b.errs, fmt.Errorf("%s: %w", path, err))
	}
}

// text fills the variables in.
func (b *builder) text(path, text string) string {
	filled, err := expand(text, b.variables.lookup)
	b.fail(path, err)
	return filled
}

func (b *builder) texts(path string, list Texts) []string {
	filled := make([]string, 0, len(list))
	for i, text := range list {
		filled = append(filled, b.text(fmt.Sprintf("%s[%d]", path, i), text))
	}
	return filled
}

// name is the name of the role.
func (b *builder) name(p Properties) (string, error) {
	name := b.text("role_name", p.RoleName)
	if len(b.errs) == 0 {
		b.fail("role_name", checkRoleName(name))
	}
	return name, errors.Join(b.errs...)
}

// role is what the template wants in the account. All that is wrong with it there is in the error.
func (b *builder) role(ctx context.Context, p Properties) (*role, error) {
	r := &role{name: b.text("role_name", p.RoleName), maxSession: defaultSession}
	if d, some, err := atMostOne(ctx, b.scope, "description", p.Description); err != nil || some {
		b.fail("properties", err)
		r.description = b.text("description", d.Description)
		b.fail("description", checkDescription(r.description))
	}
	if d, some, err := atMostOne(ctx, b.scope, "max_session_duration", p.MaxSessionDuration); err != nil || some {
		b.fail("properties", err)
		r.maxSession = d.MaxSessionDuration
	}
	if path, some, err := atMostOne(ctx, b.scope, "path", p.Path); err != nil {
		b.fail("properties", err)
	} else if some {
		r.path = b.text("path", path.Path)
		b.fail("path", checkPath(r.path))
	}
	if boundary, some, err := atMostOne(ctx, b.scope, "permissions_boundary", p.PermissionsBoundary); err != nil {
		b.fail("properties", err)
	} else if some {
		r.boundary = b.policyARN("permissions_boundary.policy_arn", boundary.PolicyARN)
	}
	r.trust = b.trust(ctx, p)
	r.tags = b.tags(ctx, p)
	r.managed = b.managed(ctx, p)
	r.inline = b.inline(ctx, p)
	return r, errors.Join(b.errs...)
}

func (b *builder) trust(ctx context.Context, p Properties) string {
	const path = "assume_role_policy_document"
	trust, some, err := atMostOne(ctx, b.scope, path, p.AssumeRolePolicyDocument)
	b.fail("properties", err)
	if err != nil {
		return ""
	}
	document := b.document(ctx, path, trust.Version, trust.Statement)
	if !some || document == "" {
		b.fail(path, fmt.Errorf("no statement applies in account %s: nobody could assume the role", b.scope.accountID))
	}
	return document
}

func (b *builder) tags(ctx context.Context, p Properties) map[string]string {
	list, err := applying(ctx, b.scope, "tags", p.Tags)
	b.fail("properties", err)
	tags, seen := map[string]string{}, map[string]bool{}
	for _, tag := range list {
		key, value := b.text("tags "+tag.Key, tag.Key), b.text("tags "+tag.Key, tag.Value)
		b.fail("tags", checkTag(key, value))
		if folded := strings.ToLower(key); seen[folded] {
			b.fail("tags", fmt.Errorf("there are two tags %q in account %s, which IAM does not distinguish by case", key, b.scope.accountID))
		} else {
			seen[folded] = true
		}
		tags[key] = value
	}
	if len(tags) >= maxTags {
		b.fail("tags", fmt.Errorf("there are %d in account %s: a role has %d at most, with the ship's own", len(tags), b.scope.accountID, maxTags))
	}
	tags[OwnershipTag] = Name
	return tags
}

func (b *builder) managed(ctx context.Context, p Properties) []string {
	list, err := applying(ctx, b.scope, "managed_policies", p.ManagedPolicies)
	b.fail("properties", err)
	arns := make([]string, len(list))
	for i, policy := range list {
		arns[i] = b.policyARN("managed_policies.policy_arn", policy.PolicyARN)
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}

var policyARNForm = regexp.MustCompile(`^arn:([a-z-]+):iam::(aws|[0-9]{12}):policy/[\w+=,.@/-]{1,512}$`)

// policyARN is the ARN of a policy that the role can have: of AWS or of the account itself, in its partition. The partition aws stands for that
// of the account, in which no other policy can be.
func (b *builder) policyARN(path, written string) string {
	arn := b.text(path, written)
	parts := policyARNForm.FindStringSubmatch(arn)
	if rest, ok := strings.CutPrefix(arn, "arn:aws:"); ok {
		arn = "arn:" + b.partition + ":" + rest
	}
	switch {
	case parts == nil:
		b.fail(path, fmt.Errorf("%q is not the ARN of a policy, such as arn:aws:iam::aws:policy/ReadOnlyAccess", arn))
	case parts[1] != "aws" && parts[1] != b.partition:
		b.fail(path, fmt.Errorf("%s is of the partition %s, account %s is in %s", arn, parts[1], b.scope.accountID, b.partition))
	case parts[2] != "aws" && parts[2] != b.scope.accountID:
		b.fail(path, fmt.Errorf("%s is a policy of another account than %s: a role has those of AWS and of its own, as in arn:aws:iam::{{var.account_id}}:policy/NAME",
			arn, b.scope.accountID))
	}
	return arn
}

func (b *builder) inline(ctx context.Context, p Properties) map[string]string {
	list, err := applying(ctx, b.scope, "inline_policies", p.InlinePolicies)
	b.fail("properties", err)
	policies, seen := map[string]string{}, map[string]bool{}
	for _, policy := range list {
		name := b.text("inline_policies "+policy.PolicyName, policy.PolicyName)
		document := b.document(ctx, "inline_policies "+policy.PolicyName, policy.Version, policy.Statement)
		if document == "" {
			continue // none of its statements applies
		}
		b.fail("inline_policies", checkPolicyName(name))
		if folded := strings.ToLower(name); seen[folded] {
			b.fail("inline_policies", fmt.Errorf("there are two policies %q in account %s, which IAM does not distinguish by case", name, b.scope.accountID))
		} else {
			seen[folded] = true
		}
		policies[name] = document
	}
	return policies
}

// document is a policy document for IAM, "" when none of its statements applies.
func (b *builder) document(ctx context.Context, path, version string, statements []Statement) string {
	list, err := applying(ctx, b.scope, path+".statement", statements)
	b.fail("properties", err)
	if len(list) == 0 {
		return ""
	}
	document := awsDocument{Version: version}
	if version == "" {
		document.Version = defaultVersion
	}
	for _, s := range list {
		document.Statement = append(document.Statement, b.statement(path+".statement", s))
	}
	return text(document)
}

func (b *builder) statement(path string, s Statement) awsStatement {
	out := awsStatement{
		Sid: b.text(path+".sid", s.Sid), Effect: "Allow",
		Action: b.texts(path+".action", s.Action), NotAction: b.texts(path+".not_action", s.NotAction),
		Resource: b.texts(path+".resource", s.Resource), NotResource: b.texts(path+".not_resource", s.NotResource),
		Principal: b.principal(path+".principal", s.Principal), NotPrincipal: b.principal(path+".not_principal", s.NotPrincipal),
	}
	switch {
	case strings.EqualFold(s.Effect, "Deny"):
		out.Effect = "Deny"
	case !strings.EqualFold(s.Effect, "Allow"):
		b.fail(path+".effect", fmt.Errorf("%q is neither Allow nor Deny", s.Effect))
	}
	if !sidForm.MatchString(out.Sid) {
		b.fail(path+".sid", fmt.Errorf("%q has other characters than letters and digits", out.Sid))
	}
	out.Condition = b.condition(path+".condition", s.Condition)
	return out
}

// condition fills the variables in. Two operators or keys that come to the same are an error, for IAM would know one of them alone.
func (b *builder) condition(path string, condition map[string]map[string]Values) map[string]map[string]Values {
	if len(condition) == 0 {
		return nil
	}
	out, operators := map[string]map[string]Values{}, map[string]bool{}
	once := func(seen map[string]bool, path, name string) {
		if folded := strings.ToLower(name); seen[folded] {
			b.fail(path, fmt.Errorf("%q stands twice here in account %s: IAM does not distinguish it by case", name, b.scope.accountID))
		} else {
			seen[folded] = true
		}
	}
	for _, written := range slices.Sorted(maps.Keys(condition)) {
		operator, block, keys := b.text(path, written), map[string]Values{}, map[string]bool{}
		once(operators, path, operator)
		for _, key := range slices.Sorted(maps.Keys(condition[written])) {
			at := path + "." + written + "." + key
			filled := b.text(at, key)
			once(keys, at, filled)
			block[filled] = b.texts(at, Texts(condition[written][key]))
		}
		out[operator] = block
	}
	return out
}

// principal is nil, "*", or who it is by kind in IAM's own words.
func (b *builder) principal(path string, p Principal) any {
	if p.Everyone {
		return everyone
	}
	kinds := map[string][]string{}
	for kind, list := range map[string]Texts{"AWS": p.AWS, "Service": p.Service, "Federated": p.Federated, "CanonicalUser": p.CanonicalUser} {
		if len(list) > 0 {
			kinds[kind] = b.texts(path, list)
		}
	}
	if len(kinds) == 0 {
		return nil
	}
	return kinds
}

// partitionOf is the partition of the account: by its ARN in the index, else by the region in which the ship works.
func partitionOf(account *accountindex.Account, region string) string {
	if account != nil {
		if partition := account.Partition(); partition != "" {
			return partition
		}
	}
	return accountindex.PartitionOf(region)
}

package iamrole_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/examples/ships/iamrole"
	"github.com/starfleet-go/starfleet/schema"
)

// selections come to nobody, to the account, or to all.
var (
	nobody = []string{
		"{ByNames: [Nobody]}", "{ByIds: ['999999999999']}", "{ByTags: [{Name: Nothing, Value: x}]}", "{ByOrgUnits: [/Nowhere]}",
		"{ByExpression: 'name == \"Nobody\"'}", "{ByNames: [Nobody], ByOrgUnits: [ou-none-00000000]}",
	}
	somebody = []string{"{AllAccounts: true}", "{ByNames: [Account 1]}", "{ByIds: ['000000000001']}", "{ByOrgUnits: [SomeOU]}", "{ByTags: [{Name: key1, Value: value1}]}"}
)

// limited draws the limits of an entry. mark is what must not be seen when they come to nobody.
func limited(r *rapid.T) (limits, mark string) {
	switch rapid.IntRange(0, 3).Draw(r, "limits") {
	case 0:
		return "", "seen"
	case 1:
		limits, mark = ", StarfleetIncludeAccounts: "+rapid.SampledFrom(somebody).Draw(r, "somebody"), "seen"
	case 2:
		limits, mark = ", StarfleetIncludeAccounts: "+rapid.SampledFrom(nobody).Draw(r, "nobody"), "unseen"
	default:
		return ", StarfleetExcludeAccounts: {ByNames: [Account 1]}", "unseen"
	}
	if rapid.Bool().Draw(r, "excluded too") {
		limits += ", StarfleetExcludeAccounts: {ByNames: [Account 2]}"
	}
	return limits, mark
}

// drawn is a template with entries of every kind, limited in all ways. Entries that must not be seen say so in a text of theirs.
func drawn(r *rapid.T, name string) string {
	text := &strings.Builder{}
	text.WriteString(strings.Replace(base, "'worker-{{var.team}}'", "'"+name+"'", 1))
	list := func(key string, entry func(i int, mark string) string) {
		for i := range rapid.IntRange(0, 4).Draw(r, key) {
			if i == 0 {
				fmt.Fprintf(text, "    %s:\n", key)
			}
			limits, mark := limited(r)
			fmt.Fprintf(text, "      - {%s%s}\n", entry(i, mark), limits)
		}
	}
	list("tags", func(i int, mark string) string { return fmt.Sprintf("key: k%d, value: %s", i, mark) })
	list("managed_policies", func(i int, mark string) string {
		return fmt.Sprintf("policy_arn: 'arn:aws:iam::aws:policy/%s%d'", mark, i)
	})
	list("inline_policies", func(i int, mark string) string {
		statements := make([]string, rapid.IntRange(1, 3).Draw(r, "statements"))
		for j := range statements {
			limits, inner := limited(r)
			statements[j] = fmt.Sprintf("{effect: %s, action: 's3:%s', resource: '*'%s}", rapid.SampledFrom([]string{"Allow", "deny"}).Draw(r, "effect"), inner, limits)
		}
		return fmt.Sprintf("policy_name: %s%d, statement: [%s]", mark, i, strings.Join(statements, ", "))
	})
	if limits, mark := limited(r); rapid.Bool().Draw(r, "boundary") {
		fmt.Fprintf(text, "    permissions_boundary: {policy_arn: 'arn:aws:iam::aws:policy/%s'%s}\n", mark, limits)
	}
	if limits, mark := limited(r); rapid.Bool().Draw(r, "description") {
		fmt.Fprintf(text, "    description: [{description: %s%s}]\n", mark, limits)
	}
	if limits, mark := limited(r); rapid.Bool().Draw(r, "path") {
		fmt.Fprintf(text, "    path: [{file_path: /%s/%s}]\n", mark, limits)
	}
	return text.String()
}

// TestWhatAppliesToNobodyIsNowhere: whatever the template, an entry that is limited to accounts which come to nobody, or that excludes the account,
// is never part of the role; and a second run changes nothing.
func TestWhatAppliesToNobodyIsNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rapid.Check(t, func(r *rapid.T) {
		w.iam = newFakeIAM()
		text := drawn(r, "worker-{{var.team}}")
		first := w.run(t, text, true)
		if first.Err != nil {
			r.Fatalf("%s\n%v", text, first.Err)
		}
		if got := fmt.Sprintf("%+v", w.iam.roles["worker-blue"]); strings.Contains(got, "unseen") {
			r.Fatalf("%s\nmade %s", text, got)
		}
		if again := w.run(t, text, true); again.Outcome != starfleet.OutcomeOK {
			r.Fatalf("%s\nagain: %s, %v: %v", text, again.Outcome, again.Changes, again.Err)
		}
	})
}

// untouchable is what no write may be about, said in another way than the ship says it.
var untouchable = regexp.MustCompile(`(?i)^(organizationaccountaccessrole|awscontroltowerexecution|stacksets-exec-.*|awsservicerolefor.*|awsreservedsso_.*|` +
	`starfleet-worker-basic-test-role|careful|other-000000000001|broken|deep|break-glass|admin-.*|odd-.*-.*-role|half-.*|function-role|kept by its path)$`)

// TestProtectedRolesAreNeverWritten: whatever the template and whatever the account has, no write is about a protected role.
func TestProtectedRolesAreNeverWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.section = otherShips
	words := []string{
		"Organization", "Account", "AccessRole", "AWSControlTower", "Execution", "stacksets", "-exec-", "AWSServiceRoleFor", "AWSReservedSSO_", "Support",
		"starfleet-worker-basic-test-role", "Careful", "other-", "broken", "deep", "break-", "glass", "admin-", "function-", "role", "worker",
		"{{var.team}}", "{{var.account_id}}", "{{var.account_name}}",
	}
	seen := map[bool]int{}
	rapid.Check(t, func(r *rapid.T) {
		name := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 3).Draw(r, "name"), "")
		if rapid.Bool().Draw(r, "upper") {
			name = regexp.MustCompile(`\{\{.*?\}\}|[a-z]+`).ReplaceAllStringFunc(name, func(s string) string {
				if strings.HasPrefix(s, "{{") {
					return s
				}
				return strings.ToUpper(s)
			})
		}
		team := rapid.SampledFrom(words[:20]).Draw(r, "team")
		text := strings.Replace(drawn(r, name), "Value: blue", "Value: "+team, 1)
		if rapid.Bool().Draw(r, "deleted") {
			text += "  deleted: true\n"
		}
		rendered := strings.NewReplacer("{{var.team}}", team, "{{var.account_id}}", account1, "{{var.account_name}}", "Account1").Replace(name)
		w.iam = newFakeIAM()
		if rapid.Bool().Draw(r, "there") {
			path := rapid.SampledFrom([]string{"/", "/aws-service-role/x.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"}).Draw(r, "path")
			w.iam = newFakeIAM(&storedRole{name: rendered, path: path, trust: trustEC2, tags: map[string]string{iamrole.OwnershipTag: iamrole.Name}})
			if path != "/" {
				rendered = "kept by its path"
			}
		}
		result := w.run(t, text, true)
		protected := untouchable.MatchString(rendered)
		seen[protected]++
		if protected && len(w.iam.writes)+len(result.Changes) > 0 {
			r.Fatalf("%s\nwrote %v, recorded %v", text, w.iam.writes, result.Changes)
		}
		if panicked := new(starfleet.PanicError); errors.As(result.Err, &panicked) {
			r.Fatalf("%s\n%v", text, result.Err)
		}
	})
	if seen[true] == 0 || seen[false] == 0 {
		t.Errorf("protected and not: %v", seen)
	}
}

// FuzzTemplate: any template is refused, or comes to a role that is not protected. It never makes the ship panic.
func FuzzTemplate(f *testing.F) {
	for _, text := range []string{full, base + "  deleted: true\n", readFile(f, "testdata/iam_role.yaml"), named("AWSServiceRoleFor{{var.team}}")} {
		f.Add(text)
	}
	w := newWorld(f)
	w.section = otherShips
	f.Fuzz(func(t *testing.T, text string) {
		w.iam = newFakeIAM()
		text += "\n"
		if strings.Contains(text, "StarbaseAssigned") || !parses(text+"StarbaseAssignedAccount: '"+account1+"'\n") {
			return
		}
		result := w.run(t, text, true)
		if panicked := new(starfleet.PanicError); errors.As(result.Err, &panicked) {
			t.Fatal(result.Err)
		}
		for _, write := range w.iam.writes {
			if name := strings.Fields(write)[1]; untouchable.MatchString(name) {
				t.Errorf("wrote %s", write)
			}
		}
	})
}

func parses(text string) bool {
	_, err := schema.Parse("t.yaml", []byte(text))
	return err == nil
}

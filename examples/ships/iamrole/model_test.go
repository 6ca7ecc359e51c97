package iamrole_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// The model of these tests: there are two services that may assume a role, and three actions, one letter each. What a managed policy allows, or a
// boundary bounds, is in its name.
const (
	principals = "st"
	actions    = "abc"
	policyARN  = "arn:aws:iam::aws:policy/"
)

// modelStatement is one of a trust policy (on principals) or of a policy (on actions).
type modelStatement struct {
	Effect string
	On     string
}

// modelRole is all that says what a role may do, and who may assume it.
type modelRole struct {
	Trust    []modelStatement
	Boundary string // "" for none, else the letters after B-
	Managed  []string
	Inline   map[string][]modelStatement
}

func statements(list []modelStatement, allowed, deny bool, on rune) bool {
	for _, s := range list {
		if strings.ContainsRune(s.On, on) {
			allowed = allowed || s.Effect == "Allow"
			deny = deny || s.Effect == "Deny"
		}
	}
	return allowed && !deny
}

// trusts says whether the principal may assume the role.
func (m modelRole) trusts(principal rune) bool { return statements(m.Trust, false, false, principal) }

// permits says whether the role may do the action.
func (m modelRole) permits(action rune) bool {
	own := slices.Concat(slices.Collect(maps.Values(m.Inline))...)
	managed := slices.ContainsFunc(m.Managed, func(letters string) bool { return strings.ContainsRune(letters, action) })
	return (m.Boundary == "" || strings.ContainsRune(m.Boundary, action)) && statements(own, managed, false, action)
}

func (m modelRole) allows(principal, action rune) bool {
	return m.trusts(principal) && m.permits(action)
}

// stored is the role as IAM keeps it, template the properties that make it so. Both are JSON, which is YAML, too.
func (m modelRole) stored() *storedRole {
	r := &storedRole{name: "worker-blue", trust: m.document(m.Trust, "Effect", "Action", "Principal", "Service", "", "Statement"), inline: map[string]string{}}
	for name, list := range m.Inline {
		r.inline[name] = m.document(list, "Effect", "Action", "", "", "Resource", "Statement")
	}
	if m.Boundary != "" {
		r.boundary = policyARN + "B-" + m.Boundary
	}
	for _, letters := range m.Managed {
		r.managed = append(r.managed, policyARN+"M-"+letters)
	}
	return r
}

func (m modelRole) template() string {
	trust := m.document(m.Trust, "effect", "action", "principal", "service", "", "statement")
	text := base[:strings.Index(base, "    assume_role")] + "    assume_role_policy_document: " + trust + "\n    inline_policies:\n"
	for _, name := range slices.Sorted(maps.Keys(m.Inline)) {
		text += fmt.Sprintf("      - {policy_name: %s, %s\n", name, m.document(m.Inline[name], "effect", "action", "", "", "resource", "statement")[1:])
	}
	if len(m.Inline) == 0 {
		text = strings.TrimSuffix(text, "    inline_policies:\n")
	}
	if m.Boundary != "" {
		text += "    permissions_boundary: {policy_arn: '" + policyARN + "B-" + m.Boundary + "'}\n"
	}
	for i, letters := range m.Managed {
		if i == 0 {
			text += "    managed_policies:\n"
		}
		text += "      - {policy_arn: '" + policyARN + "M-" + letters + "'}\n"
	}
	return text
}

func (modelRole) document(list []modelStatement, effect, action, principal, service, resource, statement string) string {
	var out []map[string]any
	for _, s := range list {
		letters := strings.Split(s.On, "")
		if principal != "" {
			out = append(out, map[string]any{effect: s.Effect, action: "sts:AssumeRole", principal: map[string]any{service: letters}})
		} else {
			out = append(out, map[string]any{effect: s.Effect, action: letters, resource: "*"})
		}
	}
	data, err := json.Marshal(map[string]any{statement: out})
	if err != nil {
		panic(err)
	}
	return string(data)
}

// modelOf reads what IAM has.
func modelOf(r *storedRole) modelRole {
	m := modelRole{Trust: modelStatements(r.trust), Boundary: strings.TrimPrefix(r.boundary, policyARN+"B-"), Inline: map[string][]modelStatement{}}
	for _, arn := range r.managed {
		m.Managed = append(m.Managed, strings.TrimPrefix(arn, policyARN+"M-"))
	}
	for name, document := range r.inline {
		m.Inline[name] = modelStatements(document)
	}
	return m
}

func modelStatements(document string) []modelStatement {
	var top struct {
		Statement []struct {
			Effect    string
			Action    any
			Principal struct{ Service []string } // as the ship and these tests write it
		}
	}
	if err := json.Unmarshal([]byte(document), &top); err != nil {
		panic(err)
	}
	var out []modelStatement
	for _, s := range top.Statement {
		on := strings.Join(s.Principal.Service, "")
		switch action := s.Action.(type) {
		case []any:
			for _, one := range action {
				on += strings.TrimPrefix(one.(string), "sts:AssumeRole")
			}
		case string:
			on += strings.TrimPrefix(action, "sts:AssumeRole")
		}
		out = append(out, modelStatement{s.Effect, on})
	}
	return out
}

// exchanges says whether the statements of a trust policy are neither fewer nor more.
func exchanges(before, after []modelStatement) bool {
	narrows, widens := false, false
	for _, s := range before {
		gone := !slices.Contains(after, s)
		narrows, widens = narrows || gone && s.Effect == "Allow", widens || gone && s.Effect == "Deny"
	}
	for _, s := range after {
		comes := !slices.Contains(before, s)
		narrows, widens = narrows || comes && s.Effect == "Deny", widens || comes && s.Effect == "Allow"
	}
	return narrows && widens
}

// allowsDiffer says whether a list has an Allow that the other lacks.
func allowsDiffer(list, other []modelStatement) bool {
	return slices.ContainsFunc(list, func(s modelStatement) bool { return s.Effect == "Allow" && !slices.Contains(other, s) })
}

func drawLetters(r *rapid.T, of, label string) string {
	letters := ""
	for _, c := range of {
		if rapid.Bool().Draw(r, label) {
			letters += string(c)
		}
	}
	if letters == "" {
		return of[:1]
	}
	return letters
}

func drawRole(r *rapid.T) modelRole {
	list := func(of, label string) []modelStatement {
		return rapid.SliceOfNDistinct(rapid.Custom(func(r *rapid.T) modelStatement {
			return modelStatement{rapid.SampledFrom([]string{"Allow", "Allow", "Deny"}).Draw(r, "effect"), drawLetters(r, of, "on")}
		}), 1, 3, func(s modelStatement) modelStatement { return s }).Draw(r, label)
	}
	m := modelRole{Trust: list(principals, "trust"), Inline: map[string][]modelStatement{}}
	if rapid.Bool().Draw(r, "bounded") {
		m.Boundary = drawLetters(r, actions, "boundary")
	}
	for _, name := range []string{"p", "q", "r"} {
		if rapid.Bool().Draw(r, name) {
			m.Inline[name] = list(actions, name)
		}
	}
	m.Managed = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "ab", "bc"}), 0, 2, rapid.ID).Draw(r, "managed")
	slices.Sort(m.Managed)
	return m
}

// sorted is the role without the order of its lists.
func sorted(m modelRole) string {
	list := func(s []modelStatement) string {
		texts := make([]string, len(s))
		for i := range s {
			texts[i] = fmt.Sprint(s[i])
		}
		slices.Sort(texts)
		return fmt.Sprint(texts)
	}
	text := list(m.Trust) + m.Boundary + fmt.Sprint(slices.Sorted(slices.Values(m.Managed)))
	for _, name := range slices.Sorted(maps.Keys(m.Inline)) {
		text += name + list(m.Inline[name])
	}
	return text
}

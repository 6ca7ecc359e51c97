package iamrole

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/starfleet-go/starfleet/accountindex"
)

// defaultVersion is the version of the policy language that a document without one is in.
const defaultVersion = "2008-10-17"

// awsDocument is a policy document as IAM takes it.
type awsDocument struct {
	Version   string         `json:"Version,omitempty"`
	Statement []awsStatement `json:"Statement"`
}

type awsStatement struct {
	Sid          string                       `json:"Sid,omitempty"`
	Effect       string                       `json:"Effect"`
	Principal    any                          `json:"Principal,omitempty"`
	NotPrincipal any                          `json:"NotPrincipal,omitempty"`
	Action       []string                     `json:"Action,omitempty"`
	NotAction    []string                     `json:"NotAction,omitempty"`
	Resource     []string                     `json:"Resource,omitempty"`
	NotResource  []string                     `json:"NotResource,omitempty"`
	Condition    map[string]map[string]Values `json:"Condition,omitempty"`
}

// canonical is what a policy document means, in texts that are the same for documents that mean the same: the order of lists and of
// statements does not count, a single value is a list of one, "*" is everyone of AWS, and an account's id is its root.
type canonical struct {
	version    string
	statements []string // sorted, each once
}

func (c canonical) equal(other canonical) bool {
	return c.version == other.version && slices.Equal(c.statements, other.statements)
}

// read makes a document canonical. What is no document stands for itself.
func read(document, partition string) canonical {
	var top map[string]any
	if err := json.Unmarshal([]byte(document), &top); err != nil {
		return canonical{version: defaultVersion, statements: []string{strings.TrimSpace(document)}}
	}
	c := canonical{version: defaultVersion}
	if version, ok := top["Version"].(string); ok && version != "" {
		c.version = version
	}
	statements, ok := top["Statement"].([]any)
	if !ok && top["Statement"] != nil {
		statements = []any{top["Statement"]}
	}
	delete(top, "Version")
	delete(top, "Statement")
	if len(top) > 0 { // an Id, or what IAM adds one day
		c.statements = append(c.statements, text(top))
	}
	for _, s := range statements {
		c.statements = append(c.statements, text(meaning(s, partition)))
	}
	slices.Sort(c.statements)
	c.statements = slices.Compact(c.statements)
	return c
}

// meaning is a statement in its canonical form.
func meaning(statement any, partition string) any {
	s, ok := statement.(map[string]any)
	if !ok {
		return statement
	}
	out := maps.Clone(s)
	for key, value := range s {
		switch key {
		case "Action", "NotAction", "Resource", "NotResource":
			out[key] = set(value, nil)
		case "Principal", "NotPrincipal":
			out[key] = principals(value, partition)
		case "Condition":
			out[key] = conditions(value)
		case "Sid":
			if value == "" {
				delete(out, key)
			}
		}
	}
	return out
}

func principals(value any, partition string) any {
	if value == everyone {
		value = map[string]any{"AWS": everyone}
	}
	kinds, ok := value.(map[string]any)
	if !ok {
		return value
	}
	out := map[string]any{}
	for kind, who := range kinds {
		out[kind] = set(who, func(name string) string {
			if kind == "AWS" && accountindex.IsAccountID(name) { // IAM writes it so when it is asked
				return "arn:" + partition + ":iam::" + name + ":root"
			}
			return name
		})
	}
	return out
}

func conditions(value any) any {
	operators, ok := value.(map[string]any)
	if !ok {
		return value
	}
	out := map[string]any{}
	for operator, block := range operators {
		keys, ok := block.(map[string]any)
		if !ok {
			out[operator] = block
			continue
		}
		sets := map[string]any{}
		for key, values := range keys {
			sets[key] = set(values, nil)
		}
		out[operator] = sets
	}
	return out
}

// set is one value or a list of them as a sorted list of texts, each once.
func set(value any, each func(string) string) []string {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	texts := make([]string, len(list))
	for i, item := range list {
		if texts[i], ok = item.(string); !ok {
			texts[i] = text(item)
		}
		if each != nil {
			texts[i] = each(texts[i])
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// text is a value as JSON in one line, keys in order. Everything that it is given came out of JSON or goes into it.
func text(value any) string {
	data, err := json.Marshal(value, json.Deterministic(true))
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// decoded is a document as IAM answers with it: percent-encoded by RFC 3986.
func decoded(document string) string {
	if plain, err := url.PathUnescape(document); err == nil {
		return plain
	}
	return document
}

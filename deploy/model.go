package deploy

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// object is a mapping of a template: properties, a statement of a policy, a condition. Values are strings, booleans, integers, lists, objects,
// and the references below. Writers sort the keys.
type object map[string]any

// list is a list of a template.
type list []any

// ref is the value of a parameter, or the identity of a resource: the URL of a queue, the name of the others.
type ref string

// att is an attribute of a resource.
type att struct{ id, name string }

// sub is a text in which ${AWS::AccountId}, ${AWS::Partition}, ${AWS::Region} and ${AWS::URLSuffix} stand for those of the deployment, ${NAME}
// for a parameter and ${ID.NAME} for an attribute of a resource.
type sub string

// artefact is the code of a function: a zip of `starfleet deploy package`, by its name.
type artefact string

// document is a policy, or another value that AWS takes as JSON.
type document object

// parameter is a value that is given when a template is applied.
type parameter struct{ name, description, fallback, pattern string }

// resource is one thing to be made, in the words of CloudFormation.
type resource struct {
	id         string
	kind       string // such as AWS::SQS::Queue
	properties object
	dependsOn  []string
	retain     bool // it outlives the stack
}

// output is a value that a stack tells.
type output struct {
	name, description string
	value             any
}

// stack is what one template makes. All writers write from it.
type stack struct {
	name, description string
	parameters        []parameter
	resources         []*resource
	outputs           []output
}

func (s *stack) add(id, kind string, properties object, dependsOn ...string) *resource {
	r := &resource{id: id, kind: kind, properties: properties, dependsOn: dependsOn}
	s.resources = append(s.resources, r)
	return r
}

// find is the resource of an id, nil when there is none.
func (s *stack) find(id string) *resource {
	if i := slices.IndexFunc(s.resources, func(r *resource) bool { return r.id == id }); i >= 0 {
		return s.resources[i]
	}
	return nil
}

// references matches what stands for another value in a sub.
var references = regexp.MustCompile(`\$\{([A-Za-z0-9:.]+)\}`)

// arn is the ARN of something in the account and region of the deployment.
func arn(service, name string) sub {
	return sub("arn:${AWS::Partition}:" + service + ":${AWS::Region}:${AWS::AccountId}:" + name)
}

// roleARN is the ARN of a role of the deployment's account.
func roleARN(name string) sub {
	return sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/" + name)
}

// bucketARN is the ARN of a bucket, or with a path of its objects.
func bucketARN(bucket, path string) sub { return sub("arn:${AWS::Partition}:s3:::" + bucket + path) }

// statement is one of a policy. Sids are letters and digits.
func statement(sid, effect string, actions []string, resources list, more object) object {
	s := object{"Sid": sid, "Effect": effect, "Action": sortedTexts(actions), "Resource": resources}
	maps.Copy(s, more)
	return s
}

// allow is a statement of a role's policy.
func allow(sid string, actions []string, resources ...any) object {
	return statement(sid, "Allow", actions, resources, nil)
}

func policy(statements ...object) document {
	items := make(list, len(statements))
	for i, s := range statements {
		items[i] = s
	}
	return document{"Version": "2012-10-17", "Statement": items}
}

// sortedTexts is a list of texts, sorted, each once.
func sortedTexts(texts []string) list {
	sorted := slices.Compact(slices.Sorted(slices.Values(texts)))
	items := make(list, len(sorted))
	for i, text := range sorted {
		items[i] = text
	}
	return items
}

// identifier is a name without what a logical id must not have.
func identifier(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' {
			return -1
		}
		return r
	}, name)
}

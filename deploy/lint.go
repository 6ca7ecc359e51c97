package deploy

import (
	"fmt"
	"slices"
	"strings"
)

// The limits of policies in the IAM and S3 references, in characters of JSON without spaces; those of a role are counted together. That of a trust
// policy is the quota that an account has unless it asks for more.
const (
	maxTrustPolicy  = 2048
	maxRolePolicies = 10240
	maxBucketPolicy = 20480
)

// lint finds what AWS would not take of a stack: two resources of one id, references that lead nowhere, policies that are too long, and an action
// that stands for several.
func (s *stack) lint() []string {
	var problems []string
	ids := map[string]bool{}
	for _, p := range s.parameters {
		ids[p.name] = true
	}
	for _, r := range s.resources {
		if ids[r.id] {
			problems = append(problems, fmt.Sprintf("two resources would have the id %s: give one of the ships another name", r.id))
		}
		ids[r.id] = true
	}
	for _, r := range s.resources {
		for _, id := range append(referred(r.properties), r.dependsOn...) {
			if !ids[id] && !strings.HasPrefix(id, "AWS::") {
				problems = append(problems, fmt.Sprintf("%s refers to %s, which is not there", r.id, id))
			}
		}
		problems = append(problems, r.policies()...)
	}
	return problems
}

// referred are the ids that a value refers to.
func referred(value any) []string {
	var ids []string
	switch v := value.(type) {
	case ref:
		ids = append(ids, string(v))
	case att:
		ids = append(ids, v.id)
	case sub:
		for _, at := range references.FindAllStringSubmatch(string(v), -1) {
			id, _, _ := strings.Cut(at[1], ".")
			ids = append(ids, id)
		}
	case document:
		ids = referred(object(v))
	case object:
		for _, key := range sortedKeys(v) {
			ids = append(ids, referred(v[key])...)
		}
	case list:
		for _, item := range v {
			ids = append(ids, referred(item)...)
		}
	}
	return ids
}

// policies finds policies of a role or a bucket that are too long, and what they allow by a wildcard.
func (r *resource) policies() []string {
	var problems []string
	switch r.kind {
	case "AWS::IAM::Role":
		all, _ := r.properties["Policies"].(list)
		length := 0
		for _, p := range all {
			document := p.(object)["PolicyDocument"].(document)
			length += len(mustJSON(plain(document)))
			for _, s := range document["Statement"].(list) {
				if slices.ContainsFunc(s.(object)["Action"].(list), func(action any) bool { return strings.Contains(action.(string), "*") }) {
					problems = append(problems, fmt.Sprintf("%s allows actions by a wildcard", r.id))
				}
			}
		}
		if trust := len(mustJSON(plain(r.properties["AssumeRolePolicyDocument"]))); trust > maxTrustPolicy {
			problems = append(problems, fmt.Sprintf("the trust policy of %s has %d characters, and IAM takes %d: give some of its ships a role of their own", r.id, trust, maxTrustPolicy))
		}
		if length > maxRolePolicies {
			problems = append(problems, fmt.Sprintf("the policies of %s have %d characters, and IAM takes %d: deploy two fleets, each with a part of the ships", r.id, length, maxRolePolicies))
		}
	case "AWS::S3::BucketPolicy":
		if length := len(mustJSON(plain(r.properties["PolicyDocument"]))); length > maxBucketPolicy {
			problems = append(problems, fmt.Sprintf("%s has %d characters, and S3 takes %d: name fewer roles in TemplatePublishers", r.id, length, maxBucketPolicy))
		}
	}
	return problems
}

// filled are values of the length that those of a deployment have.
var filled = strings.NewReplacer("${AWS::Partition}", "aws-us-gov", "${AWS::AccountId}", "123456789012", "${AWS::Region}", "ap-southeast-1", "${AWS::URLSuffix}", "amazonaws.com",
	"${"+homeParameter+"}", "123456789012")

// plain is a value with texts in place of references, as long as what AWS gets.
func plain(value any) any {
	switch v := value.(type) {
	case sub:
		return filled.Replace(string(v))
	case ref:
		if v == orgParameter {
			return strings.Repeat("x", 34) // the longest id that its pattern allows
		}
		return strings.Repeat("x", 90) // an ARN
	case att:
		return strings.Repeat("x", 90) // an ARN
	case document:
		return plain(object(v))
	case object:
		out := map[string]any{}
		for key, item := range v {
			out[key] = plain(item)
		}
		return out
	case list:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = plain(item)
		}
		return out
	}
	return value
}

package iamrole_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// storedRole is a role as the fake keeps it: documents as they were written.
type storedRole struct {
	name, path, description string
	session                 int32
	boundary, trust         string
	tags                    map[string]string
	managed, profiles       []string
	inline                  map[string]string
}

// fakeIAM is the IAM of one account. It answers as IAM does, and not as it was asked: names without regard to case, lists page by page and in another
// order, documents percent-encoded, lists of one as one value, and accounts as their root.
type fakeIAM struct {
	mu      sync.Mutex
	roles   map[string]*storedRole // by name in lower case
	fails   map[string]error       // by action
	failsOn map[string]string      // the role policy or ARN that an action fails for; "" for all

	after func(*storedRole) // called after each change of a role
	cut   int               // the number of the write that fails, once, from 1 on; 0 for none

	calls  []string // actions, in order
	writes []string // with what they wrote
}

func newFakeIAM(roles ...*storedRole) *fakeIAM {
	f := &fakeIAM{roles: map[string]*storedRole{}, fails: map[string]error{}, failsOn: map[string]string{}}
	for _, r := range roles {
		if r.path == "" {
			r.path = "/"
		}
		if r.session == 0 {
			r.session = 3600
		}
		if r.tags == nil {
			r.tags = map[string]string{}
		}
		if r.inline == nil {
			r.inline = map[string]string{}
		}
		f.roles[strings.ToLower(r.name)] = r
	}
	return f
}

// get notes a call and finds the role.
func (f *fakeIAM) get(action string, name *string, about string) (*storedRole, error) {
	f.calls = append(f.calls, "iam:"+action)
	if err := f.fails[action]; err != nil && (f.failsOn[action] == "" || f.failsOn[action] == about) {
		return nil, err
	}
	r := f.roles[strings.ToLower(*name)]
	if r == nil && action != "CreateRole" {
		return nil, &types.NoSuchEntityException{Message: aws.String("there is no role " + *name)}
	}
	if !strings.HasPrefix(action, "Get") && !strings.HasPrefix(action, "List") {
		if f.cut > 0 && len(f.writes)+1 == f.cut {
			f.cut = 0
			return nil, &types.ServiceFailureException{Message: aws.String("cut off")}
		}
		f.writes = append(f.writes, strings.TrimSpace(action+" "+*name+" "+about))
	}
	return r, nil
}

// asIAM is a document as IAM shows it.
func asIAM(document string) *string {
	var top map[string]any
	if err := json.Unmarshal([]byte(document), &top); err != nil {
		panic(err)
	}
	statements, list := top["Statement"].([]any)
	if !list {
		statements = []any{top["Statement"]}
	}
	slices.Reverse(statements)
	for _, s := range statements {
		unwrap(s.(map[string]any))
	}
	if len(statements) == 1 {
		top["Statement"] = statements[0]
	}
	data, err := json.MarshalIndent(top, "", "  ")
	if err != nil {
		panic(err)
	}
	text := strings.ReplaceAll(url.QueryEscape(string(data)), "+", "%20")
	return &text
}

// unwrap turns lists around, and makes lists of one a single value.
func unwrap(m map[string]any) {
	for key, value := range m {
		switch value := value.(type) {
		case map[string]any:
			unwrap(value)
		case []any:
			slices.Reverse(value)
			for i, item := range value {
				if text, ok := item.(string); ok && key == "AWS" && len(text) == 12 {
					value[i] = "arn:aws:iam::" + text + ":root"
				}
			}
			if len(value) == 1 {
				m[key] = value[0]
			}
		}
	}
}

// checked refuses what is no policy, as IAM does.
func checked(document string) error {
	var top struct {
		Statement []struct{ Effect string }
	}
	err := json.Unmarshal([]byte(document), &top)
	if err == nil && len(top.Statement) == 0 {
		err = fmt.Errorf("no statement")
	}
	for _, s := range top.Statement {
		if s.Effect != "Allow" && s.Effect != "Deny" {
			err = fmt.Errorf("effect %q", s.Effect)
		}
	}
	if err != nil {
		return &types.MalformedPolicyDocumentException{Message: aws.String(err.Error())}
	}
	return nil
}

func (f *fakeIAM) GetRole(_ context.Context, in *iam.GetRoleInput, _ ...func(*iam.Options)) (*iam.GetRoleOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.get("GetRole", in.RoleName, "")
	if err != nil {
		return nil, err
	}
	out := &types.Role{RoleName: &r.name, Path: &r.path, MaxSessionDuration: &r.session, AssumeRolePolicyDocument: asIAM(r.trust)}
	if r.description != "" {
		out.Description = &r.description
	}
	if r.boundary != "" {
		out.PermissionsBoundary = &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: &r.boundary}
	}
	for _, key := range slices.Sorted(maps.Keys(r.tags)) {
		out.Tags = append(out.Tags, types.Tag{Key: &key, Value: aws.String(r.tags[key])})
	}
	return &iam.GetRoleOutput{Role: out}, nil
}

// page is the one item of a list at a marker, and the next marker.
func page(list []string, marker *string) (items []string, next *string, more bool) {
	slices.Reverse(list)
	at := len(aws.ToString(marker))
	if at >= len(list) {
		return nil, nil, false
	}
	if at+1 < len(list) {
		next, more = aws.String(strings.Repeat("m", at+1)), true
	}
	return list[at : at+1], next, more
}

func (f *fakeIAM) ListAttachedRolePolicies(_ context.Context, in *iam.ListAttachedRolePoliciesInput, _ ...func(*iam.Options)) (*iam.ListAttachedRolePoliciesOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.get("ListAttachedRolePolicies", in.RoleName, "")
	if err != nil {
		return nil, err
	}
	out := &iam.ListAttachedRolePoliciesOutput{}
	items, next, more := page(slices.Clone(r.managed), in.Marker)
	for _, arn := range items {
		out.AttachedPolicies = append(out.AttachedPolicies, types.AttachedPolicy{PolicyArn: &arn})
	}
	out.Marker, out.IsTruncated = next, more
	return out, nil
}

func (f *fakeIAM) ListRolePolicies(_ context.Context, in *iam.ListRolePoliciesInput, _ ...func(*iam.Options)) (*iam.ListRolePoliciesOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.get("ListRolePolicies", in.RoleName, "")
	if err != nil {
		return nil, err
	}
	items, next, more := page(slices.Sorted(maps.Keys(r.inline)), in.Marker)
	return &iam.ListRolePoliciesOutput{PolicyNames: items, Marker: next, IsTruncated: more}, nil
}

func (f *fakeIAM) GetRolePolicy(_ context.Context, in *iam.GetRolePolicyInput, _ ...func(*iam.Options)) (*iam.GetRolePolicyOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.get("GetRolePolicy", in.RoleName, "")
	if err != nil {
		return nil, err
	}
	return &iam.GetRolePolicyOutput{PolicyName: in.PolicyName, PolicyDocument: asIAM(r.inline[*in.PolicyName])}, nil
}

func (f *fakeIAM) ListInstanceProfilesForRole(_ context.Context, in *iam.ListInstanceProfilesForRoleInput, _ ...func(*iam.Options)) (*iam.ListInstanceProfilesForRoleOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.get("ListInstanceProfilesForRole", in.RoleName, "")
	if err != nil {
		return nil, err
	}
	out := &iam.ListInstanceProfilesForRoleOutput{}
	items, next, more := page(slices.Clone(r.profiles), in.Marker)
	for _, name := range items {
		out.InstanceProfiles = append(out.InstanceProfiles, types.InstanceProfile{InstanceProfileName: &name})
	}
	out.Marker, out.IsTruncated = next, more
	return out, nil
}

func (f *fakeIAM) CreateRole(_ context.Context, in *iam.CreateRoleInput, _ ...func(*iam.Options)) (*iam.CreateRoleOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.get("CreateRole", in.RoleName, "")
	if err != nil {
		return nil, err
	}
	if r != nil {
		return nil, &types.EntityAlreadyExistsException{Message: aws.String("the role " + r.name + " is there")}
	}
	if err := checked(*in.AssumeRolePolicyDocument); err != nil {
		return nil, err
	}
	r = &storedRole{name: *in.RoleName, path: *in.Path, description: aws.ToString(in.Description), session: *in.MaxSessionDuration,
		boundary: aws.ToString(in.PermissionsBoundary), trust: *in.AssumeRolePolicyDocument, tags: map[string]string{}, inline: map[string]string{}}
	for _, tag := range in.Tags {
		r.tags[*tag.Key] = *tag.Value
	}
	f.roles[strings.ToLower(r.name)] = r
	f.changed(r)
	return &iam.CreateRoleOutput{}, nil
}

package iamrole

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// own gives the role the ownership tag, and is the role with it. A role that has no room for the tag loses those that it is not to have first, and one
// with the key in another case that key: keys are unique without regard to case.
func (p *planner) own(have, want *role) *role {
	if have.owned() {
		return have
	}
	owned := *have
	owned.tags = maps.Clone(have.tags)
	var inTheWay []string
	for _, key := range surplus(have, want) {
		if len(have.tags) >= maxTags || strings.EqualFold(key, OwnershipTag) {
			inTheWay = append(inTheWay, key)
			delete(owned.tags, key)
		}
	}
	owned.tags[OwnershipTag] = Name
	p.untag(inTheWay)
	p.setTags(map[string]string{OwnershipTag: Name})
	return &owned
}

// tag sets the tags.
func (p *planner) tag(have, want *role) {
	wrong := map[string]string{}
	for key, value := range want.tags {
		if is, ok := have.tags[key]; !ok || is != value {
			wrong[key] = value
		}
	}
	p.untag(surplus(have, want)) // first: tags are limited in number, and unique without regard to case
	p.setTags(wrong)
}

// surplus are the keys of the tags that the role has and is not to have.
func surplus(have, want *role) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(have.tags)), func(key string) bool {
		_, ok := want.tags[key]
		return ok
	})
}

func (p *planner) untag(keys []string) {
	if len(keys) > 0 {
		p.step("untag role", write(p.client.UntagRole, &iam.UntagRoleInput{RoleName: &p.name, TagKeys: keys}), detailName, strings.Join(keys, ", "))
	}
}

func (p *planner) setTags(tags map[string]string) {
	if len(tags) > 0 {
		p.step("tag role", write(p.client.TagRole, &iam.TagRoleInput{RoleName: &p.name, Tags: tagList(tags)}),
			detailName, strings.Join(slices.Sorted(maps.Keys(tags)), ", "))
	}
}

func tagList(tags map[string]string) []types.Tag {
	list := make([]types.Tag, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: &key, Value: aws.String(tags[key])})
	}
	return list
}

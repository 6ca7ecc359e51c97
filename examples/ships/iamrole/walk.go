package iamrole

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// ignored are the keys of iambic that have no effect on a role.
var ignored = []string{"template_type", "identifier", "file_path", "owner", "notes", "template_schema_url"}

// visitor is called for what stands in the template of a role, with the path of each.
type visitor struct {
	text      func(path, text string)
	limits    func(path string, l Limits)
	statement func(path string, s Statement)
}

// visit goes through the whole template, keys of conditions among the texts. What is ignored, and selections of accounts, are left out.
func (v visitor) visit(t RoleTemplate) { v.walk("IambicRoleTemplate", reflect.ValueOf(t)) }

func (v visitor) walk(path string, value reflect.Value) {
	switch value.Kind() {
	case reflect.String:
		v.text(path, value.String())
	case reflect.Slice:
		for i := range value.Len() {
			v.walk(fmt.Sprintf("%s[%d]", path, i), value.Index(i))
		}
	case reflect.Map:
		keys := value.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			v.text(path+" key", key.String())
			v.walk(path+"."+key.String(), value.MapIndex(key))
		}
	case reflect.Struct:
		v.walkStruct(path, value)
	}
}

func (v visitor) walkStruct(path string, value reflect.Value) {
	if l, ok := reflect.TypeAssert[Limits](value); ok {
		v.limits(path, l)
		return
	}
	if s, ok := reflect.TypeAssert[Statement](value); ok {
		v.statement(path, s)
	}
	_, entry := reflect.TypeAssert[Path](value) // whose file_path is that of the role, not that of iambic's file
	for i := range value.NumField() {
		field := value.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous:
			v.walk(path, value.Field(i))
		case entry || !slices.Contains(ignored, name):
			v.walk(path+"."+name, value.Field(i))
		}
	}
}

package awsconfig

import (
	"slices"
	"strconv"
	"strings"
)

// fact is one thing that a recorder or a channel has: a text, or a list of texts.
type fact struct {
	key  string
	text string
	list []string
}

// facts are what templates decide of a recorder. Its name is none of it: it is kept.
func (r *recorder) facts() []fact {
	if r == nil {
		r = &recorder{}
	}
	globals := ""
	if r.strategy != "" {
		globals = strconv.FormatBool(r.globals)
	}
	return []fact{
		{key: "role", text: r.roleARN}, {key: "strategy", text: string(r.strategy)}, {key: "globalResources", text: globals},
		{key: "resourceTypes", list: r.recorded}, {key: "excludedResourceTypes", list: r.excluded},
	}
}

// facts are what templates decide of a delivery channel.
func (c *channel) facts() []fact {
	if c == nil {
		c = &channel{}
	}
	return []fact{
		{key: "bucket", text: c.bucket}, {key: "prefix", text: c.prefix}, {key: "kmsKey", text: c.kmsKeyARN},
		{key: "topic", text: c.topicARN}, {key: "frequency", text: string(c.frequency)},
	}
}

// differences are the details of a change, as keys and values: what each fact that differs becomes and, as KEYBefore, what it was. Of lists
// they are what is added and what is removed. None: the facts are the same.
func differences(before, after []fact) []any {
	var details []any
	list := func(key string, texts []string) {
		if len(texts) > 0 {
			details = append(details, key, strings.Join(texts, ","))
		}
	}
	for i, is := range after {
		was := before[i]
		list(is.key+"Added", without(is.list, was.list))
		list(is.key+"Removed", without(was.list, is.list))
		if is.text == was.text {
			continue
		}
		details = append(details, is.key, is.text)
		if was.text != "" {
			details = append(details, is.key+"Before", was.text)
		}
	}
	return details
}

// without is the list less what another has.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(item string) bool { return slices.Contains(other, item) })
}

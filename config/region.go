package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/schema"
)

// region reads the name of a region of any partition. A region that is newer than this program's table is taken by
// the form of its name, so that a fleet need not wait for a release; what is most likely a slip of the pen is not.
func (r *reader) region(n *schema.Node) string {
	name := r.anyText(n)
	if n == nil || n.Kind != schema.String || accountindex.KnownRegion(name) {
		return name
	}
	var near string
	if accountindex.IsRegionName(name) {
		if near = misspelledRegion(name); near == "" {
			return name
		}
	} else {
		near = schema.DidYouMean(name, accountindex.RegionNames())
	}
	hint := ""
	if near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	r.fault(n, fmt.Sprintf("unknown region %q", name), hint)
	return name
}

// misspelledRegion is the known region that a well-formed name must have been meant to be, "" when it may be a new
// one. Known and new regions differ by number, by country and by points of the compass (ap-southeast-8, mx-central-1,
// us-north-1), so that only another word that is nearly the known one counts as misspelled: us-esat-1, eu-cental-1.
func misspelledRegion(name string) string {
	var candidates []string
	for _, known := range accountindex.RegionNames() {
		word, meant, ok := onlyOtherWord(strings.Split(name, "-"), strings.Split(known, "-"))
		if ok && !slices.Contains(compass, word) && schema.DidYouMean(word, []string{meant}) != "" {
			candidates = append(candidates, known)
		}
	}
	return schema.DidYouMean(name, candidates)
}

// onlyOtherWord is the one word in which two names of regions differ. It is false when there are more, or none.
func onlyOtherWord(words, known []string) (word, meant string, ok bool) {
	if len(words) != len(known) {
		return "", "", false
	}
	for i := range words {
		switch {
		case words[i] == known[i]:
		case ok:
			return "", "", false
		default:
			word, meant, ok = words[i], known[i], true
		}
	}
	return word, meant, ok
}

// compass are the words that tell regions of one country apart.
var compass = []string{"north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest", "central"}

package accountindex

import "errors"

// Merge makes an index of all organizations of the given ones. Of an organization that several have, the last one's part is taken whole. A single
// organization gives an index of one. The result is as if it were loaded from its file: what LoadOptions assumed of an account's state is
// unknown again. The error is schema.Faults where two organizations claim one account or one OU.
func Merge(indexes ...*Index) (*Index, error) {
	var parts []part
	at := map[string]int{} // where the part of an organization is
	for _, x := range indexes {
		for i, s := range x.sections {
			p := part{x, int32(i)}
			if before, ok := at[s.organization]; ok {
				parts[before] = p
			} else if s.organization != "" {
				at[s.organization] = len(parts)
				parts = append(parts, p)
			}
		}
	}
	if len(parts) == 0 {
		return nil, errors.New("accountindex: there is no index to merge")
	}
	w := &writer{x: parts[0].x}
	if len(parts) == 1 {
		w.section(0, parts[0].number)
	} else {
		w.organizations(parts, nil)
	}
	return Load("the merged index", w.dst, LoadOptions{AnyOrganizations: true})
}

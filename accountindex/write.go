package accountindex

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// AppendFile appends the index file to dst: JSON with sorted keys, an indent of 4 spaces and ASCII
// only, as the Python Starfleet writes it. What [Load] read is written again, with the fields that
// this package does not know.
//
// A fact that is unknown is written as null, which the Python Starfleet refuses to load: it would
// take an absent tag for one that does not match, and so task an account that is to be excluded.
//
// An index of several organizations is written in the form of its own that the package comment describes, which the Python Starfleet refuses
// to load.
func (x *Index) AppendFile(dst []byte) []byte {
	w := &writer{x: x, dst: dst}
	if len(x.sections) == 1 {
		w.section(0, 0)
		return w.dst
	}
	parts := make([]part, len(x.sections)-1)
	for i := range parts {
		parts[i] = part{x, int32(i + 1)}
	}
	w.organizations(parts, x.sections[0].topLevel)
	return w.dst
}

// part is what an index has of one organization.
type part struct {
	x      *Index
	number int32 // of the section
}

func (p part) organization() string { return p.x.sections[p.number].organization }

// organizations writes a file of several organizations.
func (w *writer) organizations(parts []part, extras []extraField) {
	slices.SortFunc(parts, func(a, b part) int { return strings.Compare(a.organization(), b.organization()) })
	w.object(0, []fileField{{"organizations", func(depth int) {
		w.sequence(depth, '{', '}', len(parts), func(i int) {
			w.text(parts[i].organization())
			w.dst = append(w.dst, ": "...)
			w.x = parts[i].x
			w.section(depth+1, parts[i].number)
		})
	}}}, extras)
}

// section writes the whole index, or the part of one organization.
func (w *writer) section(depth int, number int32) {
	x, s := w.x, w.x.sections[number]
	fields := []fileField{{"accounts", func(depth int) { w.accounts(depth, s.organization) }}}
	if !s.generated.IsZero() {
		fields = append(fields, fileField{"generated", func(int) { w.text(s.generated.Format(time.RFC3339)) }})
	}
	if listed := x.units.sorted(x.sections, func(u unit) bool { return u.section == number && u.listedPath != "" }); len(listed) > 0 {
		fields = append(fields, fileField{"OrgUnits", func(depth int) { w.orgUnits(depth, listed) }})
	}
	w.object(depth, fields, s.topLevel)
}

// fileField is one key of an object with what writes its value.
type fileField struct {
	key   string
	value func(depth int)
}

type writer struct {
	x   *Index
	dst []byte
}

// object writes an object whose values stand at depth+1, keys sorted.
func (w *writer) object(depth int, fields []fileField, extras []extraField) {
	for _, e := range extras {
		fields = append(fields, fileField{e.name, func(depth int) { w.extra(depth, e.text) }})
	}
	slices.SortStableFunc(fields, func(a, b fileField) int { return strings.Compare(a.key, b.key) })
	w.sequence(depth, '{', '}', len(fields), func(i int) {
		w.text(fields[i].key)
		w.dst = append(w.dst, ": "...)
		fields[i].value(depth + 1)
	})
}

// sequence writes the brackets, commas and indents of an object or a list.
func (w *writer) sequence(depth int, start, end byte, n int, item func(i int)) {
	w.dst = append(w.dst, start)
	for i := range n {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		w.newLine(depth + 1)
		item(i)
	}
	if n > 0 {
		w.newLine(depth)
	}
	w.dst = append(w.dst, end)
}

const indent = "    "

func (w *writer) newLine(depth int) {
	w.dst = append(w.dst, '\n')
	for range depth {
		w.dst = append(w.dst, indent...)
	}
}

func (w *writer) accounts(depth int, organization string) {
	var positions []int
	for i, r := range w.x.records {
		if w.x.organizations[r.organization].id == organization {
			positions = append(positions, i)
		}
	}
	w.sequence(depth, '{', '}', len(positions), func(i int) {
		w.text(w.x.records[positions[i]].id)
		w.dst = append(w.dst, ": "...)
		w.account(depth+1, positions[i])
	})
}

func (w *writer) account(depth, i int) {
	x, r := w.x, &w.x.records[i]
	text := func(s string) func(int) { return func(int) { w.text(s) } }
	fields := make([]fileField, 0, 13)
	fields = append(fields,
		fileField{"Arn", text(x.organizations[r.organization].arn(r.id))},
		fileField{"Id", text(r.id)},
		fileField{"Name", text(r.name)},
		fileField{"Parents", func(depth int) { w.parents(depth, x.units.parents(r.unit)) }},
		fileField{"Regions", func(depth int) { w.regions(depth, r.regions) }},
		fileField{"Tags", func(depth int) { w.tags(depth, i) }},
	)
	optional := func(key, value string) {
		if value != "" {
			fields = append(fields, fileField{key, text(value)})
		}
	}
	optional("Email", r.email)
	optional("JoinedMethod", x.symbols.names[r.joinedBy])
	optional("JoinedTimestamp", r.joinedAt)
	if r.regionsAsOf != 0 {
		optional("RegionsAsOf", time.Unix(r.regionsAsOf, 0).UTC().Format(time.RFC3339))
	}
	if r.stateGiven {
		optional("State", x.symbols.names[r.state])
	}
	optional("Status", x.symbols.names[r.status])
	var extras []extraField
	if r.extra != none {
		extras = x.extras[r.extra]
	}
	w.object(depth, fields, extras)
}

func (w *writer) parents(depth int, parents []Parent) {
	if parents == nil {
		w.dst = append(w.dst, "null"...)
		return
	}
	w.sequence(depth, '[', ']', len(parents), func(i int) {
		p := parents[i]
		w.object(depth+1, []fileField{
			{"Id", func(int) { w.text(p.ID) }},
			{"Name", func(int) { w.text(p.Name) }},
			{"Type", func(int) { w.text(p.Type) }},
		}, nil)
	})
}

func (w *writer) regions(depth int, list int32) {
	if list == none {
		w.dst = append(w.dst, "null"...)
		return
	}
	names := w.x.regionSets[list].names
	w.sequence(depth, '[', ']', len(names), func(i int) { w.text(names[i]) })
}

func (w *writer) tags(depth, i int) {
	if w.x.records[i].tagStart == none {
		w.dst = append(w.dst, "null"...)
		return
	}
	tags, names := w.x.tagsOf(i), w.x.symbols.names
	w.sequence(depth, '{', '}', len(tags), func(i int) {
		w.text(names[tags[i].key])
		w.dst = append(w.dst, ": "...)
		w.text(names[tags[i].value])
	})
}

func (w *writer) orgUnits(depth int, units []OrgUnit) {
	w.sequence(depth, '[', ']', len(units), func(i int) {
		u := units[i]
		w.object(depth+1, []fileField{
			{"Id", func(int) { w.text(u.ID) }},
			{"Name", func(int) { w.text(u.Name) }},
			{"Path", func(int) { w.text(u.Path) }},
		}, nil)
	})
}

// extra writes a value that was carried through; its strings stay as they were written.
func (w *writer) extra(depth int, text []byte) {
	start := len(w.dst)
	formatted, err := jsontext.AppendFormat(w.dst, text,
		jsontext.WithIndentPrefix(strings.Repeat(indent, depth)), jsontext.WithIndent(indent),
		jsontext.PreserveRawStrings(true), jsontext.ReorderRawObjects(true))
	if err != nil { // never: Load has checked the text
		formatted = append(formatted[:start], text...)
	}
	w.dst = formatted
}

// text writes a JSON string in ASCII, escaped as Python escapes it.
func (w *writer) text(s string) {
	const hex = "0123456789abcdef"
	unit := func(v rune) {
		w.dst = append(w.dst, '\\', 'u', hex[v>>12&15], hex[v>>8&15], hex[v>>4&15], hex[v&15])
	}
	w.dst = append(w.dst, '"')
	for i := 0; i < len(s); {
		c, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if c >= ' ' && c <= '~' && c != '"' && c != '\\' {
			w.dst = append(w.dst, byte(c))
			continue
		}
		if at := strings.IndexRune("\"\\\n\r\t\f\b", c); at >= 0 {
			w.dst = append(w.dst, '\\', `"\nrtfb`[at])
			continue
		}
		if c >= 0x10000 { // a surrogate pair
			unit(0xd800 + (c-0x10000)>>10)
			c = 0xdc00 + (c-0x10000)&0x3ff
		}
		unit(c)
	}
	w.dst = append(w.dst, '"')
}

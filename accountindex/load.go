package accountindex

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Load reads an index file, whose format the package comment describes; name stands in errors.
//
// The error is a schema.Faults with all faults of the file and their places, up to the first place
// where it is not JSON. An index with a fault is never returned in part.
func Load(name string, data []byte, o LoadOptions) (*Index, error) {
	b := newBuilder(name, data, o)
	// Duplicate keys are looked for here, where the position of a key in its object is known for free.
	r := &reader{
		b:       b,
		data:    data,
		decoder: jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true)),
	}
	r.file()
	return b.finish()
}

// file reads the whole file.
func (r *reader) file() {
	if len(bytes.TrimSpace(r.data)) == 0 {
		r.fault(0, "the file is empty", regenerateHint)
		return
	}
	r.index(true)
	if r.broken {
		return
	}
	if _, err := r.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		r.fault(r.skipSpace(), "there is more after the end of the index", "a file holds one index")
	}
}

// index reads an index: the whole file, or the part of an organization.
func (r *reader) index(whole bool) {
	start, organizations := 0, false
	if !whole {
		start = r.skipSpace()
	}
	var own []place // keys that an organization has
	var ownAt []int
	seen := map[string]bool{}
	ok := r.object("an object", func(key []byte, at int) {
		if seen[string(key)] {
			r.fault(at, duplicateKey, "")
		}
		seen[string(key)] = true
		switch string(key) {
		case "accounts":
			r.accounts()
		case "generated":
			if t, ok := r.time(); ok {
				r.b.section().generated = t
			}
		case "OrgUnits":
			r.list("a list of OUs", r.orgUnit)
		case "organizations":
			if whole {
				organizations = true
				r.organizations()
				return
			}
			r.fault(at, "an organization holds no organizations", "")
			r.skip()
			return
		default:
			if field, ok := r.extra(key); ok {
				r.b.section().topLevel = append(r.b.section().topLevel, field)
			}
			return
		}
		own, ownAt = append(own, place{key: bytes.Clone(key)}), append(ownAt, at)
	})
	switch {
	case r.broken, !ok && !whole:
	case !organizations && !seen["accounts"]:
		r.fault(start, `"accounts" is missing`, "is this an account index?")
	case organizations:
		for i, p := range own {
			r.push(p)
			r.fault(ownAt[i], "the key stands beside organizations", "it belongs into one of them")
			r.pop()
		}
	}
}

// organizations reads the parts of a file of several organizations.
func (r *reader) organizations() {
	at, n := r.skipSpace(), 0
	seen := map[string]bool{}
	ok := r.object("an object of indexes by organization", func(key []byte, keyAt int) {
		n++
		if seen[string(key)] {
			r.fault(keyAt, duplicateKey, "")
		}
		seen[string(key)] = true
		if problem, hint := r.b.begin(string(key)); problem != "" {
			r.fault(keyAt, problem, hint)
		}
		r.index(false)
		r.b.x.units.section = 0
	})
	if ok && n == 0 && !r.broken {
		r.fault(at, "there are no organizations", "is this an account index?")
	}
}

// time reads a time, of which whole seconds count, or null.
func (r *reader) time() (t time.Time, ok bool) {
	text, at, ok := r.optionalText()
	if !ok {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		r.fault(at, fmt.Sprintf("%q is not a time", text), "write it as 2025-02-03T04:10:00Z")
		return time.Time{}, false
	}
	return t.UTC().Truncate(time.Second), true
}

func (r *reader) orgUnit(int) {
	at := r.skipSpace()
	path := string(appendPath(nil, r.places))
	var u OrgUnit
	seen := map[string]bool{}
	ok := r.object("an object with Id, Name and Path", func(key []byte, keyAt int) {
		if seen[string(key)] {
			r.fault(keyAt, duplicateKey, "")
		}
		seen[string(key)] = true
		switch string(key) {
		case "Id":
			u.ID = string(r.text())
		case "Name":
			u.Name = string(r.text())
		case "Path":
			u.Path = string(r.text())
		default:
			r.fault(keyAt, "the key is not known", "an OU has Id, Name and Path")
			r.skip()
		}
	})
	if ok && !r.broken {
		r.b.list(at, path, u)
	}
}

func (r *reader) accounts() {
	at, n := r.skipSpace(), 0
	ok := r.object("an object of accounts by id", func(key []byte, keyAt int) {
		n++
		id := string(key)
		if !IsAccountID(id) {
			r.fault(keyAt, fmt.Sprintf("%q is not an account id", id), "an account id has 12 digits")
			id = ""
		}
		r.account(id, keyAt)
	})
	if ok && n == 0 && !r.broken {
		r.fault(at, noAccounts, noAccountsHint)
	}
}

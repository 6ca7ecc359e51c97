package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet/config"
)

func shipsOf(prefixes ...string) []*config.Ship {
	ships := make([]*config.Ship, len(prefixes))
	for i, prefix := range prefixes {
		ships[i] = &config.Ship{Name: string(rune('A' + i)), TemplatePrefix: prefix}
	}
	return ships
}

func TestOwners(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		prefixes string // of ships A, B, C...
		key      string
		want     string
	}{
		{"Foo", "Foo/x.yaml", "A"},
		{"Foo", "Foo/deep/x.yaml", "A"},
		{"Foo", "FooTwo/x.yaml", ""},
		{"Foo", "Foo.yaml", ""},
		{"Foo,FooTwo", "FooTwo/x.yaml", "B"},
		{"Foo/,Foo", "Foo/x.yaml", "AB"},
		{"Foo,Foo/Bar", "Foo/Bar/x.yaml", "B"},
		{"Foo/Bar,Foo", "Foo/Bar/x.yaml", "A"},
		{"Foo,Foo/x.yaml", "Foo/x.yaml", "B"},
		{"a/t.yaml", "a/t.yaml", "A"},
		{"a/t.yaml", "a/t.yaml.bak.yaml", ""},
		{"a/t.yaml", "a/t.yaml/x.yaml", ""},
		{"a/t.yaml/", "a/t.yaml/x.yaml", "A"},
		{",Foo", "Foo/x.yaml", "B"},
		{",Foo", "Bar/x.yaml", "A"},
		{",Foo", "x.yaml", "A"},
		{"Foo,Foo", "Foo/x.yaml", "AB"},
		{"Foo", "Foo/x.yml", ""},
		{"Foo", "Foo/x.json", ""},
		{"Foo", "Foo/x.YAML", ""},
		{"Foo", "Foo/", ""},
		{"foo", "Foo/x.yaml", ""},
	} {
		var got strings.Builder
		for _, owner := range config.Owners(shipsOf(strings.Split(test.prefixes, ",")...), test.key) {
			got.WriteString(owner.Name)
		}
		if got.String() != test.want {
			t.Errorf("prefixes %q: %s belongs to %q, want %q", test.prefixes, test.key, got.String(), test.want)
		}
	}
}

func TestListPrefix(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		prefix, want string
		exact        bool
	}{
		{"Foo", "Foo/", false},
		{"Foo/", "Foo/", false},
		{"", "", false},
		{"Foo/x.yaml", "Foo/x.yaml", true},
		{"Foo/x.yml", "Foo/x.yml/", false},
	} {
		if got, exact := shipsOf(test.prefix)[0].ListPrefix(); got != test.want || exact != test.exact {
			t.Errorf("prefix %q lists %q, %t; want %q, %t", test.prefix, got, exact, test.want, test.exact)
		}
	}
}

// A key belongs to exactly those ships whose prefix covers it and is the longest that does.
func TestOwnersProperties(t *testing.T) {
	t.Parallel()
	name := rapid.SampledFrom([]string{"", "a", "ab", "a/", "a/b", "a/b/", "a/bc", "a/b/c.yaml", "b", "a.yaml", "a.yaml/"})
	suffix := rapid.SampledFrom([]string{"", "/", "c.yaml", "/c.yaml", "/b/c.yaml", ".yaml", "/x.yml"})
	rapid.Check(t, func(t *rapid.T) {
		ships := shipsOf(rapid.SliceOfN(name, 0, 6).Draw(t, "prefixes")...)
		key := name.Draw(t, "folder") + suffix.Draw(t, "suffix")
		owners := config.Owners(ships, key)
		longest := -1
		for _, ship := range ships {
			if covers(ship.TemplatePrefix, key) {
				longest = max(longest, len(strings.TrimSuffix(ship.TemplatePrefix, "/")))
			}
		}
		var want []*config.Ship
		for _, ship := range ships {
			if covers(ship.TemplatePrefix, key) && len(strings.TrimSuffix(ship.TemplatePrefix, "/")) == longest {
				want = append(want, ship)
			}
		}
		if !slices.Equal(want, owners) {
			t.Fatalf("owners of %s (-want +got):\n%s", key, cmp.Diff(want, owners))
		}
	})
}

// covers is the rule of prefixes in other words: the key lies in the folder, name by name.
func covers(prefix, key string) bool {
	if !strings.HasSuffix(key, ".yaml") {
		return false
	}
	if strings.HasSuffix(prefix, ".yaml") {
		return prefix == key
	}
	if prefix == "" {
		return true
	}
	folders := strings.Split(strings.TrimSuffix(prefix, "/"), "/")
	names := strings.Split(key, "/")
	return len(names) > len(folders) && slices.Equal(folders, names[:len(folders)])
}

func TestCheckManifestPrefix(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		prefix string
		ok     bool
	}{
		{"Foo", true},
		{"manifest", true},
		{"manifests2", true},
		{"other/manifests", true},
		{"manifests.yaml", true},
		{"manifests", false},
		{"manifests/deep", false},
		{"manifests/x.yaml", false},
		{"", false},
	} {
		c := mustLoad(t, leastStarfleet, leastFleet.with("ManifestPrefix", "manifests"))
		err := c.CheckManifestPrefix(shipsOf("Foo", test.prefix))
		if test.ok != (err == nil) {
			t.Errorf("prefix %q beside manifests/: %v", test.prefix, err)
		}
		if err != nil {
			wantFault(t, err, "Fleet.ManifestPrefix", "overlaps with B.TemplatePrefix")
		}
	}
	c := mustLoad(t, leastStarfleet, leastFleet.with("ManifestPrefix", "a/b"))
	if err := c.CheckManifestPrefix(shipsOf("a", "a/b/c", "b")); len(faultsOf(t, err)) != 2 {
		t.Errorf("faults are %v", err)
	}
	if err := mustLoad(t, leastStarfleet).CheckManifestPrefix(shipsOf("")); err != nil {
		t.Errorf("no ManifestPrefix: %v", err)
	}
	byHand := &config.Configuration{Fleet: config.Fleet{ManifestPrefix: "a"}}
	if err := byHand.CheckManifestPrefix(shipsOf("a/b")); len(faultsOf(t, err)) != 1 {
		t.Errorf("a configuration that no file has: %v", err)
	}
}

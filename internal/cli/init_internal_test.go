package cli

import (
	"runtime/debug"
	"testing"
)

// TestVersionOf: a version is named only where somebody else can get it.
func TestVersionOf(t *testing.T) {
	t.Parallel()
	const path = "github.com/starfleet-go/starfleet"
	for name, test := range map[string]struct {
		release string
		info    *debug.BuildInfo
		want    string
	}{
		"released":                 {"v1.2.3", &debug.BuildInfo{Main: debug.Module{Path: path, Version: "(devel)"}}, "v1.2.3"},
		"no build info":            {"", nil, ""},
		"development":              {"", &debug.BuildInfo{Main: debug.Module{Path: path, Version: "(devel)"}}, ""},
		"installed":                {"", &debug.BuildInfo{Main: debug.Module{Path: path, Version: "v1.2.3", Sum: "h1:x"}}, "v1.2.3"},
		"installed at a commit":    {"", &debug.BuildInfo{Main: debug.Module{Path: path, Version: "v1.2.4-0.20260102030405-0123456789ab", Sum: "h1:x"}}, "v1.2.4-0.20260102030405-0123456789ab"},
		"a checkout at a tag":      {"", &debug.BuildInfo{Main: debug.Module{Path: path, Version: "v1.2.3"}}, "v1.2.3"},
		"a checkout at a commit":   {"", &debug.BuildInfo{Main: debug.Module{Path: path, Version: "v1.2.4-0.20260102030405-0123456789ab"}}, ""},
		"a checkout with changes":  {"", &debug.BuildInfo{Main: debug.Module{Path: path, Version: "v1.2.3+dirty"}}, ""},
		"replaced in a module":     {"", &debug.BuildInfo{Main: debug.Module{Path: path, Version: "v1.2.3", Replace: &debug.Module{Path: "../x"}}}, ""},
		"the program of a fork":    {"", &debug.BuildInfo{Main: debug.Module{Path: "example.com/fork", Version: "v1.2.3", Sum: "h1:x"}}, ""},
		"no version in build info": {"", &debug.BuildInfo{Main: debug.Module{Path: path}}, ""},
	} {
		if got := versionOf(test.release, test.info); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestShellWord(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"log-retention": "log-retention", "/a/b.c_d": "/a/b.c_d", "a b": "'a b'", "it's": `'it'\''s'`, "-x": "./-x", "$HOME": "'$HOME'", "~/x": "'~/x'", "": "''",
	} {
		if got := shellWord(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

package scaffold

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	starfleet "github.com/starfleet-go/starfleet"
)

//go:embed ships shared
var sources embed.FS

// ship is what there is for a fan-out strategy.
type ship struct {
	folder  string // below ships
	service string // the AWS service whose client it uses
}

var ships = map[starfleet.FanOutStrategy]ship{
	starfleet.SingleInvocation: {"singleinvocation", "organizations"},
	starfleet.PerAccount:       {"account", "account"},
	starfleet.PerAccountRegion: {"accountregion", "cloudwatchlogs"},
}

// Config says what to make.
type Config struct {
	// ModulePath is the module's path. The names of the ship come from its last element.
	ModulePath string
	// FanOut is the ship's strategy. Default starfleet.PerAccountRegion.
	FanOut starfleet.FanOutStrategy
	// Checkout is the absolute path of a local checkout of the SDK, with which the module then builds, at the versions that the SDK itself
	// builds with. Default: none, and SDKVersion counts.
	Checkout string
	// SDKVersion is the version of the SDK that the module asks for, such as v1.2.3. Default: none, and `go mod tidy` takes the latest.
	SDKVersion string
}

// File is one file of the module.
type File struct {
	Name  string
	About string // what it is for, in a few words
	Data  []byte
}

// Module is a module that New made. Nothing is on disk before Write.
type Module struct {
	Path string
	Ship string // the ship's name
	// Files are in the order in which a newcomer reads them.
	Files []File
}

// about says what each file is for, in the order of Module.Files.
var about = []struct{ name, about string }{
	{"ship.go", "the payload and the work"},
	{"main.go", "the main, for Lambda and for the command line"},
	{"ship_test.go", "what a test of a ship looks like"},
	{"template_test.go", "holds template and schema against the payload"},
	{"template.yaml", "what the work is, and where"},
	{"schema.json", "by which editors check templates"},
	{"configuration.yaml", "accounts, queues and roles: replace them by yours"},
	{"Makefile", "test, validate, manifest, and build for Lambda"},
	{"README.md", "for whoever comes next"},
	{".gitignore", "keeps what is built out of the repository"},
	{"go.mod", "the module"},
	{"go.sum", "the check sums of what it builds with"},
}

// New makes a module. It fails, with all faults at once, on a path that is no module path, on one whose last element makes no name for a ship,
// on a strategy that does not exist, and on a checkout that is none of the SDK.
func New(cfg Config) (*Module, error) {
	if cfg.FanOut == "" {
		cfg.FanOut = starfleet.PerAccountRegion
	}
	made, known := ships[cfg.FanOut]
	var faults []error
	if !known {
		faults = append(faults, fmt.Errorf("FanOut: %q is no strategy: it is one of SINGLE_INVOCATION, ACCOUNT and ACCOUNT_REGION", cfg.FanOut))
	}
	n, err := namesOf(cfg.ModulePath)
	if err != nil {
		faults = append(faults, fmt.Errorf("ModulePath: %w", err))
	}
	var contents map[string][]byte
	if err == nil && known {
		if contents, err = render(made, n); err != nil {
			return nil, err
		}
		if checkConfiguration(n.ship, contents["configuration.yaml"]) != nil {
			faults = append(faults, fmt.Errorf("ModulePath: the last element of %s makes %s the ship's name, which is a name of the configuration's own", cfg.ModulePath, n.ship))
		}
	}
	requirements, err := requirementsOf(cfg, made)
	if err != nil {
		faults = append(faults, fmt.Errorf("Checkout: %w", err))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	contents["go.mod"], contents["go.sum"] = requirements.module, requirements.sums
	m := &Module{Path: cfg.ModulePath, Ship: n.ship}
	for _, f := range about {
		if data := contents[f.name]; len(data) > 0 {
			m.Files = append(m.Files, File{Name: f.name, About: f.about, Data: data})
		}
	}
	return m, nil
}

// render is the text of all files but those about the module, by name.
func render(s ship, n names) (map[string][]byte, error) {
	replacer := strings.NewReplacer("ShipName", n.ship, "ship-name", n.resource, "program-name", n.program)
	contents := map[string][]byte{}
	for _, folder := range []string{path.Join("ships", s.folder), "shared"} {
		entries, err := fs.ReadDir(sources, folder)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			data, err := fs.ReadFile(sources, path.Join(folder, entry.Name()))
			if err != nil {
				return nil, err
			}
			name := entry.Name()
			if name == "gitignore" { // which would count here, had it its own name
				name = ".gitignore"
			}
			contents[name] = []byte(replacer.Replace(string(data)))
		}
	}
	return contents, nil
}

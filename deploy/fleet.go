package deploy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/schema"
)

// Config is what a deployment is made of.
type Config struct {
	// Configuration is that of the fleet. Required.
	Configuration *config.Configuration
	// Manifests are those of its ships, which lie beside the configuration. Every enabled ship has to have one.
	Manifests []starfleet.Manifest
}

// Fleet is a fleet that can be deployed. Make one with New. It does not change and is safe for concurrent use.
type Fleet struct {
	configuration *config.Configuration
	settings      config.FleetDeployment
	ships         []*ship // the enabled ones, by name
	disabled      []string
	faulty        []*config.Ship // of sections at fault: the name and the TemplatePrefix alone
}

// ship is an enabled ship and the names of what is made for it.
type ship struct {
	*config.Ship
	manifest starfleet.Manifest
	id       string    // begins its logical ids
	short    string    // its name in lower case with hyphens
	name     string    // of its function or service
	queue    queueName // of its tasks
	roles    []string  // that it may assume, as the configuration writes them
}

// queueName is the name of a queue.
type queueName string

func (q queueName) fifo() bool { return strings.HasSuffix(string(q), ".fifo") }

// deadLetters is the name of its dead-letter queue, which is of its kind.
func (q queueName) deadLetters() queueName {
	if base, ok := strings.CutSuffix(string(q), ".fifo"); ok {
		return queueName(base + "-dead-letters.fifo")
	}
	return q + "-dead-letters"
}

func (q queueName) arn() sub { return arn("sqs", string(q)) }

// named is the queue of a URL, or of one that is auto.
func named(url string) queueName {
	url = strings.TrimRight(url, "/")
	return queueName(url[strings.LastIndexAny(url, "/:")+1:])
}

// New takes a fleet in and finds what cannot be deployed. The error is schema.Faults, all at once; what Check calls a warning is none.
func New(cfg Config) (*Fleet, error) {
	if cfg.Configuration == nil {
		return nil, errors.New("deploy: Config.Configuration is nil")
	}
	f, faults := open(cfg)
	for _, finding := range f.check() {
		if !finding.Warning {
			faults = append(faults, finding.Fault)
		}
	}
	if err := faults.Sort().Err(); err != nil {
		return nil, err
	}
	return f, nil
}

// open names what there is. The fleet has the ships without a fault.
func open(cfg Config) (*Fleet, schema.Faults) {
	c := cfg.Configuration
	f := &Fleet{configuration: c, settings: c.Fleet.Deployment}
	manifests := map[string]starfleet.Manifest{}
	for _, m := range cfg.Manifests {
		manifests[m.Name] = m
	}
	var faults schema.Faults
	for _, name := range c.Sections() {
		section, err := c.Ship(name)
		manifest, known := manifests[name]
		switch {
		case err != nil && (known || claims(c, name)):
			faults = append(faults, faultsOf(err)...)
			if prefix, ok := c.TemplatePrefix(name); ok {
				f.faulty = append(f.faulty, &config.Ship{Name: name, TemplatePrefix: prefix})
			}
		case err != nil: // no ship's: an account index of another kind, or what another program reads
		case !section.Enabled:
			f.disabled = append(f.disabled, name)
		case !known:
			faults = append(faults, c.Fault("the ship has no manifest: nobody can say which permissions it needs",
				fmt.Sprintf("put what its command `manifest` prints beside the configuration, as manifests/%s.json", name), name))
		default:
			f.ships = append(f.ships, f.ship(section, manifest))
		}
	}
	slices.SortFunc(f.ships, func(a, b *ship) int { return cmp.Compare(a.Name, b.Name) })
	return f, faults
}

// claims says whether a section wants to be a ship's.
func claims(c *config.Configuration, name string) bool {
	_, ok := c.TemplatePrefix(name)
	return ok && name != c.Starfleet.AccountIndex
}

func faultsOf(err error) schema.Faults {
	var faults schema.Faults
	if errors.As(err, &faults) {
		return faults
	}
	return schema.Faults{{Problem: err.Error()}}
}

func (f *Fleet) ship(section *config.Ship, manifest starfleet.Manifest) *ship {
	short := config.Hyphenated(section.Name)
	s := &ship{
		Ship: section, manifest: manifest, id: identifier(section.Name), short: short, name: f.settings.Name + "-" + short,
		queue: named(section.InvocationQueueURL), roles: slices.Clone(section.Session.AllowedRoles),
	}
	if section.WorkerRoleToAssume != "" {
		s.roles = append(s.roles, section.WorkerRoleToAssume)
	}
	if s.single() {
		s.roles = append(s.roles, section.Deployment.AssumeRoles...)
	}
	slices.Sort(s.roles)
	s.roles = slices.Compact(s.roles)
	return s
}

// single says whether the ship runs once for a template, with its own role.
func (s *ship) single() bool { return s.manifest.FanOut == starfleet.SingleInvocation }

// ours says whether the deployment runs the ship: one of Python has its queue alone.
func (s *ship) ours() bool { return s.manifest.Runtime != starfleet.RuntimePython }

// watched says whether the ship is a service.
func (s *ship) watched() bool { return s.ours() && s.Deployment.Fargate != nil }

func (s *ship) uses(service string) bool { return slices.Contains(s.Deployment.Uses, service) }

// role is the name of its own role. It is that of no role in target accounts, which the deployment's account may be among.
func (s *ship) role() string {
	if s.watched() {
		return s.name + "-service"
	}
	return s.name + "-function"
}

func (f *Fleet) starbase() string     { return f.settings.Name + "-starbase" }
func (f *Fleet) starbaseRole() string { return f.starbase() + "-function" }
func (f *Fleet) scheduler() string    { return f.settings.Name + "-scheduler" }
func (f *Fleet) table() string        { return f.settings.Name + "-progress" }

func (f *Fleet) fanOut() queueName { return named(f.configuration.Starfleet.FanOutQueueURL) }

// continuation is the queue of fan-outs that go on, "" when there is none.
func (f *Fleet) continuation() queueName {
	if f.configuration.Fleet.ContinuationQueueURL == "" {
		return ""
	}
	return named(f.configuration.Fleet.ContinuationQueueURL)
}

// watches says whether a ship of the fleet is a service.
func (f *Fleet) watches() bool { return slices.ContainsFunc(f.ships, (*ship).watched) }

// keepsTable says whether a ship of the fleet uses the table.
func (f *Fleet) keepsTable() bool {
	return slices.ContainsFunc(f.ships, func(s *ship) bool { return s.uses(config.UsesOnce) || s.uses(config.UsesProgress) })
}

// Disabled are the ships that are not deployed because their sections say Enabled: false, in the order of the configuration.
func (f *Fleet) Disabled() []string { return slices.Clone(f.disabled) }

// Artefact is a program of the deployment: its zip is NAME.zip.
type Artefact struct {
	// Name is that of the file, without .zip.
	Name string
	// Main is its Go package, as the configuration says it; "" when it says none.
	Main string
	// Ship is the ship that it is of, "" for the Starbase.
	Ship string
}

// Artefacts are the programs whose zips the templates ask for, in the order of their names.
func (f *Fleet) Artefacts() []Artefact {
	all := []Artefact{{Name: "starbase", Main: f.settings.Main}}
	for _, s := range f.ships {
		if s.ours() && !s.watched() {
			all = append(all, Artefact{Name: s.short, Main: s.Deployment.Main, Ship: s.Name})
		}
	}
	slices.SortFunc(all, func(a, b Artefact) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

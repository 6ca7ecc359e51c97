package config_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	_ "github.com/starfleet-go/starfleet/accountindex/expression"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/schema"
)

// section is a section of a test: its keys, each with its YAML text, in order.
type section struct {
	name string
	keys [][2]string
}

// with replaces or adds a key; a value of "-" takes it out. Lines of the value after the first must be indented.
func (s section) with(key, value string) section {
	out := section{name: s.name}
	found := false
	for _, kv := range s.keys {
		if kv[0] == key {
			found = true
			kv[1] = value
		}
		if kv[1] != "-" {
			out.keys = append(out.keys, kv)
		}
	}
	if !found && value != "-" {
		out.keys = append(out.keys, [2]string{key, value})
	}
	return out
}

func (s section) String() string {
	var b strings.Builder
	b.WriteString(s.name + ":\n")
	for _, kv := range s.keys {
		b.WriteString("  " + kv[0] + ": " + kv[1] + "\n")
	}
	return b.String()
}

// The least that each section needs.
var (
	leastStarfleet = section{"STARFLEET", [][2]string{
		{"DeploymentRegion", "us-east-1"},
		{"TemplateBucket", "templates"},
		{"FanOutQueueUrl", "https://sqs.us-east-1.amazonaws.com/123456789012/fanout"},
	}}
	leastIndex = section{"StarfleetDefaultAccountIndex", [][2]string{
		{"IndexBucket", "index"},
		{"BucketRegion", "us-east-1"},
	}}
	leastFleet = section{"Fleet", [][2]string{{"AssumeActive", "false"}}}
	leastShip  = section{"MyShip", [][2]string{
		{"Enabled", "true"},
		{"TemplatePrefix", "MyShip/"},
		{"InvocationQueueUrl", "https://sqs.us-east-1.amazonaws.com/123456789012/my-ship"},
		{"InvocationSources", "[S3]"},
	}}
)

// load loads sections from one file, starfleet.yaml.
func load(sections ...section) (*config.Configuration, error) {
	var b strings.Builder
	for _, s := range sections {
		b.WriteString(s.String())
	}
	return loadText(b.String())
}

// loadText loads the text of one file, starfleet.yaml.
func loadText(text string) (*config.Configuration, error) {
	return config.Load(fstest.MapFS{"starfleet.yaml": {Data: []byte(text)}})
}

// loadFiles loads a folder of files.
func loadFiles(files map[string]string) (*config.Configuration, error) {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return config.Load(fsys)
}

// mustLoad loads sections that have no fault.
func mustLoad(tb testing.TB, sections ...section) *config.Configuration {
	tb.Helper()
	c, err := load(sections...)
	if err != nil {
		tb.Fatalf("Load: %v", err)
	}
	return c
}

// faultsOf are the faults of an error that is to be schema.Faults itself.
func faultsOf(tb testing.TB, err error) schema.Faults {
	tb.Helper()
	if err == nil {
		tb.Fatal("no error, want faults")
	}
	var faults schema.Faults
	if !errors.As(err, &faults) {
		tb.Fatalf("error is %T, want schema.Faults: %v", err, err)
	}
	return faults
}

// wantFault checks that the error is one fault, at the path, whose line holds the text.
func wantFault(tb testing.TB, err error, path, text string) {
	tb.Helper()
	faults := faultsOf(tb, err)
	if len(faults) != 1 {
		tb.Fatalf("%d faults, want 1 at %s:\n%v", len(faults), path, err)
	}
	f := faults[0]
	if f.Path != path {
		tb.Errorf("fault at path %q, want %q: %v", f.Path, path, f)
	}
	if !strings.Contains(f.Error(), text) {
		tb.Errorf("fault %q does not say %q", f.Error(), text)
	}
	if f.File != "starfleet.yaml" || f.Line < 1 || f.Column < 1 {
		tb.Errorf("fault has the place %s:%d:%d", f.File, f.Line, f.Column)
	}
}

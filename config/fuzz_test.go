package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/schema"
)

// FuzzLoad: whatever a file holds, loading it and every section of it ends in a configuration whose values hold what
// their documentation says, or in faults with a place.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/*.yaml", "testdata/bad/*.yaml", "testdata/samples/*.yaml", "testdata/samples/config/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds for %s: %v", pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := config.Load(fstest.MapFS{
			"a.yaml": {Data: data},
			"b.yaml": {Data: []byte(leastStarfleet.String())},
		})
		if err != nil {
			checkFuzzedFaults(t, err)
			// A section STARFLEET of the data's own stands alone.
			if c, err = config.Load(fstest.MapFS{"a.yaml": {Data: data}}); err != nil {
				checkFuzzedFaults(t, err)
				return
			}
		}
		if c.Starfleet.DeploymentRegion == "" || c.Starfleet.TemplateBucket == "" || c.Fleet.TaskMaxAge <= 0 || c.Fleet.IndexMaxAge < 0 ||
			c.Fleet.OnTemplateChange == "" || c.Starfleet.SlackEnabled && c.Starfleet.Secrets == nil {
			t.Errorf("loaded %+v %+v", c.Starfleet, c.Fleet)
		}
		var ships []*config.Ship
		for _, name := range c.Sections() {
			ship, err := c.Ship(name)
			if err != nil {
				checkFuzzedFaults(t, err)
				continue
			}
			if ship.Name != name || ship.MaxTargets < 1 || ship.InvocationQueueURL == "" || len(ship.WorkerRoleSessionName) > 64 {
				t.Errorf("loaded %+v", ship)
			}
			ships = append(ships, ship)
			if _, err := config.Section[retentionSettings](c, name); err != nil {
				checkFuzzedFaults(t, err)
			}
		}
		if err := c.CheckManifestPrefix(ships); err != nil {
			checkFuzzedFaults(t, err)
		}
		c.Unclaimed(nil)
	})
}

func checkFuzzedFaults(t *testing.T, err error) {
	t.Helper()
	var faults schema.Faults
	if !errors.As(err, &faults) || len(faults) == 0 {
		t.Fatalf("error is %T, want faults: %v", err, err)
	}
	for _, fault := range faults {
		if fault.Problem == "" || fault.Line < 0 || fault.Column < 0 {
			t.Errorf("fault without a problem or a place: %#v", fault)
		}
	}
}

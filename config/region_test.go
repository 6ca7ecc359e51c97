package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/accountindex"
)

// A region that is newer than the program stops nothing; a misspelled one does.
func TestRegionsNewerThanTheTable(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"ap-southeast-98", "us-west-9", "us-north-1", "ap-northwest-1", "zz-central-1", "us-east-77", "eu-nowhere-1", "zz-gov-west-1", "ap-southwest-2",
	} {
		if accountindex.KnownRegion(name) {
			t.Fatalf("%s is known by now: the test wants another", name)
		}
		c, err := load(leastStarfleet.with("ScopeToRegions", "[us-east-1, "+name+"]"))
		if err != nil {
			t.Errorf("%s is refused: %v", name, err)
		} else if diff := cmp.Diff([]string{"us-east-1", name}, c.Starfleet.ScopeToRegions); diff != "" {
			t.Error(diff)
		}
	}
	for name, meant := range map[string]string{
		"us-esat-1": "us-east-1", "eu-cental-1": "eu-central-1", "ap-southest-2": "ap-southeast-2", "us-gvo-west-1": "us-gov-west-1",
		"euu-west-3": "eu-west-3", "us-eastt-2": "us-east-2", "cn-nroth-1": "cn-north-1",
		"useast1": "us-east-1", "us_east_1": "us-east-1", "us-east-1a": "us-east-1", "US-EAST-1": "us-east-1",
	} {
		_, err := load(leastStarfleet.with("DeploymentRegion", name))
		if err == nil || !strings.Contains(err.Error(), "did you mean "+meant+"?") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

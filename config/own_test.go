package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/schema"
)

// generatorSettings are the own keys of the account index generator of the samples.
type generatorSettings struct {
	OrgAccountAssumeRole      string `json:"OrgAccountAssumeRole" jsonschema:"required,minLength=1"`
	OrgAccountID              string `json:"OrgAccountId" jsonschema:"required"`
	OrgRootID                 string `json:"OrgRootId" jsonschema:"required"`
	DescribeRegionsAssumeRole string `json:"DescribeRegionsAssumeRole" jsonschema:"required"`
}

type retentionSettings struct {
	Days   int      `json:"Days" jsonschema:"required,minimum=1,maximum=3653"`
	Groups []string `json:"Groups,omitempty"`
	Nested struct {
		Dry bool `json:"Dry,omitempty"`
	} `json:"Nested,omitzero"`
}

func TestSectionOfSample(t *testing.T) {
	t.Parallel()
	c, err := config.Open("testdata/samples/config")
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.Section[generatorSettings](c, "AccountIndexGeneratorShip")
	if err != nil {
		t.Fatal(err)
	}
	want := generatorSettings{"starfleet-worker-basic-test-role", "123456789012", "r-123456", "starfleet-worker-basic-test-role"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestSectionKeys(t *testing.T) {
	t.Parallel()
	cases := []keyCase{
		{"Days", "1", ""},
		{"Days", "3653", ""},
		{"Days", "0", "1"},
		{"Days", "3654", "3653"},
		{"Days", "many", "integer"},
		{"Days", "null", "@: "},
		{"Groups", "[a, b]", ""},
		{"Groups", "[a, 1]", "@[1]: string"},
		{"Nested", "{Dry: true}", ""},
		{"Nested", "{Dyr: true}", "@.Dyr: did you mean Dry?"},
		{"days", "1", "did you mean Days?"},
		{"Grups", "[a]", "did you mean Groups?"},
		{"Enabeld", "true", "did you mean Enabled?"},
		{"Whatever", "x", "unknown key"},
		{"NeverTouch", "{}", ""}, // Ship's to judge
	}
	runKeyCases(t, "MyShip", cases, func(c keyCase) error {
		loaded, err := load(leastStarfleet, leastShip.with("Days", "30").with(c.key, c.value))
		if err != nil {
			return err
		}
		_, err = config.Section[retentionSettings](loaded, "MyShip")
		return err
	})
}

func TestSectionErrors(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, leastStarfleet, leastShip.with("Days", "0").with("Gruops", "[]"))
	_, err := config.Section[retentionSettings](c, "MyShip")
	if faults := faultsOf(t, err); len(faults) != 2 {
		t.Errorf("%d faults, want both at once:\n%v", len(faults), err)
	}
	_, err = config.Section[retentionSettings](mustLoad(t, leastStarfleet, leastShip), "MyShip")
	if faults := faultsOf(t, err); len(faults) != 1 || !strings.Contains(err.Error(), "Days") {
		t.Errorf("a required key that is missing: %v", err)
	}
	var missing *config.NoSectionError
	if _, err := config.Section[retentionSettings](c, "Other"); !errors.As(err, &missing) {
		t.Errorf("no section: %v", err)
	}
	var faults schema.Faults
	if _, err := config.Section[int](c, "MyShip"); err == nil || errors.As(err, &faults) {
		t.Errorf("a type that is no struct: %v", err)
	}
	if _, err := config.Section[struct {
		C chan int `json:"C"`
	}](c, "MyShip"); err == nil || errors.As(err, &faults) {
		t.Errorf("a type that no configuration can fill: %v", err)
	}
	if _, err := config.Section[struct{}](mustLoad(t, leastStarfleet, leastShip), "MyShip"); err != nil {
		t.Errorf("no own keys: %v", err)
	}
}

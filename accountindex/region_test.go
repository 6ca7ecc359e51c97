package accountindex_test

import (
	"slices"
	"testing"

	"github.com/starfleet-go/starfleet/accountindex"
)

func TestRegionTable(t *testing.T) {
	t.Parallel()
	names := accountindex.RegionNames()
	if !slices.IsSorted(names) || len(names) < 40 {
		t.Errorf("names are %v", names)
	}
	for _, name := range names {
		if !accountindex.KnownRegion(name) || !accountindex.IsRegionName(name) {
			t.Errorf("%s is not known, or not of the form", name)
		}
	}
	for region, partition := range map[string]string{
		"us-east-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "us-iso-east-1": "aws-iso",
		"us-isob-east-1": "aws-iso-b", "eu-isoe-west-1": "aws-iso-e", "us-isof-south-1": "aws-iso-f", "eusc-de-east-1": "aws-eusc",
		"aws-global": "", "ALL": "", "": "",
	} {
		if got := accountindex.PartitionOf(region); got != partition {
			t.Errorf("PartitionOf(%q) is %q, want %q", region, got, partition)
		}
	}
}

func TestNameForms(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"us-east-1": true, "xy-newplace-12": true, "us-gov-west-1": true,
		"": false, "ALL": false, "us-east": false, "us--1": false, "US-EAST-1": false, "us-east-1a": false, "us-east-": false, "u-east-1": false,
	} {
		if accountindex.IsRegionName(name) != want {
			t.Errorf("IsRegionName(%q) is %v", name, !want)
		}
	}
	for id, want := range map[string]bool{"012345678901": true, "12345678901": false, "1234567890123": false, "12345678901a": false, "١٢٣٤٥٦": false, "": false} {
		if accountindex.IsAccountID(id) != want {
			t.Errorf("IsAccountID(%q) is %v", id, !want)
		}
	}
}

func TestKnownRegionOfIndex(t *testing.T) {
	t.Parallel()
	x := load(t, file(account(firstID, map[string]string{"Regions": `["zz-new-1"]`})), accountindex.LoadOptions{})
	for region, want := range map[string]bool{"zz-new-1": true, "us-east-1": true, "zz-new-2": false} {
		if x.KnownRegion(region) != want {
			t.Errorf("KnownRegion(%q) is %v", region, !want)
		}
	}
}

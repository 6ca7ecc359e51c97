package accountindex_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/starfleet-go/starfleet/accountindex"
)

// TestResolutionVectors resolves the valid cases that were run with the Python Starfleet.
func TestResolutionVectors(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("testdata", "resolution.json"))
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Organizations []json.RawMessage `json:"organizations"`
		Cases         []struct {
			Case           int                 `json:"case"`
			Organization   int                 `json:"organization"`
			FanOutStrategy string              `json:"fanOutStrategy"`
			ScopeToRegions []string            `json:"scopeToRegions"`
			Template       string              `json:"template"`
			Tasks          []map[string]string `json:"tasks"`
			Invalid        map[string]any      `json:"invalid"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	var indexes []*accountindex.Index
	for _, organization := range vectors.Organizations {
		indexes = append(indexes, load(t, string(organization), accountindex.LoadOptions{}))
	}
	resolved := 0
	for _, c := range vectors.Cases {
		if c.Invalid != nil || c.FanOutStrategy == "SINGLE_INVOCATION" {
			continue
		}
		resolved++
		t.Run(fmt.Sprint(c.Case), func(t *testing.T) {
			t.Parallel()
			var template struct {
				IncludeAccounts  accountindex.Selection
				ExcludeAccounts  accountindex.Exclusion
				OperateInOrgRoot bool
				IncludeRegions   []string
				ExcludeRegions   []string
			}
			if err := yaml.Unmarshal([]byte(c.Template), &template); err != nil {
				t.Fatal(err)
			}
			got := targets(resolve(t, indexes[c.Organization], accountindex.Query{
				Include: template.IncludeAccounts, Exclude: template.ExcludeAccounts, OperateInOrgRoot: template.OperateInOrgRoot,
				PerRegion: c.FanOutStrategy == "ACCOUNT_REGION", IncludeRegions: template.IncludeRegions, ExcludeRegions: template.ExcludeRegions,
				ScopeToRegions: c.ScopeToRegions, UnmatchedInclude: accountindex.PolicyIgnore, UnmatchedExclude: accountindex.PolicyIgnore,
			}))
			want := []string{}
			for _, task := range c.Tasks {
				target := task["StarbaseAssignedAccount"]
				if region := task["StarbaseAssignedRegion"]; region != "" {
					target += "/" + region
				}
				want = append(want, target)
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if len(vectors.Cases) != 80 || resolved < 40 {
		t.Errorf("%d cases, %d resolved", len(vectors.Cases), resolved)
	}
}

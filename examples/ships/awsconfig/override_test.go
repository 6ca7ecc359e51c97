package awsconfig_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/examples/ships/awsconfig"
	"github.com/starfleet-go/starfleet/queue"
)

const management = "000000000001"

// indexOf has the account of the tests, under /Workloads/Prod with the tag Team=payments, and the management account.
func indexOf(t testing.TB, partition string, regions ...string) *accountindex.Index {
	t.Helper()
	arn := "arn:" + partition + ":organizations::" + management + ":account/o-a1b2c3d4e5/"
	top := accountindex.Parent{ID: "r-ab12", Name: "ROOT", Type: accountindex.TypeRoot}
	workloads := accountindex.Parent{ID: "ou-ab12-11111111", Name: "Workloads", Type: accountindex.TypeOrgUnit}
	prod := accountindex.Parent{ID: "ou-ab12-22222222", Name: "Prod", Type: accountindex.TypeOrgUnit}
	return newIndex(t, []accountindex.Account{
		{
			ID: account, Name: "Payments", ARN: arn + account, State: accountindex.Active, Regions: regions,
			Parents: []accountindex.Parent{prod, workloads, top}, Tags: map[string]string{"Team": "payments"},
		},
		{
			ID: management, Name: "Management", ARN: arn + management, State: accountindex.Active, Regions: regions,
			Parents: []accountindex.Parent{top}, Tags: map[string]string{},
		},
	})
}

func newIndex(t testing.TB, accounts []accountindex.Account) *accountindex.Index {
	t.Helper()
	x, err := accountindex.New(accounts, nil, time.Time{}, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// overriding is an override for all regions, whose bucket tells that it was chosen.
func overriding(bucket string, include accountindex.Exclusion) awsconfig.Override {
	return awsconfig.Override{
		IncludeAccounts: accountindex.Selection{Exclusion: include}, IncludeRegions: []string{"ALL"},
		Configuration: with(func(c *awsconfig.Configuration) { c.DeliveryChannelDetails.BucketName = bucket }),
	}
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	prod := accountindex.Exclusion{ByOrgUnits: []string{"/Workloads/Prod"}}
	change := func(o awsconfig.Override, f func(*awsconfig.Override)) awsconfig.Override {
		f(&o)
		return o
	}
	tests := map[string]struct {
		overrides []awsconfig.Override
		account   string // default the account
		want      string // bucket
	}{
		"none":                {want: "all-bucket"},
		"by id":               {overrides: []awsconfig.Override{overriding("by-id", accountindex.Exclusion{ByIds: []string{account}})}, want: "by-id"},
		"by name, any case":   {overrides: []awsconfig.Override{overriding("by-name", accountindex.Exclusion{ByNames: []string{"pAYMENTS"}})}, want: "by-name"},
		"by OU":               {overrides: []awsconfig.Override{overriding("by-ou", prod)}, want: "by-ou"},
		"by OU, from another": {overrides: []awsconfig.Override{overriding("by-ou", prod)}, account: management, want: "all-bucket"},
		"by tag": {
			overrides: []awsconfig.Override{overriding("by-tag", accountindex.Exclusion{ByTags: []accountindex.TagSelector{{Name: "team", Value: "Payments"}}})},
			want:      "by-tag",
		},
		"by expression": {overrides: []awsconfig.Override{overriding("by-expression", accountindex.Exclusion{ByExpression: `name == "Payments"`})}, want: "by-expression"},
		"the one of two": {
			overrides: []awsconfig.Override{overriding("first", accountindex.Exclusion{ByIds: []string{management}}), overriding("second", prod)}, want: "second",
		},
		"the management account, without OperateInOrgRoot": {
			overrides: []awsconfig.Override{overriding("root", accountindex.Exclusion{ByIds: []string{management}})}, account: management, want: "root",
		},
		"excluded": {
			overrides: []awsconfig.Override{change(overriding("other-bucket", prod), func(o *awsconfig.Override) { o.ExcludeAccounts.ByIds = []string{account} })}, want: "all-bucket",
		},
		"another region": {
			overrides: []awsconfig.Override{change(overriding("other-bucket", prod), func(o *awsconfig.Override) { o.IncludeRegions = []string{"eu-west-1"} })}, want: "all-bucket",
		},
		"a region excluded": {
			overrides: []awsconfig.Override{change(overriding("other-bucket", prod), func(o *awsconfig.Override) { o.ExcludeRegions = []string{region} })}, want: "all-bucket",
		},
		"two for one account, in different regions": {
			overrides: []awsconfig.Override{
				change(overriding("here", prod), func(o *awsconfig.Override) { o.IncludeRegions = []string{region} }),
				change(overriding("there", prod), func(o *awsconfig.Override) { o.ExcludeRegions = []string{region} }),
			},
			want: "here",
		},
		"a name that nobody bears": {overrides: []awsconfig.Override{overriding("other-bucket", accountindex.Exclusion{ByNames: []string{"Paymnts"}})}, want: "all-bucket"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeConfig{}
			payload := awsconfig.Payload{DefaultConfiguration: everything(), AccountOverrideConfigurations: test.overrides}
			payload.OperateInOrgRoot = true
			r := attempt{account: test.account, index: indexOf(t, "aws", region, "eu-west-1"), fake: fake, commit: true}.execute(t, payload)
			if r.Err != nil || *fake.channel.S3BucketName != test.want {
				t.Errorf("bucket %+v, want %s, error %v", fake.channel, test.want, r.Err)
			}
		})
	}
}

// TestOverridesAreNeverGuessed: what cannot be decided changes nothing.
func TestOverridesAreNeverGuessed(t *testing.T) {
	t.Parallel()
	known := indexOf(t, "aws", region)
	tagless := newIndex(t, func() []accountindex.Account {
		a, _ := known.Account(account)
		a.Tags = nil
		return []accountindex.Account{a}
	}())
	byTag := overriding("other-bucket", accountindex.Exclusion{ByTags: []accountindex.TagSelector{{Name: "Team", Value: "payments"}}})
	mistyped := overriding("other-bucket", accountindex.Exclusion{ByIds: []string{account}})
	mistyped.ExcludeAccounts.ByNames = []string{"Paymnts"}
	nowhere := overriding("other-bucket", accountindex.Exclusion{ByIds: []string{account}})
	nowhere.IncludeRegions = []string{"us-esat-1"}
	globals := with(func(c *awsconfig.Configuration) {
		c.RecorderConfiguration.RecordingGroup.RecordEverything.RecordGlobalsInTheseRegions = []string{"us-esat-1"}
	})
	later := queue.Disposition{Action: queue.Retry, After: 5 * time.Minute} // when a newer index may know
	broken := overriding("other-bucket", accountindex.Exclusion{ByExpression: `ous[5] == "x"`})
	tests := map[string]struct {
		index     *accountindex.Index
		overrides []awsconfig.Override
		globals   bool
		want      queue.Disposition
		text      string
	}{
		"no index":                 {nil, []awsconfig.Override{byTag}, false, queue.Disposition{Action: queue.DeadLetter}, "--index FILE"},
		"no index, by id alone":    {nil, []awsconfig.Override{overriding("other-bucket", accountindex.Exclusion{ByIds: []string{account}})}, false, queue.Disposition{Action: queue.DeadLetter}, "no account index"},
		"unknown tags":             {tagless, []awsconfig.Override{byTag}, false, later, "does not know enough of account 111122223333"},
		"a mistyped exclusion":     {known, []awsconfig.Override{mistyped}, false, later, `AccountOverrideConfigurations[0]: ExcludeAccounts.ByNames[0]`},
		"an expression at fault":   {known, []awsconfig.Override{broken}, false, queue.Disposition{Action: queue.DeadLetter}, "AccountOverrideConfigurations[0]: IncludeAccounts.ByExpression"},
		"a mistyped region":        {known, []awsconfig.Override{nowhere}, false, later, `AccountOverrideConfigurations[0].IncludeRegions[0]: "us-esat-1" is not a known region: did you mean us-east-1?`},
		"a mistyped global region": {known, nil, true, later, `RecordGlobalsInTheseRegions[0]: "us-esat-1" is not a known region`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeConfig{}
			payload := awsconfig.Payload{DefaultConfiguration: everything(), AccountOverrideConfigurations: test.overrides}
			if test.globals {
				payload.DefaultConfiguration = globals
			}
			r := attempt{index: test.index, fake: fake, commit: true}.execute(t, payload)
			d := queue.DispositionOf(r.Err)
			if d.Action != test.want.Action || d.After != test.want.After || !strings.Contains(r.Err.Error(), test.text) {
				t.Errorf("disposition %+v, error %v", d, r.Err)
			}
			if len(fake.calls) > 0 {
				t.Errorf("AWS was asked: %v", fake.calls)
			}
		})
	}
	elsewhere := byTag
	elsewhere.IncludeRegions = []string{"eu-west-1"}
	fake := &fakeConfig{}
	payload := awsconfig.Payload{DefaultConfiguration: everything(), AccountOverrideConfigurations: []awsconfig.Override{elsewhere}}
	if r := (attempt{index: tagless, fake: fake, commit: true}).execute(t, payload); r.Err != nil || *fake.channel.S3BucketName != "all-bucket" {
		t.Errorf("tags do not matter to an override that is not for the region: %v", r.Err)
	}
	if r := (attempt{fake: fake, commit: true}).execute(t, payload); !errors.Is(r.Err, awsconfig.ErrNoIndex) {
		t.Errorf("error %v is not ErrNoIndex", r.Err)
	}
}

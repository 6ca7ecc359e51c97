//go:build peers

package orgpeers_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/assume"
	"github.com/starfleet-go/starfleet/aws/orgindex"
	"github.com/starfleet-go/starfleet/aws/s3index"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/examples/ships/accountalias"
	"github.com/starfleet-go/starfleet/local"
	"github.com/starfleet-go/starfleet/starfleettest"
)

// template selects the accounts of Prod and below it that are not exempt.
const template = `TemplateName: Aliases
TemplateDescription: Aliases of the accounts under Prod
IncludeAccounts:
  ByOrgUnits: [/Workloads/Prod]
ExcludeAccounts:
  ByTags:
    - {Name: alias, Value: Exempt}
AliasPrefix: acme-
`

// TestMotoOrganization goes the whole way: an organization is made, its index generated and written, a template resolved on it, and a ship run in each
// account: without commit, with it, and once more.
func TestMotoOrganization(t *testing.T) {
	made := makeOrganization(t)
	index := writtenIndex(t, generated(t, made))
	checkIndex(t, made, index)

	var want []string
	for _, a := range made.accounts {
		if strings.HasPrefix(a.path, "/Workloads/Prod") && !a.closed && a.tags["Alias"] == "" {
			want = append(want, a.id)
		}
	}
	slices.Sort(want)
	none, all := map[string]string{}, map[string]string{}
	for _, id := range want {
		all[id] = "acme-" + id
	}

	dry := tasked(t, index, accountalias.New(nil), false)
	checkTasked(t, dry, want, starfleet.OutcomeChanged)
	checkAliases(t, made, none)

	forgetful := starfleet.ShipFunc(accountalias.Name, forgetCommit)
	checkTasked(t, tasked(t, index, forgetful, false), want, starfleet.OutcomeRefused)
	checkAliases(t, made, none)

	checkTasked(t, tasked(t, index, accountalias.New(nil), true), want, starfleet.OutcomeChanged)
	checkAliases(t, made, all)

	checkTasked(t, tasked(t, index, accountalias.New(nil), true), want, starfleet.OutcomeOK)
	checkAliases(t, made, all)
}

// forgetCommit is a ship that writes whatever it may.
func forgetCommit(ctx context.Context, inv *starfleet.Invocation[accountalias.Payload]) error {
	cfg, err := inv.AWSConfig(ctx)
	if err != nil {
		return err
	}
	_, err = iam.NewFromConfig(cfg).CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("forgot-" + inv.AccountID)})
	return err
}

// generated is the index as Organizations and account management tell it. Neither peer is AWS, so that its rates do not hold.
func generated(t *testing.T, made *madeOrganization) *accountindex.Index {
	t.Helper()
	rates := orgindex.DefaultRates()
	for i := range rates {
		rates[i].PerSecond, rates[i].Burst = 1000, 1000
	}
	generator, err := orgindex.New(orgindex.Config{
		Organizations: orgindex.NewOrganizationsClient(managementConfig(t, motoURL(t))),
		Accounts:      account.NewFromConfig(managementConfig(t, peer(t, "AWS_ENDPOINT_URL_ACCOUNT"))),
		RootID:        made.rootID, Rates: rates,
	})
	must(t, 0, err)
	result, err := generator.Generate(t.Context(), nil)
	must(t, 0, err)
	t.Log(result.Report)
	if len(result.Report.Failures) > 0 || result.Report.Accounts != len(made.accounts)+1 || result.Report.RegionsUnknown() > 0 {
		t.Fatalf("report %+v", result.Report)
	}
	return result.Index
}

// writtenIndex writes the index to S3 and reads it as a Starbase would. One that lost accounts is put aside.
func writtenIndex(t *testing.T, x *accountindex.Index) *accountindex.Index {
	t.Helper()
	cfg, bucket := managementConfig(t, motoURL(t)), "account-index"
	_, err := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket})
	must(t, 0, err)
	writer, err := s3index.NewWriter(s3index.WriterConfig{AWS: cfg, Bucket: bucket})
	must(t, 0, err)
	for range 2 { // the first one, and a replacement
		_, err = writer.Write(t.Context(), x)
		must(t, 0, err)
	}
	first := slices.Collect(x.Accounts())[:10]
	small, err := accountindex.New(first, nil, x.Generated(), accountindex.LoadOptions{})
	must(t, 0, err)
	_, err = writer.Write(t.Context(), small)
	if loss, ok := errors.AsType[*accountindex.LossError](err); !ok || loss.KeptAs == "" {
		t.Errorf("an index of ten accounts was not put aside: %v", err)
	}
	source, err := s3index.New(s3index.Config{AWS: cfg, Bucket: bucket})
	must(t, 0, err)
	read, err := source.Index(t.Context())
	return must(t, read, err)
}

// checkIndex holds the index against what was made.
func checkIndex(t *testing.T, made *madeOrganization, x *accountindex.Index) {
	t.Helper()
	for _, want := range made.accounts {
		a, ok := x.Account(want.id)
		state := accountindex.Active
		if want.closed {
			state = accountindex.Suspended
		}
		if !ok || a.Path != want.path || a.State != state || !cmp.Equal(a.Tags, want.tags) || !slices.Contains(a.Regions, "us-east-1") {
			t.Errorf("made %+v, the index says %+v", want, a)
		}
	}
	for _, unit := range x.OrgUnits() {
		if made.paths[unit.ID] != unit.Path {
			t.Errorf("OU %+v was made as %q", unit, made.paths[unit.ID])
		}
	}
	if n := len(x.OrgUnits()); n != len(made.paths) {
		t.Errorf("%d OUs, want %d", n, len(made.paths))
	}
}

// tasked runs a ship for the template by the index, with roles that it assumes in the accounts.
func tasked(t *testing.T, x *accountindex.Index, ship starfleet.Ship[accountalias.Payload], commit bool) *local.Report {
	t.Helper()
	environment := map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIDMANAGEMENT", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": motoURL(t),
		"AWS_EC2_METADATA_DISABLED": "true",
	}
	for name, value := range environment {
		t.Setenv(name, value)
	}
	fleet := starfleettest.NewFleet(t, starfleettest.FleetOptions{
		Index: x, Templates: map[string]string{accountalias.Name + "/aliases.yaml": template}, Ships: []string{accountalias.Name},
	})
	starfleettest.AddShip(fleet, ship, starfleet.WithCommit(commit))
	return fleet.Trigger(local.Timer(config.Hourly))
}

// checkTasked wants one task with the outcome in each account.
func checkTasked(t *testing.T, report *local.Report, want []string, outcome starfleet.Outcome) {
	t.Helper()
	var got []string
	for _, run := range report.Runs {
		for _, r := range run.Results {
			if got = append(got, r.AccountID); r.Outcome != outcome {
				t.Errorf("account %s: %s, want %s: %v", r.AccountID, r.Outcome, outcome, r.Err)
			}
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Errorf("tasked (-want +got):\n%s", diff)
	}
}

// checkAliases wants these aliases in the accounts, and none in any other.
func checkAliases(t *testing.T, made *madeOrganization, want map[string]string) {
	t.Helper()
	provider, err := assume.New(assume.Config{AWS: managementConfig(t, motoURL(t))})
	must(t, 0, err)
	got := map[string]string{}
	for id := range made.accounts {
		cfg, err := provider.Config(t.Context(), assume.Target{Partition: "aws", AccountID: id, RoleName: "auditor"})
		must(t, 0, err)
		cfg.BaseEndpoint = aws.String(motoURL(t))
		aliases, err := iam.NewFromConfig(cfg).ListAccountAliases(t.Context(), &iam.ListAccountAliasesInput{})
		for _, alias := range must(t, aliases, err).AccountAliases {
			got[id] = alias
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
}

// The peer has to keep the accounts apart, or the checks above would prove nothing.
func TestMotoKeepsAccountsApart(t *testing.T) {
	cfg := managementConfig(t, motoURL(t))
	role := "arn:aws:iam::111122223333:role/worker"
	out, err := sts.NewFromConfig(cfg).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("test")})
	got := must(t, out, err).Credentials
	cfg.Credentials = credentials.NewStaticCredentialsProvider(*got.AccessKeyId, *got.SecretAccessKey, *got.SessionToken)
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if id := *must(t, who, err).Account; id != "111122223333" {
		t.Errorf("the role is one of account %s", id)
	}
}

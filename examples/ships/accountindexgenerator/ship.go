package accountindexgenerator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/assume"
	"github.com/starfleet-go/starfleet/aws/orgindex"
	"github.com/starfleet-go/starfleet/aws/s3index"
	"github.com/starfleet-go/starfleet/schema"
)

// Name is the ship's name: that of its section in the configuration.
const Name = "AccountIndexGeneratorShip"

// maxLogged is how many changed accounts a run logs one by one.
const maxLogged = 100

// Clients are what the ship works with. A nil one is that of the AWS SDK.
type Clients struct {
	// Enter gives the credentials of a role in an account. base has the ship's own.
	Enter func(ctx context.Context, base aws.Config, target assume.Target) (aws.Config, error)
	// Organizations and Accounts make the clients for the account that is asked.
	Organizations func(aws.Config) orgindex.OrganizationsClient
	Accounts      func(aws.Config) orgindex.AccountClient
	// Regions asks in the account itself, by what enter gives for it.
	Regions func(enter func(context.Context, accountindex.Account) (aws.Config, error)) orgindex.RegionsFunc
	// Bucket stands in for S3; nil is a client for the bucket's region.
	Bucket s3index.WriterClient
}

// Ship makes the account index. Make one with [New].
type Ship struct {
	settings Settings
	clients  Clients
}

var _ starfleet.ShipWithPermissions = (*Ship)(nil)

// New makes the ship with its own settings. Without them, Execute fails: enough for a Starbase that only tasks it, and for its manifest.
func New(settings Settings, clients Clients) *Ship {
	if clients.Enter == nil {
		clients.Enter = enter
	}
	if clients.Organizations == nil {
		clients.Organizations = func(cfg aws.Config) orgindex.OrganizationsClient { return orgindex.NewOrganizationsClient(cfg) }
	}
	if clients.Accounts == nil {
		clients.Accounts = func(cfg aws.Config) orgindex.AccountClient { return orgindex.NewAccountClient(cfg) }
	}
	if clients.Regions == nil {
		clients.Regions = orgindex.RegionsThroughRole
	}
	return &Ship{settings: settings, clients: clients}
}

// enter assumes a role. The provider caches nothing beyond the call: each account is entered once.
func enter(ctx context.Context, base aws.Config, target assume.Target) (aws.Config, error) {
	provider, err := assume.New(assume.Config{AWS: base})
	if err != nil {
		return aws.Config{}, err
	}
	return provider.Config(ctx, target)
}

// Name is "AccountIndexGeneratorShip".
func (*Ship) Name() string { return Name }

// Permissions are the IAM actions that the ship needs: S3 and sts:AssumeRole by its own role, ec2:DescribeRegions in the accounts, the others in
// the account that it asks.
func (*Ship) Permissions() starfleet.Permissions {
	read := slices.Concat(orgindex.IAMActions, s3index.IAMActions, assume.IAMActions, []string{"ec2:DescribeRegions"})
	slices.Sort(read)
	return starfleet.Permissions{Read: read, Write: []string{"s3:PutObject"}}
}

// Execute makes the index and, when it may commit, puts it in place. An index that lost too much is a permanent error.
func (s *Ship) Execute(ctx context.Context, inv *starfleet.Invocation[Payload]) error {
	if s.settings == (Settings{}) {
		return starfleet.Permanent(errors.New("the ship has no settings: give it the section " + Name + " of the configuration (STARFLEET_CONFIG)"))
	}
	cfg, err := inv.AWSConfig(ctx)
	if err != nil {
		return err
	}
	generator, err := s.generator(ctx, inv, cfg)
	if err != nil {
		return err
	}
	p := inv.Payload
	writer, err := s3index.NewWriter(s3index.WriterConfig{
		Bucket: p.AccountInventoryBucket, Key: p.InventoryObjectPrefix, AWS: cfg, Region: p.InventoryBucketRegion, Client: s.clients.Bucket,
		AcceptShrink: p.AcceptShrink, Merge: p.Merge, Logger: inv.Log(),
	})
	if err != nil {
		return err
	}
	previous, err := current(ctx, inv, writer)
	if err != nil {
		return err
	}
	result, err := generator.Generate(ctx, previous)
	if err != nil {
		return err
	}
	made := result.Index
	if p.Merge && previous != nil {
		if made, err = accountindex.Merge(previous, made); err != nil {
			return starfleet.Permanent(err)
		}
	}
	record(ctx, inv, previous, made, result.Report)
	if !inv.Commit {
		return foretell(p, previous, made)
	}
	return settle(writer.Write(ctx, result.Index))
}

// generator asks the organization's account.
func (s *Ship) generator(ctx context.Context, inv *starfleet.Invocation[Payload], cfg aws.Config) (*orgindex.Generator, error) {
	partition := accountindex.PartitionOf(cfg.Region)
	if partition == "" {
		return nil, fmt.Errorf("the region %q, in which the ship runs, is of no partition that is known", cfg.Region)
	}
	asked, err := s.clients.Enter(ctx, cfg, assume.Target{
		Partition: partition, AccountID: s.settings.OrgAccountID, RoleName: s.settings.OrgAccountAssumeRole, SessionName: Name,
	})
	if err != nil {
		return nil, err
	}
	return orgindex.New(orgindex.Config{
		Organizations: s.clients.Organizations(asked), Accounts: s.clients.Accounts(asked),
		Caller: s.settings.OrgAccountID, RootID: s.settings.OrgRootID, Logger: inv.Log(),
		RegionsElsewhere: s.clients.Regions(func(ctx context.Context, a accountindex.Account) (aws.Config, error) {
			return s.clients.Enter(ctx, cfg, assume.Target{
				Partition: cmp.Or(a.Partition(), partition), AccountID: a.ID, RoleName: s.settings.DescribeRegionsAssumeRole, SessionName: Name,
			})
		}),
	})
}

// current is the index in place, nil when there is none, or when what is there is none.
func current(ctx context.Context, inv *starfleet.Invocation[Payload], writer *s3index.Writer) (*accountindex.Index, error) {
	x, err := writer.Current(ctx)
	switch {
	case err == nil:
		return x, nil
	case errors.Is(err, fs.ErrNotExist):
		inv.Log().InfoContext(ctx, "there is no account index yet")
		return nil, nil
	}
	if faults, ok := errors.AsType[schema.Faults](err); ok && !inv.Payload.Merge {
		inv.Log().WarnContext(ctx, "the account index in place is at fault", "error", faults)
		return nil, nil
	}
	return nil, err
}

// record says what the index changes.
func record(ctx context.Context, inv *starfleet.Invocation[Payload], previous, made *accountindex.Index, report orgindex.Report) {
	args := []any{
		"bucket", inv.Payload.AccountInventoryBucket, "key", cmp.Or(inv.Payload.InventoryObjectPrefix, s3index.DefaultKey),
		"accounts", report.Accounts, "ous", report.OrgUnits,
		"tagsUnknown", report.TagsUnknown(), "regionsUnknown", report.RegionsUnknown(),
	}
	if previous != nil {
		d := accountindex.Compare(previous, made)
		args = append(args,
			"accountsAdded", len(d.AddedAccounts), "accountsRemoved", len(d.RemovedAccounts), "accountsChanged", len(d.ChangedAccounts),
			"ousAdded", len(d.AddedOrgUnits), "ousRemoved", len(d.RemovedOrgUnits), "ousChanged", len(d.ChangedOrgUnits))
		for _, a := range d.ChangedAccounts[:min(len(d.ChangedAccounts), maxLogged)] {
			inv.Log().InfoContext(ctx, "account differs", "id", a.ID, "fields", a.Fields)
		}
	}
	inv.Change("write account index", args...)
}

// foretell is what a commit would end with.
func foretell(p Payload, previous, x *accountindex.Index) error {
	if previous == nil || p.AcceptShrink {
		return nil
	}
	return settle("", accountindex.CheckLoss(previous, x))
}

// settle turns what the writer said into what becomes of the task.
func settle(_ string, err error) error {
	if _, lost := errors.AsType[*accountindex.LossError](err); lost {
		return starfleet.Permanent(err)
	}
	if newer, ok := errors.AsType[*s3index.NewerError](err); ok {
		return starfleet.Skip(newer.Error())
	}
	return err
}

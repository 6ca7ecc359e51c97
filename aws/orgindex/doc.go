// Package orgindex makes an account index of an AWS organization: its accounts with their states, tags, OUs and enabled regions.
//
//	generator, err := orgindex.New(orgindex.Config{ // cfg: of the management account, or of a delegated administrator
//		Organizations: orgindex.NewOrganizationsClient(cfg), Accounts: orgindex.NewAccountClient(cfg),
//	})
//	...
//	result, err := generator.Generate(ctx, previous)
//	_, err = writer.Write(ctx, result.Index) // aws/s3index
//
// # What is asked
//
// The OUs are walked from the root, and each is asked once for the OUs and the accounts directly in it, so that the calls grow with the
// OUs and not with the accounts. Tags and regions take one call an account each; both go on at once, each as fast as [DefaultRates] allow.
//
// Enabled regions come from account:ListRegions, which the management account, or the delegated administrator of account management,
// may ask for every member, where trusted access for account management is enabled. Where it refuses an account, Config.RegionsElsewhere
// is asked; [RegionsThroughRole] makes one that asks ec2:DescribeRegions through a role in the account. Regions take the longest
// (five accounts a second), so they may be spread over several runs: accounts that are ACTIVE come first, then those whose regions are
// oldest in the previous index, and what the time did not suffice for keeps the regions of the previous index, with the date of their reading,
// until they are older than Config.MaxRegionsAge.
//
// # What could not be read
//
// A fact that could not be read is unknown in the index, never empty, and in the [Report]: tags are asked for anew each time, and regions are
// those of the previous index where it has them. One account that fails does not end the run. The organization itself has to be read whole,
// though: where an OU can not be listed, Generate fails, since an index without its accounts would look like that of a smaller organization.
//
// # Permissions
//
// The caller needs [IAMActions]. RegionsThroughRole needs ec2:DescribeRegions in the accounts.
package orgindex

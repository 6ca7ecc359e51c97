// Package accountindexgenerator is a ship that makes the account index: the accounts of the organization with their states, tags, OUs and
// enabled regions, as one object in S3, by which everything else is tasked.
//
// It runs once for a template, on a timer. It assumes OrgAccountAssumeRole in the account OrgAccountId (the management account, or one that
// administers the organization for it) and asks there; regions that cannot be asked for there are read through DescribeRegionsAssumeRole
// in the account itself. See package aws/orgindex for what is asked and how fast, and for what is kept from the index before.
//
//   - A fact that could not be read is unknown in the index, never empty, and one account that fails does not end the run.
//   - The index replaces the one in place only when the invocation may commit. It is logged before, what it changes.
//   - An index that lacks more than a tenth of the accounts or OUs of the one in place is put aside beside it, and the task is dead-lettered with the
//     reason. A template with AcceptShrink, for one run, accepts it.
//
// With Merge in the template, the other organizations of the index stay: it is then one of several, in the form of its own of package accountindex.
//
// The first index has to be there before a Starbase tasks anything, this ship too: make it with the ship's own command line, or with
// `starfleet index generate`.
//
// cmd/accountindexgenerator is its main, template.yaml a template for it, and schema.json the JSON Schema by which editors check
// templates. What the function's role needs is what Permissions lists: sts:AssumeRole and S3 itself, the others by the roles that it assumes.
package accountindexgenerator

//go:generate go test . -run TestSchemaIsCurrent -update

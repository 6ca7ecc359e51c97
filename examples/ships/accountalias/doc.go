// Package accountalias is a ship that sets the alias of each account: the name in the address of the account's sign-in page.
//
// The alias of an account is the one that the template's Aliases names for it, else AliasPrefix and the account id. An account
// for which neither gives an alias is skipped. An account that has another alias already keeps it, unless the template says
// ReplaceExisting: people sign in at the old address, and an alias that was given up can be taken by anybody.
//
// The change is recorded, and written only when the invocation may commit; a second run finds nothing to change. The ship deletes
// nothing: IAM itself replaces the alias that an account has.
//
// Aliases are unique among all accounts of an AWS partition, of other organizations too. One that is taken fails for good:
// the task is dead-lettered at once with the alias in its error. A dry run cannot find this out.
//
// cmd/accountalias is its main, template.yaml a template for it, and schema.json the JSON Schema by which editors check
// templates. The role that it assumes needs the actions that Permissions lists.
package accountalias

//go:generate go test . -run TestSchemaIsCurrent -update

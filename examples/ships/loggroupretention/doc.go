// Package loggroupretention is a ship that sets the retention of CloudWatch Logs log groups, once for each region of each
// account. A log group without a retention keeps its events, and costs, for ever.
//
// What it does in one region of one account:
//
//   - It lists the log groups, all pages, under the template's LogGroupNamePrefix and without those under ExcludeLogGroupNamePrefixes.
//   - A group without a retention gets the template's RetentionInDays. One that has another retention is left as it is, unless
//     ExistingRetention says lengthen or replace.
//   - A group whose retention an account-level policy decides, and a group of the DELIVERY class, whose retention is fixed, are
//     left alone whatever the template says.
//
// Each group that differs is recorded as one change. It is written only when the invocation may commit; a second run finds nothing
// to change. The ship deletes nothing itself, yet CloudWatch Logs deletes events that are older than the retention of their
// group: look at the changes of a dry run before the first commit.
//
// Groups that fail do not keep the others from being treated, up to ten of them; then, or when the service throttles or the time is up,
// the task ends with an error and is tried again. What was written stays, and the next attempt goes on from there.
//
// cmd/loggroupretention is its main, template.yaml a template for it, and schema.json the JSON Schema by which editors check
// templates. The role that it assumes needs the actions that Permissions lists.
package loggroupretention

//go:generate go test . -run TestSchemaIsCurrent -update

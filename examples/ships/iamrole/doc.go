// Package iamrole is a ship that keeps an IAM role in each account, from the templates of the Python Starfleet's ship of the same name,
// which have the role in the form of iambic.
//
// The role becomes what the template says, no more and no less: its trust policy, description, longest session, permissions boundary, tags,
// managed and inline policies. What differs is recorded, and written only when the invocation may commit; a second run finds
// nothing to change. Policy documents are compared by what they mean, and not by the order of their lists. What a template leaves out the role does
// not have: of that which it has the ship takes away whatever is left out, but for tags of AWS.
//
// # Safety
//
//   - Roles that are never touched, whatever a template says: OrganizationAccountAccessRole, AWSControlTowerExecution, stacksets-exec-*,
//     service-linked roles, those under /aws-reserved/, roles that name a service-linked role in their trust policy, every role in the
//     section of a ship in the configuration (and the names in ProtectedRoles of this ship's), and the roles with which the ship and its program
//     work. Names are compared without regard to case, after the variables are filled in, and before any credentials are asked for. Such a
//     task is refused and dead-lettered. Of the placeholders in the names {account} and {partition} are filled in: another one is an error in
//     ProtectedRoles, and stands for any characters in the section of another ship.
//   - A role is deleted only if it carries the tag starfleet:ship=IamRoleWorkerShip, which the ship gives to every role that it writes, also to one
//     that was there before. Its instance profiles stay, without it.
//   - The name and the path of a role never change. Another name is another role, and the old one stays; another path than that of the role is an
//     error. The ship never deletes a role to make it anew.
//   - At no point of an update may anybody do with a role what they may neither before nor after it. All that is denied before or after is
//     denied throughout; new Allows come before old ones go, unless the boundary or the trust policy is exchanged: then a role can do too little for a
//     moment, rather than too much. IAM has no call for three things: a boundary and a trust policy that are both exchanged (the boundary goes first, so
//     that new principals never meet the old one), inline policies of two versions (each is replaced whole), and tags, on which policies
//     may depend (but for the ownership tag, which is first, they go last). Managed policies the ship does not read: new ones are attached
//     before old ones are detached, where the role has room for both. An error says which steps were done; another attempt does the rest.
//   - The inline policy AWSRevokeOlderSessions, by which the IAM console revokes the sessions of a role, is left, and a warning says so.
//
// # Templates
//
// Any entry of a list (a tag, a policy, a statement, a description among several) may have StarfleetIncludeAccounts and StarfleetExcludeAccounts, with the
// selectors of IncludeAccounts and ExcludeAccounts. An inclusion that comes to nobody applies nowhere. An exclusion that names what the account
// index does not know is an error, be it a tag or an expression, and whatever UnmatchedExclude says in the configuration; as is an entry about which the
// index cannot decide. Both are tried again after five minutes, for a newer index. Where one value is wanted, one entry at most may
// apply in an account. A policy of which no statement applies is not there.
//
// {{var.NAME}} in a text stands for a variable: those of IambicVariables, account_id, account_name and partition. Of a value
// letters, digits and _+=,.@- are used, 64 characters at most. An unknown variable is an error, and so is everything else of Jinja. The partition aws
// in the ARN of a managed policy or boundary becomes that of the account.
//
// Of iambic's keys these have their effect:
//
//	template   properties, deleted, expires_at
//	properties role_name, description, max_session_duration, path, permissions_boundary, assume_role_policy_document, tags, managed_policies,
//	           inline_policies
//	entries    description; max_session_duration; file_path; deleted; policy_arn; key, value; policy_name, version, statement; expires_at
//	statement  effect (allow and deny too), sid, principal, not_principal (aws, service, federated, canonical_user), action, not_action, resource,
//	           not_resource, condition, expires_at
//
// These are accepted and have none: template_type (that of roles alone), template_schema_url, identifier, file_path, owner and notes of the template, and
// owner of the properties. All others are faults, iambic's own limits among them (included_accounts, excluded_accounts, included_orgs, excluded_orgs), and
// iambic_managed, access_rules, a version within a statement, and null.
//
// expires_at is a time in quotes, in UTC unless it names a zone. From then on an entry does not apply; that of the template deletes the role.
//
// Limits ByExpression need a program that links package accountindex/expression, which cmd/iamrole does not; in another they are an error.
//
// cmd/iamrole is its main, template.yaml a template for it, and schema.json the JSON Schema by which editors check templates. The role that it assumes
// needs the actions that Permissions lists. It needs the configuration of the fleet, and the account index where a template has account_name or limits.
package iamrole

//go:generate go test . -run TestSchemaIsCurrent -update

package iamrole

import (
	"github.com/starfleet-go/starfleet"
)

// Payload is what a template for the ship says, beside the accounts: one role, which each of the accounts has.
type Payload struct {
	starfleet.AccountPayload

	// IambicRoleTemplate is the role, in the form of iambic's role templates. Required.
	IambicRoleTemplate RoleTemplate `json:"IambicRoleTemplate" jsonschema:"required" jsonschema_description:"The role, in the form of iambic's role templates."`

	// IambicVariables are what {{var.KEY}} stands for in the role's texts, beside account_id, account_name and partition.
	IambicVariables []Variable `json:"IambicVariables,omitempty" jsonschema_description:"What {{var.KEY}} stands for in the role's texts, beside account_id, account_name and partition."`
}

// Variable is one of IambicVariables. Of the value letters, digits and _+=,.@- are used, and 64 characters at most, as iambic does.
type Variable struct {
	// Key is letters, digits and underscores. Required.
	Key string `json:"Key" jsonschema:"required,minLength=1" jsonschema_description:"The name: letters, digits and underscores."`
	// Value is required.
	Value string `json:"Value" jsonschema:"required,minLength=1" jsonschema_description:"The value. Letters, digits and _+=,.@- of it are used, 64 characters at most."`
}

// RoleTemplate is the role as iambic writes it.
type RoleTemplate struct {
	// Properties are those of the role. Required.
	Properties Properties `json:"properties" jsonschema:"required" jsonschema_description:"The properties of the role."`

	// Deleted deletes the role, if it carries the ship's ownership tag: in all accounts, or in those of an entry of the list.
	Deleted Deletions `json:"deleted,omitempty" jsonschema_description:"Delete the role, if it carries the ship's ownership tag: true, or a list of entries limited to accounts."`

	// ExpiresAt deletes the role from then on, as Deleted does.
	ExpiresAt string `json:"expires_at,omitempty" jsonschema_description:"Delete the role from this time on, in quotes: 2026-01-31, or 2026-01-31T18:00:00Z. UTC where it names no zone."`

	// TemplateType may be that of role templates, and has no effect.
	TemplateType string `json:"template_type,omitempty" jsonschema:"enum=NOQ::AWS::IAM::Role" jsonschema_description:"Ignored: of iambic."`
	// Identifier, FilePath, Owner, Notes and TemplateSchemaURL have no effect: iambic keeps its files by them.
	Identifier        string `json:"identifier,omitempty" jsonschema_description:"Ignored: of iambic."`
	FilePath          string `json:"file_path,omitempty" jsonschema_description:"Ignored: of iambic."`
	Owner             string `json:"owner,omitempty" jsonschema_description:"Ignored: of iambic."`
	Notes             string `json:"notes,omitempty" jsonschema_description:"Ignored: of iambic."`
	TemplateSchemaURL string `json:"template_schema_url,omitempty" jsonschema_description:"Ignored: of iambic."`
}

// Properties are what an IAM role has. What is left out is what IAM gives a new role: a role that has more loses it.
type Properties struct {
	// RoleName may hold variables. Required.
	RoleName string `json:"role_name" jsonschema:"required,minLength=1" jsonschema_description:"The name of the role. It is never changed: another name is another role."`

	// Description is one text, or a list of which one applies to an account. Default: none.
	Description Descriptions `json:"description,omitempty" jsonschema_description:"The description: a text, or a list of entries limited to accounts. Default: none."`

	// MaxSessionDuration is in seconds, 3600 to 43200. Default 3600.
	MaxSessionDuration SessionDurations `json:"max_session_duration,omitempty" jsonschema_description:"The longest session, in seconds, 3600 to 43200: a number, or a list of entries limited to accounts. Default 3600."`

	// Path begins and ends at a slash. It is not changed: a role that has another one is refused. Default: / for a new role, that of a role
	// which is there.
	Path Paths `json:"path,omitempty" jsonschema_description:"The path, such as /teams/: a text, or a list of entries limited to accounts. It is never changed. Default: / for a new role."`

	// PermissionsBoundary is the policy that bounds what the role may do. Default: none, and one that the role has is taken away.
	PermissionsBoundary OneOrMany[PermissionsBoundary] `json:"permissions_boundary,omitempty" jsonschema_description:"The permissions boundary, or a list of entries limited to accounts. Default: none."`

	// AssumeRolePolicyDocument is the trust policy. An account in which none applies is an error. Required unless the role is deleted.
	AssumeRolePolicyDocument OneOrMany[TrustPolicy] `json:"assume_role_policy_document,omitempty" jsonschema_description:"The trust policy: who may assume the role; or a list of entries limited to accounts."`

	// Tags are all that the role has, beside the ship's ownership tag and those of AWS (aws:).
	Tags []Tag `json:"tags,omitempty" jsonschema_description:"All tags of the role, beside the ship's ownership tag and those of AWS."`

	// ManagedPolicies are all that are attached.
	ManagedPolicies []ManagedPolicy `json:"managed_policies,omitempty" jsonschema_description:"All managed policies that are attached to the role."`

	// InlinePolicies are all that the role has.
	InlinePolicies []InlinePolicy `json:"inline_policies,omitempty" jsonschema_description:"All inline policies of the role."`

	// Owner has no effect.
	Owner string `json:"owner,omitempty" jsonschema_description:"Ignored: of iambic."`
}

// Description is an entry of [Descriptions].
type Description struct {
	Limits
	Description string `json:"description" jsonschema:"required"`
}

// SessionDuration is an entry of [SessionDurations].
type SessionDuration struct {
	Limits
	MaxSessionDuration int32 `json:"max_session_duration" jsonschema:"required,minimum=3600,maximum=43200"`
}

// Path is an entry of [Paths]; its key is file_path, as in iambic.
type Path struct {
	Limits
	Path string `json:"file_path" jsonschema:"required,minLength=1,maxLength=512"`
}

// Deletion is an entry of [Deletions].
type Deletion struct {
	Limits
	Deleted bool `json:"deleted" jsonschema:"required"`
}

// PermissionsBoundary is the policy that bounds a role.
type PermissionsBoundary struct {
	Limits
	// PolicyARN (key policy_arn) is that of a managed policy, as in ManagedPolicy. Required.
	PolicyARN string `json:"policy_arn" jsonschema:"required,minLength=1" jsonschema_description:"The ARN of the policy: of AWS, or of the account itself."`
}

// Tag is a tag of the role.
type Tag struct {
	Limits
	Key   string `json:"key" jsonschema:"required,minLength=1,maxLength=128"`
	Value string `json:"value" jsonschema:"required,maxLength=256"`
}

// ManagedPolicy is a policy that is attached.
type ManagedPolicy struct {
	Limits
	// PolicyARN (key policy_arn) is that of a policy of AWS, or of the account itself: arn:aws:iam::{{var.account_id}}:policy/NAME.
	// The partition aws in it becomes that of the account. Required.
	PolicyARN string `json:"policy_arn" jsonschema:"required,minLength=1" jsonschema_description:"The ARN of the policy: of AWS, or of the account itself. The partition aws becomes that of the account."`
}

// InlinePolicy is a policy that the role itself has. One of which no statement applies in an account is not there.
type InlinePolicy struct {
	Limits
	// PolicyName may hold variables. Required.
	PolicyName string `json:"policy_name" jsonschema:"required,minLength=1"`
	// Version is that of the policy language. Default: 2008-10-17, as IAM has it.
	Version string `json:"version,omitempty" jsonschema:"enum=2012-10-17,enum=2008-10-17" jsonschema_description:"The version of the policy language, in quotes. Default 2008-10-17."`
	// Statement is required.
	Statement OneOrMany[Statement] `json:"statement" jsonschema:"required" jsonschema_description:"The statements."`
}

// TrustPolicy says who may assume the role.
type TrustPolicy struct {
	Limits
	// Version is that of the policy language. Default 2008-10-17, as iambic has it.
	Version string `json:"version,omitempty" jsonschema:"enum=2012-10-17,enum=2008-10-17" jsonschema_description:"The version of the policy language, in quotes. Default 2008-10-17."`
	// Statement is required.
	Statement OneOrMany[Statement] `json:"statement" jsonschema:"required" jsonschema_description:"The statements."`
}

// Statement is one statement of a policy.
type Statement struct {
	Limits
	// Effect is Allow or Deny, in any of the two cases. Required.
	Effect       string    `json:"effect" jsonschema:"required,enum=Allow,enum=Deny,enum=allow,enum=deny"`
	Sid          string    `json:"sid,omitempty"`
	Principal    Principal `json:"principal,omitzero" jsonschema_description:"Whom the statement is about, in a trust policy: \"*\", or aws, service, federated and canonical_user."`
	NotPrincipal Principal `json:"not_principal,omitzero"`
	Action       Texts     `json:"action,omitempty"`
	NotAction    Texts     `json:"not_action,omitempty"`
	Resource     Texts     `json:"resource,omitempty"`
	NotResource  Texts     `json:"not_resource,omitempty"`
	// Condition is in IAM's own words: operator, key, and one value or several.
	Condition map[string]map[string]Values `json:"condition,omitempty" jsonschema_description:"The condition, in IAM's own words: operator, key, values."`
}

// Settings are the ship's own keys of its section in the configuration: config.Section[Settings] decodes them.
type Settings struct {
	// ProtectedRoles are names of roles that the ship never touches, beside those that it never touches anyway. * stands for any
	// characters. Default none.
	ProtectedRoles []string `json:"ProtectedRoles,omitempty" jsonschema:"minLength=1" jsonschema_description:"Names of roles that are never touched, beside those that the ship never touches anyway. * stands for any characters."`
}

// Package config reads the configuration YAML of a fleet: the files of the Python Starfleet, with a section and some
// keys more. They are decoded once into types, with defaults applied, and used as decoded.
//
// A configuration is the sections of all files of one folder whose names end in a lower-case .yaml, read in the order
// of their names. [Load] takes them from a file system, [Open] from a path, and [Choose] from the first of flag,
// environment variable and program that has one. [Configuration.Ship] is the section of one ship, and [Section]
// decodes the ship's own keys.
//
// # What is a fault
//
// All faults of all files are reported at once, as [schema.Faults], each as file:line:column: path: problem: hint.
//
//   - A key that is not known in STARFLEET, Fleet, StarfleetDefaultAccountIndex, SecretsManager or AlertConfiguration.
//   - An unknown key in a ship's section, once [Section] knows the ship's own keys. Until then such keys are kept, but
//     one that is nearly NeverTouch, or differs from a known key in case alone, is a fault at once.
//   - A null: delete the key to get its default.
//   - A section in two files: sections are not merged.
//   - A fault in one ship's section stops that ship and no other.
//   - An InvocationQueueUrl that is the fleet's FanOutQueueUrl or ContinuationQueueUrl, or another ship's, stops the
//     ships that have it: a task names no ship, so that the worker of one would do the work of the other.
//     A URL that ends in /replace-me, as in the samples of the Python Starfleet, is no queue yet.
//
// A section of another name than those below is a candidate for a ship; [Configuration.Unclaimed] tells which ones
// belong to no ship of the program. One that is nearly called Fleet and has no key Enabled is a fault. So is one that is
// called like a key of another section, or nearly so without a key Enabled: a NeverTouch that stands beside Fleet guards
// nothing. Only the section that STARFLEET.AccountIndex names may have any name.
//
// Booleans may be spelled as the Python Starfleet's schema understands them: t true y yes on 1 and f false n no off 0,
// in lower case, Capital or UPPER, with or without quotes. Any other string is a fault, so "False" is false.
// Durations are Go's, such as 24h or 90m. Regions are those of accountindex's built-in table, of all partitions,
// and newer ones by the form of their names; a name with one word nearly as in a known region, such as us-esat-1, is a
// fault.
// Queue URLs are https; http is for loopback hosts (127.0.0.0/8, localhost, [::1]). They have a path, and neither user,
// password, query nor fragment. Faults never repeat them. Where the fleet's deployment names the queues, auto stands for each of them ([AutoQueue]).
//
// # STARFLEET (required)
//
//	Key                     Type                                Default                       Meaning
//	DeploymentRegion        region                              required                      where templates, queues and ships are
//	TemplateBucket          string, not empty                   required                      bucket of the payload templates
//	FanOutQueueUrl          queue URL                           required                      queue of the Starbase, one message a template
//	AccountIndex            string, not empty                   StarfleetDefaultAccountIndex  the account index in use
//	ScopeToRegions          list of regions                     none: all                     the only regions ever tasked
//	SecretsManager          SecretId (string, not empty),       none                          the fleet's secret (aws/secrets)
//	                        SecretRegion (region); both required
//	SlackEnabled            boolean                             false                         alerts go to Slack (alert/slackalert); needs SecretsManager,
//	                                                                                      whose section STARFLEET has the SlackToken
//	LogLevel                CRITICAL ERROR WARNING INFO         INFO                          least level that is logged
//	                        DEBUG NOTSET
//	ThirdPartyLoggerLevels  mapping, logger name to level       none                          for Python only: checked, without effect here
//
// # StarfleetDefaultAccountIndex
//
//	Key              Type               Default            Meaning
//	IndexBucket      string, not empty  required           bucket of the index file
//	BucketRegion     string, not empty  required           its region; not checked, as in the Python Starfleet
//	IndexObjectPath  string, not empty  accountIndex.json  key of the index file
//
// # Fleet (new in this SDK)
//
//	Key                   Type                          Default                     Meaning
//	NeverTouch            selection of accounts         none                        accounts in which no ship ever works
//	Organizations         list of organization ids      that of the first account   organizations that the index may hold
//	AssumeActive          boolean                       false                       accounts without a state count as active
//	UnmatchedInclude      error, warn or ignore         warn                        an IncludeAccounts selector that matches nothing
//	UnmatchedExclude      error, warn or ignore         error; ByTags and           the same for ExcludeAccounts
//	                                                    ByExpression: warn
//	ManifestPrefix        folder of the template        none: not read from there   manifests; outside every TemplatePrefix
//	                      bucket, not empty
//	OnTemplateChange      stop or finish                stop                        a template is replaced during its fan-out
//	TaskMaxAge            duration, more than 0         24h                         age at which workers refuse a task
//	IndexMaxAge           duration, 0 or more           0: any age                  age at which an index is refused
//	StateBucket           string, not empty; not        none: nothing is kept       bucket of what outlives an invocation: where
//	                      the template bucket                                       fan-outs stand, summaries of runs, halts
//	StatePrefix           folder of the state bucket    the whole bucket            what of it is this fleet's
//	ContinuationQueueUrl  queue URL; not that of the    none: a fan-out ends in     queue by which a long fan-out goes on in the
//	                      fan-out                       one invocation, or fails    next invocation; needs StateBucket
//	Deployment            mapping                       see FleetDeployment         what package deploy makes of the fleet
//
// A selection has the keys of a template's IncludeAccounts: AllAccounts, or ByNames, ByIds, ByOrgUnits, ByTags and
// ByExpression. Here it must select something, and ids have 12 digits.
//
// # Ships: one section each, named as the ship is
//
//	Key                         Type                               Default                      Meaning
//	Enabled                     boolean                            required                     the Starbase tasks the ship
//	TemplatePrefix              string                             required                     one key that ends in .yaml, or a folder: Foo is Foo/
//	InvocationQueueUrl          queue URL                          required                     queue of the ship's tasks
//	InvocationSources           list of S3, SQS,                   required, may be []          what tasks the ship
//	                            EVENTBRIDGE_TIMED_EVENT
//	EventBridgeTimedFrequency   FIVE_MIN FIFTEEN_MIN THIRTY_MIN    required for                 the ship's timer
//	                            HOURLY SIX_HOURLY TWELVE_HOURLY    EVENTBRIDGE_TIMED_EVENT
//	                            DAILY
//	AlertConfiguration          ChannelId (string, not empty),     none                         where the ship's alerts go, and from which
//	                            AlertPriority (NONE PROBLEM                                     priority on; NONE sends none
//	                            IMPORTANT SUCCESS INFORMATIONAL);
//	                            both required
//	StarbaseInvocationTopicArn  string                             none                         without effect, in the Python Starfleet too
//	NeverTouch (new)            selection of accounts              none                         accounts in which this ship never works
//	MaxTargets (new)            integer, at least 1                100 accounts                 a template that resolves to more sends nothing
//	WorkerRoleToAssume          role                               none                         role that the ship assumes in each account
//	WorkerRoleSessionName       2 to 64 of letters, digits         the ship's name and the      session name for it
//	                            and _+=,.@-                        run's id, cut to 64
//	AllowedRoles (new)          list of roles                      none                         roles that a template may choose in its place
//	WorkerRoleChain (new)       list of ARNs of roles              none                         roles assumed in turn before it
//	WorkerRoleExternalId (new)  2 to 1224 of letters, digits       none                         external id for it
//	                            and _+=,.@:/-
//	WorkerRoleSessionPolicies   list of ARNs of policies,          none: all that the role may  managed session policies, with commit
//	(new)                       at most 10
//	WorkerRoleSessionPolicy     mapping: a policy, at most         none                         inline session policy, with commit
//	(new)                       2048 characters as JSON
//	WorkerRoleSourceIdentity    2 to 64 of letters, digits         none                         source identity of the sessions
//	(new)                       and _+=,.@-
//	WorkerRoleSessionTags       mapping of strings, at most 50     none                         session tags
//	(new)
//	WorkerRoleSessionDuration   duration, 15m to 1h                1h                           age at which a session is renewed
//	(new)
//	DryRunPolicies (new)        list of ARNs of policies,          AWS's ReadOnlyAccess         managed session policies without commit
//	                            at most 10
//	Deployment (new)            mapping                            see Deployment               what package deploy makes of the ship
//
// A role of target accounts is a name, with its path, or the template of an ARN: {partition} and {account} in it stand for those of the
// target, as in team/worker-{account} and arn:{partition}:iam::{account}:role/worker. The account of such an ARN is {account}. ARNs of
// policies and of WorkerRoleChain may have the placeholders too; a session policy is AWS's own or one of the target account.
//
// Without commit a session has the DryRunPolicies in place of the other session policies: AWS allows what any session policy allows, so that
// they cannot stand side by side. An empty list switches that limit off, and the other session policies hold.
//
// The default session name makes a new session for each account in each run; a fixed one lets runs share the sessions of an hour. A chain's
// roles have the session name too. Source identity and session tags are sent only when they are set, because a trust policy that does not allow
// them denies the role.
//
// The source SQS does nothing on its own: every ship takes its tasks from its queue anyway. SNS is refused, as in the
// Python Starfleet.
//
// # Which ship a template belongs to
//
// A TemplatePrefix that ends in .yaml is the key of one template. Any other is a folder and ends at a slash: Foo covers
// Foo/a.yaml and Foo/b/c.yaml, not FooTwo/a.yaml. An empty one covers the bucket. A template belongs to the ship, or
// ships, of the longest prefix that covers it ([Owners]), for timers as for S3 events. Only keys that end in a
// lower-case .yaml are templates.
package config

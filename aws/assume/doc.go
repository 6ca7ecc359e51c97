// Package assume hands out credentials for target accounts: a role, by its name or a template of its ARN, assumed in the
// account that a task names, by way of other roles where the target says so, and kept until shortly before they expire.
//
//	provider, err := assume.New(assume.Config{AWS: cfg, HomeRegion: "us-east-1"})
//	...
//	target, err := provider.Config(ctx, assume.Target{
//		Partition: "aws", AccountID: "111122223333",
//		RoleName: "starfleet-worker", SessionName: "LogRetention", Region: "eu-west-1",
//	})
//	logs := cloudwatchlogs.NewFromConfig(target)
//
// STS is always asked in the home region, at its regional endpoint, and never in the region of the
// target: an account may have STS switched off there, and its credentials work there all the same.
//
// Sessions are cached by everything that they depend on: account, role and the roles before it, session name, external id, session
// policies, source identity, tags, and whether they are for writing. Seventeen regions of one account
// cost one call, and any number of goroutines that want the same session at once wait for one call. A session name with the id of a run in it
// makes a new session for each account in each run.
// A session is fetched anew between 5 and 2.5 minutes before it expires, spread at random so that sessions that
// began together are not renewed together. When that fails for a passing reason, the old one is used for as long as it is
// good and STS is asked again every 30 seconds; when STS denies it, the denial is the answer at once.
//
// # Errors
//
// A role that may not be assumed is a [*DeniedError], a target that can not be right (an account id
// that is not 12 digits, a region of another partition) a [*TargetError], before any call. Throttling
// is retried here, up to 8 attempts, each after a wait at random between none and 1, 2, 4, ... 20 seconds, so that thousands of workers that
// start at once are spread over what STS takes. No error and no log line holds a credential: whatever the ClientLogMode of the
// configuration, the SDK logs nothing of the calls to STS, and no requests made with the configurations
// handed out, because their headers hold the session token.
//
// # Permissions
//
// The worker's own role needs [IAMActions] on the ARN of the role in the target accounts, and that
// role has to trust it. With roles in between, the same holds for each of them and the next. Source identity and session tags need
// sts:SetSourceIdentity and sts:TagSession in the trust policies as well, and are sent only when a target has them.
package assume

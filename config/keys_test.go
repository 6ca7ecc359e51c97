package config_test

import (
	"fmt"
	"strings"
	"testing"
)

// keyCase is one value of one key; an empty fault means that it is right.
type keyCase struct{ key, value, fault string }

// anyKindBut are null and a value of every kind but those named, each a fault of a key that wants the others.
func anyKindBut(key, want string, kinds ...string) []keyCase {
	values := map[string]string{"bool": "true", "int": "7", "float": "1.5", "string": "zzz", "list": "[x]", "map": "{x: y}"}
	for _, kind := range kinds {
		delete(values, kind)
	}
	cases := []keyCase{{key, "null", "has no value (null)"}, {key, "~", "null"}}
	for _, value := range values {
		cases = append(cases, keyCase{key, value, want})
	}
	return cases
}

func runKeyCases(t *testing.T, name string, cases []keyCase, try func(keyCase) error) {
	t.Helper()
	for _, c := range cases {
		t.Run(fmt.Sprintf("%s=%.40s", c.key, c.value), func(t *testing.T) {
			t.Parallel()
			err := try(c)
			if c.fault == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			path := name + "." + c.key
			if at, text, ok := strings.Cut(c.fault, ": "); ok && strings.HasPrefix(at, "@") {
				path, c.fault = path+at[1:], text
			}
			wantFault(t, err, path, c.fault)
		})
	}
}

func TestStarfleetKeys(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 300)
	cases := []keyCase{
		{"DeploymentRegion", "-", "required key is missing"},
		{"DeploymentRegion", "cn-north-1", ""},
		{"DeploymentRegion", "us-gov-west-1", ""},
		{"DeploymentRegion", "us-esat-1", "did you mean us-east-1?"},
		{"DeploymentRegion", "US-EAST-1", "unknown region"},
		{"DeploymentRegion", `""`, "unknown region"},
		{"TemplateBucket", "-", "required key is missing"},
		{"TemplateBucket", `""`, "must not be empty"},
		{"TemplateBucket", long, ""},
		{"FanOutQueueUrl", "-", "required key is missing"},
		{"FanOutQueueUrl", "https://sqs.DEPLOYMENT-REGION.amazonaws.com/DEPLOYMENT-ACCOUNT-ID/q", ""},
		{"FanOutQueueUrl", "https://10.1.2.3:8443/q", ""},
		{"FanOutQueueUrl", "https://sqs.us-east-1.amazonaws.com/1/q?x=y", "must end after the name of the queue"},
		{"FanOutQueueUrl", "https://sqs.us-east-1.amazonaws.com/1/q?", "must end after the name of the queue"},
		{"FanOutQueueUrl", `"https://sqs.us-east-1.amazonaws.com/1/q#x"`, "must end after the name of the queue"},
		{"FanOutQueueUrl", "https://sqs.us-east-1.amazonaws.com/", "names no queue"},
		{"FanOutQueueUrl", "https://sqs.us-east-1.amazonaws.com", "names no queue"},
		{"FanOutQueueUrl", "http://localhost:9324/", "names no queue"},
		{"FanOutQueueUrl", "https://localhost/q", ""},
		{"FanOutQueueUrl", "http://localhost:9324/000000000000/q", ""},
		{"FanOutQueueUrl", "http://LOCALHOST:9324/q", ""},
		{"FanOutQueueUrl", "http://127.0.0.1:4566/q", ""},
		{"FanOutQueueUrl", "http://127.255.255.254/q", ""},
		{"FanOutQueueUrl", `"http://[::1]:4566/q"`, ""},
		{"FanOutQueueUrl", "http://128.0.0.1/q", "is not encrypted"},
		{"FanOutQueueUrl", "http://0.0.0.0/q", "is not encrypted"},
		{"FanOutQueueUrl", `"http://[::2]/q"`, "is not encrypted"},
		{"FanOutQueueUrl", "http://localhost.example.com/q", "is not encrypted"},
		{"FanOutQueueUrl", "http://127.0.0.1.example.com/q", "is not encrypted"},
		{"FanOutQueueUrl", "http://sqs.us-east-1.amazonaws.com/1/q", "is not encrypted"},
		{"FanOutQueueUrl", "https://user:pass@sqs.us-east-1.amazonaws.com/1/q", "must not hold a user"},
		{"FanOutQueueUrl", "https://queue/q", "has no full host name"},
		{"FanOutQueueUrl", "https:///q", "has no full host name"},
		{"FanOutQueueUrl", "https://a..b/q", "has no full host name"},
		{"FanOutQueueUrl", "ftp://sqs.amazonaws.com/q", "is no https URL"},
		{"FanOutQueueUrl", "sqs.amazonaws.com/q", "is no https URL"},
		{"FanOutQueueUrl", `"https://sqs.amazonaws.com/a b"`, "is no URL"},
		{"FanOutQueueUrl", `"https://sqs.amazonaws.com:port/"`, "is no URL"},
		{"AccountIndex", "-", ""},
		{"AccountIndex", "MyIndex", ""},
		{"AccountIndex", `""`, "must not be empty"},
		{"ScopeToRegions", "[]", ""},
		{"ScopeToRegions", "[us-east-1, cn-north-1]", ""},
		{"ScopeToRegions", "[us-east-1, ALL]", "@[1]: unknown region"},
		{"ScopeToRegions", "[us-east-1, 7]", "@[1]: must be a string"},
		{"ScopeToRegions", "[null]", "@[0]: must be a string, is empty (null)"},
		{"SecretsManager", "{SecretId: s, SecretRegion: us-east-1}", ""},
		{"SecretsManager", "{SecretId: s}", "@.SecretRegion: required key is missing"},
		{"SecretsManager", "{SecretRegion: us-east-1}", "@.SecretId: required key is missing"},
		{"SecretsManager", `{SecretId: "", SecretRegion: us-east-1}`, "@.SecretId: must not be empty"},
		{"SecretsManager", "{SecretId: s, SecretRegion: nowhere}", "@.SecretRegion: unknown region"},
		{"SecretsManager", "{SecretId: s, SecretRegion: us-east-1, SecretName: x}", "@.SecretName: unknown key"},
		{"SlackEnabled", "false", ""},
		{"SlackEnabled", `"False"`, ""},
		{"SlackEnabled", "true", "needs SecretsManager"},
		{"SlackEnabled", `"True"`, "needs SecretsManager"},
		{"LogLevel", "CRITICAL", ""},
		{"LogLevel", "NOTSET", ""},
		{"LogLevel", "info", "did you mean INFO?"},
		{"LogLevel", "WARN", "is none of CRITICAL, ERROR"},
		{"ThirdPartyLoggerLevels", "{}", ""},
		{"ThirdPartyLoggerLevels", "{botocore: CRITICAL, 'urllib3.connectionpool': 50}", ""},
		{"ThirdPartyLoggerLevels", "{botocore: LOUD}", "@.botocore: is none of"},
		{"ThirdPartyLoggerLevels", "{botocore: true}", "@.botocore: is a boolean"},
		{"ThirdPartyLoggerLevels", "{botocore: null}", "@.botocore: (null)"},
		{"AccountIndexer", "x", "did you mean AccountIndex?"},
		{"deploymentRegion", "us-east-1", "did you mean DeploymentRegion?"},
		{"Whatever", "x", "unknown key: known here: DeploymentRegion"},
	}
	for _, key := range []string{"DeploymentRegion", "TemplateBucket", "FanOutQueueUrl", "AccountIndex", "LogLevel"} {
		cases = append(cases, anyKindBut(key, "must be a string", "string")...)
	}
	cases = append(cases, anyKindBut("ScopeToRegions", "must be a list", "list")...)
	cases = append(cases, anyKindBut("SecretsManager", "must be a mapping", "map")...)
	cases = append(cases, anyKindBut("SlackEnabled", "must be true or false", "bool")...)
	cases = append(cases, anyKindBut("ThirdPartyLoggerLevels", "must be a mapping", "map")...)
	runKeyCases(t, "STARFLEET", cases, func(c keyCase) error {
		_, err := load(leastStarfleet.with(c.key, c.value))
		return err
	})
}

func TestDefaultAccountIndexKeys(t *testing.T) {
	t.Parallel()
	cases := []keyCase{
		{"IndexBucket", "-", "required key is missing"},
		{"IndexBucket", `""`, "must not be empty"},
		{"BucketRegion", "-", "required key is missing"},
		{"BucketRegion", "REPLACE-ME", ""},
		{"IndexObjectPath", "-", ""},
		{"IndexObjectPath", "deep/index.json", ""},
		{"IndexObjectPath", `""`, "must not be empty"},
		{"ObjectPath", "x", "unknown key"},
		{"IndexBuckets", "x", "did you mean IndexBucket?"},
	}
	for _, key := range []string{"IndexBucket", "BucketRegion", "IndexObjectPath"} {
		cases = append(cases, anyKindBut(key, "must be a string", "string")...)
	}
	runKeyCases(t, leastIndex.name, cases, func(c keyCase) error {
		_, err := load(leastStarfleet, leastIndex.with(c.key, c.value))
		return err
	})
}

// neverTouchCases are those of the key NeverTouch, which Fleet and ships have alike.
func neverTouchCases() []keyCase {
	cases := []keyCase{
		{"NeverTouch", `{ByIds: ["123456789012"]}`, ""},
		{"NeverTouch", "{AllAccounts: true}", ""},
		{"NeverTouch", "{ByNames: [Payer], ByOrgUnits: [Suspended], ByTags: [{Name: a, Value: b}]}", ""},
		{"NeverTouch", `{ByExpression: 'name startsWith "Prod"'}`, ""},
		{"NeverTouch", `{ByExpression: 'name +'}`, "@.ByExpression: "},
		{"NeverTouch", "{}", "selects no account"},
		{"NeverTouch", "{ByIds: []}", "selects no account"},
		{"NeverTouch", "{AllAccounts: false}", "selects no account"},
		{"NeverTouch", "{AllAccounts: true, ByNames: [x]}", "beside other selectors"},
		{"NeverTouch", `{ByIds: ["12345678901"]}`, "@.ByIds[0]: is no account id"},
		{"NeverTouch", `{ByIds: ["abcdefghijkl"]}`, "@.ByIds[0]: is no account id"},
		{"NeverTouch", "{ByIds: [123456789012]}", "@.ByIds[0]: quote"},
		{"NeverTouch", "{ByName: [x]}", "@.ByName: did you mean ByNames?"},
		{"NeverTouch", "{ByNames: x}", "@.ByNames: "},
		{"NeverTouch", "{ByTags: [{Name: 7, Value: b}]}", "@.ByTags[0].Name: "},
	}
	return append(cases, anyKindBut("NeverTouch", "NeverTouch", "map")...)
}

func TestFleetKeys(t *testing.T) {
	t.Parallel()
	cases := []keyCase{
		{"Organizations", "[o-abcdefghi, o-a1b2c3d4e5]", ""},
		{"Organizations", "[]", ""},
		{"Organizations", "[r-1234]", "@[0]: is not the id of an organization"},
		{"Organizations", "[o-ABC]", "@[0]: is not the id of an organization"},
		{"Organizations", "[o-]", "@[0]: is not the id of an organization"},
		{"Organizations", "[7]", "@[0]: must be a string"},
		{"AssumeActive", "true", ""},
		{"AssumeActive", `"no"`, ""},
		{"UnmatchedInclude", "error", ""},
		{"UnmatchedInclude", "Error", "did you mean error?"},
		{"UnmatchedInclude", `""`, "is none of error, warn, ignore"},
		{"UnmatchedExclude", "ignore", ""},
		{"UnmatchedExclude", "never", "is none of error, warn, ignore"},
		{"ManifestPrefix", "manifests", ""},
		{"ManifestPrefix", "manifests/", ""},
		{"ManifestPrefix", `""`, "must not be empty"},
		{"ManifestPrefix", "manifests/ship.yaml", "must be a folder"},
		{"OnTemplateChange", "stop", ""},
		{"OnTemplateChange", "finish", ""},
		{"OnTemplateChange", "Finish", "did you mean finish?"},
		{"TaskMaxAge", "1ns", ""},
		{"TaskMaxAge", "36h30m", ""},
		{"TaskMaxAge", "0s", "must be more than 0"},
		{"TaskMaxAge", "0", "must be more than 0"},
		{"TaskMaxAge", "-1h", "must not be negative"},
		{"TaskMaxAge", "1d", "is no duration"},
		{"TaskMaxAge", `"24"`, "is no duration"},
		{"TaskMaxAge", "24", "write it with its unit"},
		{"TaskMaxAge", "9999999h", "is no duration"},
		{"IndexMaxAge", "0", ""},
		{"IndexMaxAge", "0s", ""},
		{"IndexMaxAge", "48h", ""},
		{"IndexMaxAge", "-1s", "must not be negative"},
		{"IndexMaxAge", "7", "must be a duration"},
		{"StateBucket", "starfleet-state", ""},
		{"StateBucket", "templates", "must not be the template bucket"},
		{"StateBucket", `""`, "must not be empty"},
		{"StatePrefix", "production", ""},
		{"StatePrefix", "starfleet/production/", ""},
		{"StatePrefix", `""`, "is not the name of a folder"},
		{"StatePrefix", "/production", "is not the name of a folder"},
		{"StatePrefix", "a//b", "is not the name of a folder"},
		{"StatePrefix", "a b", "is not the name of a folder"},
		{"ContinuationQueueUrl", "https://sqs.us-east-1.amazonaws.com/123456789012/continuation", ""},
		{"ContinuationQueueUrl", "https://sqs.us-east-1.amazonaws.com/123456789012/fanout", "must not be the fan-out queue"},
		{"ContinuationQueueUrl", "http://example.com/q", "is not encrypted"},
		{"TaskMaxage", "24h", "did you mean TaskMaxAge?"},
		{"MaxTargets", "5", "unknown key"},
	}
	cases = append(cases, neverTouchCases()...)
	for _, key := range []string{"UnmatchedInclude", "UnmatchedExclude", "OnTemplateChange", "ManifestPrefix", "StateBucket", "StatePrefix", "ContinuationQueueUrl"} {
		cases = append(cases, anyKindBut(key, "must be a string", "string")...)
	}
	cases = append(cases, anyKindBut("Organizations", "must be a list", "list")...)
	cases = append(cases, anyKindBut("AssumeActive", "must be true or false", "bool")...)
	cases = append(cases, anyKindBut("TaskMaxAge", "duration")...)
	cases = append(cases, anyKindBut("IndexMaxAge", "duration")...)
	runKeyCases(t, "Fleet", cases, func(c keyCase) error {
		_, err := load(leastStarfleet, leastFleet.with(c.key, c.value))
		return err
	})
}

func TestShipKeys(t *testing.T) {
	t.Parallel()
	cases := []keyCase{
		{"Enabled", "-", "required key is missing"},
		{"Enabled", "yes", ""},
		{"Enabled", `"F"`, ""},
		{"Enabled", "0", ""},
		{"Enabled", "2", "must be true or false"},
		{"Enabled", `"tRUE"`, "must be true or false"},
		{"Enabled", `""`, "must be true or false"},
		{"TemplatePrefix", "-", "required key is missing"},
		{"TemplatePrefix", `""`, ""},
		{"TemplatePrefix", "a/b.yaml", ""},
		{"InvocationQueueUrl", "-", "required key is missing"},
		{"InvocationQueueUrl", "http://example.com/q", "is not encrypted"},
		{"InvocationSources", "-", "required key is missing"},
		{"InvocationSources", "[]", ""},
		{"InvocationSources", "[SQS]", ""},
		{"InvocationSources", "[S3, SNS]", "@[1]: SNS is no source"},
		{"InvocationSources", "[s3]", "@[0]: did you mean S3?"},
		{"InvocationSources", "[true]", "@[0]: must be a string"},
		{"EventBridgeTimedFrequency", "-", ""},
		{"EventBridgeTimedFrequency", "DAILY", ""},
		{"EventBridgeTimedFrequency", "hourly", "did you mean HOURLY?"},
		{"EventBridgeTimedFrequency", "FIVE_MINUTES", "is none of FIVE_MIN"},
		{"AlertConfiguration", "{ChannelId: C123, AlertPriority: PROBLEM}", ""},
		{"AlertConfiguration", "{ChannelId: C123}", "@.AlertPriority: required key is missing"},
		{"AlertConfiguration", "{AlertPriority: NONE}", "@.ChannelId: required key is missing"},
		{"AlertConfiguration", "{ChannelId: C123, AlertPriority: problem}", "@.AlertPriority: did you mean PROBLEM?"},
		{"AlertConfiguration", `{ChannelId: "", AlertPriority: NONE}`, "@.ChannelId: must not be empty"},
		{"AlertConfiguration", "{ChannelId: C123, AlertPriority: NONE, Channel: x}", "@.Channel: unknown key"},
		{"StarbaseInvocationTopicArn", "arn:aws:sns:us-east-1:123456789012:t", ""},
		{"MaxTargets", "1", ""},
		{"MaxTargets", "100000", ""},
		{"MaxTargets", "0", "must be at least 1"},
		{"MaxTargets", "-1", "must be at least 1"},
		{"MaxTargets", "99999999999999999999", "@: "},
		{"MaxTargets", `"5"`, "must be an integer"},
		{"WorkerRoleToAssume", "starfleet-worker-basic-test-role", ""},
		{"WorkerRoleToAssume", "path/to/role", ""},
		{"WorkerRoleToAssume", strings.Repeat("r", 64), ""},
		{"WorkerRoleToAssume", strings.Repeat("r", 65), "is not the name of a role"},
		{"WorkerRoleToAssume", "arn:aws:iam::123456789012:role/r", "write the name alone"},
		{"WorkerRoleToAssume", `""`, "is not the name of a role"},
		{"WorkerRoleToAssume", "/r", "is not the name of a role"},
		{"WorkerRoleToAssume", "team/worker-{account}", ""},
		{"WorkerRoleToAssume", "arn:{partition}:iam::{account}:role/team/worker", ""},
		{"WorkerRoleToAssume", "arn:aws-cn:iam::{account}:role/worker", ""},
		{"WorkerRoleToAssume", "arn:{partition}:iam::{account}:user/worker", "is not the name of a role"},
		{"WorkerRoleToAssume", "arn:{partition}:iam::{account}:role/", "is not the name of a role"},
		{"WorkerRoleToAssume", "arn:{partition}:iam::123456789012:role/r-{account}", "is not the name of a role"},
		{"WorkerRoleToAssume", "worker-{region}", "is not the name of a role"},
		{"WorkerRoleSessionName", "ab", ""},
		{"WorkerRoleSessionName", "a", "is not a session name"},
		{"WorkerRoleSessionName", strings.Repeat("s", 64), ""},
		{"WorkerRoleSessionName", strings.Repeat("s", 65), "is not a session name"},
		{"WorkerRoleSessionName", "a b", "is not a session name"},
		{"AllowedRoles", "[]", ""},
		{"AllowedRoles", "[auditor, team/operator]", ""},
		{"AllowedRoles", "[auditor, 'a b']", "@[1]: is not the name of a role"},
		{"AllowedRoles", "[7]", "@[0]: must be a string"},
		{"WorkerRoleChain", "[]", ""},
		{"WorkerRoleChain", "['arn:aws:iam::123456789012:role/path/hub', 'arn:{partition}:iam::123456789012:role/spoke']", ""},
		{"WorkerRoleChain", "[hub]", "@[0]: is not the ARN of a role"},
		{"WorkerRoleChain", "['arn:aws:iam::12345678901:role/hub']", "@[0]: is not the ARN of a role"},
		{"WorkerRoleExternalId", "ab", ""},
		{"WorkerRoleExternalId", strings.Repeat("e", 1224), ""},
		{"WorkerRoleExternalId", strings.Repeat("e", 1225), "is not an external id"},
		{"WorkerRoleExternalId", "a", "is not an external id"},
		{"WorkerRoleSessionPolicies", "['arn:aws:iam::aws:policy/job-function/ViewOnlyAccess', 'arn:{partition}:iam::123456789012:policy/p']", ""},
		{"WorkerRoleSessionPolicies", "[ReadOnlyAccess]", "@[0]: is not the ARN of a policy"},
		{"WorkerRoleSessionPolicies", "[" + strings.Repeat("'arn:aws:iam::aws:policy/p', ", 11) + "]", "has 11 policies"},
		{"WorkerRoleSessionPolicy", `{Version: "2012-10-17", Statement: []}`, ""},
		{"WorkerRoleSessionPolicy", `{Version: "2012-10-17"}`, "it has no Statement"},
		{"WorkerRoleSessionPolicy", "{Statement: [" + strings.Repeat("a", 2048) + "]}", "more than 2048"},
		{"WorkerRoleSourceIdentity", "fleet", ""},
		{"WorkerRoleSourceIdentity", "f", "is not a source identity"},
		{"WorkerRoleSessionTags", "{team: platform, 'cost:center': ''}", ""},
		{"WorkerRoleSessionTags", "{team: 7}", "@.team: must be a string"},
		{"WorkerRoleSessionTags", "{'aws:team': x}", "@.aws:team: is not the key of a session tag"},
		{"WorkerRoleSessionTags", "{team: 'a*b'}", "@.team: is not the value of a session tag"},
		{"WorkerRoleSessionDuration", "15m", ""},
		{"WorkerRoleSessionDuration", "1h", ""},
		{"WorkerRoleSessionDuration", "1h1s", "must be from 15m to 1h"},
		{"WorkerRoleSessionDuration", "12h", "a role that assumes a role"},
		{"WorkerRoleSessionDuration", "14m59s", "must be from 15m to 1h"},
		{"WorkerRoleSessionDuration", "-1h", "must not be negative"},
		{"DryRunPolicies", "[]", ""},
		{"DryRunPolicies", "['arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess']", ""},
		{"DryRunPolicies", "['arn:aws:iam::aws:role/ReadOnlyAccess']", "@[0]: is not the ARN of a policy"},
		{"allowedRoles", "[]", "did you mean AllowedRoles?"},
		{"dryRunPolicies", "[]", "did you mean DryRunPolicies?"},
		{"NeverTuoch", "{}", "did you mean NeverTouch?"},
		{"maxTargets", "5", "did you mean MaxTargets?"},
		{"MinTargets", "5", ""}, // may be the ship's own
		{"alertconfiguration", "x", "did you mean AlertConfiguration?"},
		{"OrgAccountId", "REPLACEME", ""},
	}
	cases = append(cases, neverTouchCases()...)
	for _, key := range []string{"TemplatePrefix", "InvocationQueueUrl", "EventBridgeTimedFrequency", "StarbaseInvocationTopicArn", "WorkerRoleToAssume", "WorkerRoleSessionName",
		"WorkerRoleExternalId", "WorkerRoleSourceIdentity"} {
		cases = append(cases, anyKindBut(key, "must be a string", "string")...)
	}
	cases = append(cases, anyKindBut("Enabled", "must be true or false", "bool")...)
	cases = append(cases, anyKindBut("InvocationSources", "must be a list", "list")...)
	cases = append(cases, anyKindBut("AlertConfiguration", "must be a mapping", "map")...)
	cases = append(cases, anyKindBut("MaxTargets", "must be an integer", "int")...)
	for _, key := range []string{"AllowedRoles", "WorkerRoleChain", "WorkerRoleSessionPolicies", "DryRunPolicies"} {
		cases = append(cases, anyKindBut(key, "must be a list", "list")...)
	}
	for _, key := range []string{"WorkerRoleSessionPolicy", "WorkerRoleSessionTags"} {
		cases = append(cases, anyKindBut(key, "must be a mapping", "map")...)
	}
	cases = append(cases, anyKindBut("WorkerRoleSessionDuration", "duration")...)
	runKeyCases(t, "MyShip", cases, func(c keyCase) error {
		loaded, err := load(leastStarfleet, leastShip.with(c.key, c.value))
		if err != nil {
			return fmt.Errorf("a ship's fault stopped the whole configuration: %w", err)
		}
		_, err = loaded.Ship("MyShip")
		return err
	})
}

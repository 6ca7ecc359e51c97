// Package awsconfig is a ship that sets AWS Config up, once for each region of each account: the configuration recorder, the delivery channel,
// the retention, and whether the recorder runs.
//
// What it does in one region of one account:
//
//   - It takes the one configuration of AccountOverrideConfigurations that is for the account and region, else DefaultConfiguration; nothing is
//     merged. Overrides are resolved by the account index. Two that are for one account and region are an error there and change nothing, and
//     so are a template with overrides where the ship has no index, and an ExcludeAccounts of an override that names what the index does not
//     have, whatever Fleet.UnmatchedExclude says of the template's own. A newer index may have it, or a region that is unknown yet: such a
//     task is tried again.
//   - It makes the recorder and the channel, or changes those that are there, which keep their names: a region has one of each, and AWS cannot
//     rename them. Recorders that are linked to another AWS service, or by a connector to another cloud, stay as they are.
//   - It sets the retention, and starts or stops the recorder.
//
// Each of these that differs is recorded as one change, with what differs in it; the order of resource types is no difference. It is written only
// when the invocation may commit, and a second run finds nothing to change. What was changed is told as one alert of priority SUCCESS, and what
// failed, as with every ship, as one of priority PROBLEM for each class of failure. A failure ends the task; the next attempt goes on from there.
//
// What templates do not speak of stays: the recording mode of a recorder, rules and conformance packs. The prefix, KMS key and topic of a channel
// are the template's, and a channel is to be without those that the template does not have. AWS says that it keeps a topic that it is not given;
// where it does, the task does everything else, and then fails for good and says so, instead of reporting the same change in every run.
//
// # Permissions
//
// The role that it assumes needs the actions that Permissions lists and, to commit, the right to pass the recorder's role, and no other, to AWS
// Config, and to no other service. With ConfigRoleName MyConfigRole that is
//
//	{
//	    "Effect": "Allow",
//	    "Action": "iam:PassRole",
//	    "Resource": "arn:aws:iam::*:role/MyConfigRole",
//	    "Condition": {"StringEquals": {"iam:PassedToService": "config.amazonaws.com"}}
//	}
//
// The bucket's policy, the topic's and the key's are to let AWS Config in; the ship changes none of them, and makes no role.
//
// cmd/awsconfig is its main, template.yaml a template for it, and schema.json the JSON Schema by which editors check templates. Templates and the
// configuration section of the Python Starfleet's ship of the same name work as they are.
package awsconfig

//go:generate go test . -run TestSchemaIsCurrent -update

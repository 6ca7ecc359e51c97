package deploy

import "github.com/starfleet-go/starfleet/config"

// addKey makes the fleet's own key, where the configuration wants one. Its policy has what services need that act in nobody's name: S3 and
// EventBridge, which send to the encrypted fan-out queue, CloudWatch and Lambda not, since roles of the account use it by their own
// policies.
func (f *Fleet) addKey(s *stack) {
	if f.settings.Key != config.CreateKey {
		return
	}
	notifier := f.notifier()
	properties := object{
		"Description": "Queues, buckets and table of the fleet " + f.settings.Name, "EnableKeyRotation": true,
		"KeyPolicy": policy(
			statement("Account", "Allow", []string{"kms:*"}, list{"*"}, object{"Principal": object{"AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")}}),
			statement("Notifications", "Allow", keyActions.actions, list{"*"}, object{
				"Principal": object{"Service": notifier.service},
				"Condition": object{
					"ArnEquals":    object{"aws:SourceArn": notifier.source},
					"StringEquals": object{"aws:SourceAccount": sub("${AWS::AccountId}")},
				},
			})),
	}
	f.tag(properties)
	s.add("Key", "AWS::KMS::Key", properties).retain = true
}

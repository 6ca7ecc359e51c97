package deploy

import "github.com/starfleet-go/starfleet/config"

// addKey makes the fleet's own key, where the configuration wants one. Its policy has what services need that act in nobody's name: S3 and
// EventBridge, which send to the encrypted fan-out queue, CloudWatch and Lambda not, since roles of the account use it by their own
// policies. Publishers of templates and index, which may be of other accounts, use it by way of S3.
func (f *Fleet) addKey(s *stack) {
	if f.settings.Key != config.CreateKey {
		return
	}
	notifier := f.notifier()
	statements := []object{
		statement("Account", "Allow", []string{"kms:*"}, list{"*"}, object{"Principal": object{"AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")}}),
		statement("Notifications", "Allow", keyActions.actions, list{"*"}, object{
			"Principal": object{"Service": notifier.service},
			"Condition": object{
				"ArnEquals":    object{"aws:SourceArn": notifier.source},
				"StringEquals": object{"aws:SourceAccount": sub("${AWS::AccountId}")},
			},
		}),
	}
	if roles := f.uploaders(); len(roles) > 0 {
		statements = append(statements, statement("Publishers", "Allow", keyActions.actions, list{"*"},
			from(roles, object{"StringLike": object{"kms:ViaService": sub("s3.${AWS::Region}.amazonaws.com*")}}))) // in China with .cn
	}
	properties := object{
		"Description": "Queues, buckets and table of the fleet " + f.settings.Name, "EnableKeyRotation": true,
		"KeyPolicy": policy(statements...),
	}
	f.tag(properties)
	s.add("Key", "AWS::KMS::Key", properties).retain = true
}

// uploaders are the roles that write to the buckets that the stack makes, without those of ships.
func (f *Fleet) uploaders() list {
	var roles []string
	if !f.settings.ExistingTemplateBucket {
		for _, p := range f.settings.Publishers {
			roles = append(roles, p.Roles...)
		}
	}
	if f.ownsIndex() {
		roles = append(roles, f.settings.IndexPublishers...)
	}
	return sortedTexts(roles)
}

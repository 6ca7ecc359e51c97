package deploy

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/starfleet-go/starfleet/aws/s3index"
	"github.com/starfleet-go/starfleet/config"
)

func sortedKeys[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// writes are the actions that change objects of a bucket, or bring old ones back.
var writes = []string{
	"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject", "s3:ReplicateDelete", "s3:ReplicateObject", "s3:RestoreObject",
}

// publishes are the actions by which templates are written.
var publishes = []string{"s3:DeleteObject", "s3:PutObject"}

// folder ends the prefix of a folder with a slash.
func folder(prefix string) string {
	if prefix == "" || config.IsTemplate(prefix) || strings.HasSuffix(prefix, "/") {
		return prefix
	}
	return prefix + "/"
}

// notifier is what tells the fan-out queue of changed templates: the bucket itself, or the rule for one that was there before.
func (f *Fleet) notifier() sender {
	if f.settings.ExistingTemplateBucket {
		return sender{service: "events.amazonaws.com", source: arn("events", "rule/"+f.settings.Name+"-templates")}
	}
	return sender{service: "s3.amazonaws.com", source: bucketARN(f.configuration.Starfleet.TemplateBucket, "")}
}

// addBuckets makes the buckets of templates, index and state, each with who may write to it.
func (f *Fleet) addBuckets(s *stack) {
	c := f.configuration
	if f.settings.ExistingTemplateBucket {
		f.addTemplateRule(s)
	} else {
		f.addTemplateBucket(s)
	}
	if f.ownsIndex() {
		f.addBucket(s, "IndexBucket", c.DefaultIndex.IndexBucket, nil)
		f.addBucketPolicy(s, "IndexBucket", c.DefaultIndex.IndexBucket,
			append(f.indexPublishers(), f.writersOnly("Index", c.DefaultIndex.IndexBucket, f.indexWriters())...))
	}
	if c.Fleet.StateBucket != "" {
		f.addBucket(s, "StateBucket", c.Fleet.StateBucket, nil)
		writers := append(list{roleARN(f.starbaseRole())}, texts(f.settings.OperatorRoles)...)
		f.addBucketPolicy(s, "StateBucket", c.Fleet.StateBucket, f.writersOnly("State", c.Fleet.StateBucket, writers))
	}
}

// ownsIndex says whether the stack makes the bucket of the index: one of another region is there already.
func (f *Fleet) ownsIndex() bool {
	index := f.configuration.DefaultIndex
	return index != nil && index.BucketRegion == f.configuration.Starfleet.DeploymentRegion
}

func texts(items []string) list {
	values := make(list, len(items))
	for i, item := range items {
		values[i] = item
	}
	return values
}

// addTemplateBucket makes the bucket of templates, which tells the fan-out queue of every change.
func (f *Fleet) addTemplateBucket(s *stack) {
	bucket := f.configuration.Starfleet.TemplateBucket
	var notifications list
	for _, event := range []string{"s3:ObjectCreated:*", "s3:ObjectRemoved:*"} {
		notifications = append(notifications, object{"Event": event, "Queue": att{"FanOutQueue", "Arn"}})
	}
	// S3 tries the queue out when it gets the notification, so the queue's policy has to be there.
	needs := []string{"FanOutQueuePolicy"}
	f.addBucket(s, "TemplateBucket", bucket, object{"QueueConfigurations": notifications}, needs...)
	f.addBucketPolicy(s, "TemplateBucket", bucket, f.publishersOnly(bucket))
}

// addTemplateRule makes the rule by which a bucket that was there before tells of changes, and the dead-letter queue of what it cannot send. The bucket's
// EventBridge notifications have to be on.
func (f *Fleet) addTemplateRule(s *stack) {
	properties := object{
		"Name":        f.settings.Name + "-templates",
		"Description": "Changed templates, to the fan-out queue",
		"EventPattern": document{
			"source": list{"aws.s3"}, "detail-type": list{"Object Created", "Object Deleted"},
			"detail": object{"bucket": object{"name": list{f.configuration.Starfleet.TemplateBucket}}},
		},
		"State": "ENABLED",
		"Targets": list{object{
			"Id": "fan-out", "Arn": att{"FanOutQueue", "Arn"}, "DeadLetterConfig": object{"Arn": att{ruleDeadLetters, "Arn"}},
		}},
	}
	f.addOwnQueue(s, ruleDeadLetters, f.ruleDeadLetters(), f.withOperators(f.notifier()))
	s.add("TemplateRule", "AWS::Events::Rule", properties)
}

// ruleDeadLetters is the id of the dead-letter queue of the rule.
const ruleDeadLetters = "TemplateRuleDeadLetters"

func (f *Fleet) ruleDeadLetters() queueName {
	return queueName(f.settings.Name + "-templates-dead-letters")
}

// addBucket makes a bucket: versioned, encrypted, closed to the public. It outlives the stack.
func (f *Fleet) addBucket(s *stack, id, name string, notification object, dependsOn ...string) {
	encryption := object{"SSEAlgorithm": "AES256"}
	if key := f.key(); key != nil {
		encryption = object{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
	}
	properties := object{
		"BucketName":              name,
		"VersioningConfiguration": object{"Status": "Enabled"},
		"BucketEncryption": object{"ServerSideEncryptionConfiguration": list{
			object{"BucketKeyEnabled": true, "ServerSideEncryptionByDefault": encryption},
		}},
		"OwnershipControls": object{"Rules": list{object{"ObjectOwnership": "BucketOwnerEnforced"}}},
		"PublicAccessBlockConfiguration": object{
			"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
		},
	}
	if notification != nil {
		properties["NotificationConfiguration"] = notification
	}
	f.tag(properties)
	s.add(id, "AWS::S3::Bucket", properties, dependsOn...).retain = true
}

// addBucketPolicy gives a bucket its policy, with TLS alone.
func (f *Fleet) addBucketPolicy(s *stack, id, bucket string, statements []object) {
	tls := statement("TLSOnly", "Deny", []string{"s3:*"}, list{bucketARN(bucket, ""), bucketARN(bucket, "/*")}, object{
		"Principal": "*", "Condition": object{"Bool": object{"aws:SecureTransport": "false"}},
	})
	r := s.add(id+"Policy", "AWS::S3::BucketPolicy", object{
		"Bucket": ref(id), "PolicyDocument": policy(append([]object{tls}, statements...)...),
	})
	r.retain = true
}

// writersOnly denies writing to a bucket to all but some.
func (f *Fleet) writersOnly(name, bucket string, writers list) []object {
	denied := object{"Principal": "*"}
	if len(writers) > 0 {
		denied["Condition"] = object{"ArnNotEquals": object{"aws:PrincipalArn": writers}}
	}
	return []object{statement(name+"WritersOnly", "Deny", writes, list{bucketARN(bucket, "/*")}, denied)}
}

// indexPublishers allows the IndexPublishers, which may be of other accounts, to write the index and to read what it was. Ships have it by their
// own roles' policies.
func (f *Fleet) indexPublishers() []object {
	index := f.configuration.DefaultIndex
	if len(f.settings.IndexPublishers) == 0 {
		return nil
	}
	statements := onBucket("IndexPublishers", s3index.WriterIAMActions, index.IndexBucket, index.IndexObjectPath)
	for _, s := range statements {
		maps.Copy(s, from(texts(f.settings.IndexPublishers), nil))
	}
	return statements
}

// from are the principal and the condition of a statement that allows roles of any account, with more conditions. The principals are their accounts:
// S3 and KMS refuse a policy that names a role that is not there, and turn one that goes into an id that no role has again.
func from(roles list, more object) object {
	var accounts []string
	for _, role := range roles {
		account, _, _ := strings.Cut(role.(string), ":role/")
		accounts = append(accounts, account+":root")
	}
	conditions := object{"ArnEquals": object{"aws:PrincipalArn": roles}}
	maps.Copy(conditions, more)
	return object{"Principal": object{"AWS": sortedTexts(accounts)}, "Condition": conditions}
}

// indexWriters are who may write the account index.
func (f *Fleet) indexWriters() list {
	writers := texts(f.settings.IndexPublishers)
	for _, s := range f.ships {
		if slices.Contains(s.Deployment.Buckets, f.configuration.DefaultIndex.IndexBucket) {
			writers = append(writers, roleARN(s.role()))
		}
	}
	return writers
}

// publishing is a folder of templates and who may write it: roles that are there already, and ships of the fleet.
type publishing struct {
	prefix       string
	roles, ships list
}

// publishers are the folders of templates, with the roles of TemplatePublishers and of ships that publish, by prefix.
func (f *Fleet) publishers() []publishing {
	byPrefix := map[string]publishing{}
	for _, p := range f.settings.Publishers {
		at := byPrefix[p.Prefix]
		at.roles = append(at.roles, texts(p.Roles)...)
		byPrefix[p.Prefix] = at
	}
	for _, s := range f.ships {
		for _, prefix := range s.Deployment.PublishesTemplates {
			at := byPrefix[folder(prefix)]
			at.ships = append(at.ships, roleARN(s.role()))
			byPrefix[folder(prefix)] = at
		}
	}
	all := make([]publishing, 0, len(byPrefix))
	for _, prefix := range sortedKeys(byPrefix) {
		at := byPrefix[prefix]
		at.prefix = prefix
		all = append(all, at)
	}
	return all
}

// publishersOnly denies writing a folder of templates to all but its publishers, and writing beside the folders to everybody.
func (f *Fleet) publishersOnly(bucket string) []object {
	var statements []object
	var folders list
	for i, p := range f.publishers() {
		place := bucketARN(bucket, "/"+p.prefix)
		if !config.IsTemplate(p.prefix) {
			place += "*"
		}
		folders = append(folders, place)
		number := strconv.Itoa(i + 1)
		if len(p.roles) > 0 { // ships have it by their own roles' policies
			listed := list{p.prefix}
			if !config.IsTemplate(p.prefix) {
				listed = list{p.prefix + "*"}
			}
			statements = append(statements,
				statement("Publishers"+number, "Allow", publishes, list{place}, from(p.roles, nil)),
				statement("PublishersList"+number, "Allow", []string{"s3:ListBucket"}, list{bucketARN(bucket, "")},
					from(p.roles, object{"StringLike": object{"s3:prefix": listed}})))
		}
		statements = append(statements, statement("PublishersOnly"+number, "Deny", writes, list{place}, object{
			"Principal": "*", "Condition": object{"ArnNotEquals": object{"aws:PrincipalArn": slices.Concat(p.roles, p.ships)}},
		}))
	}
	beside := statement("NobodyBeside", "Deny", writes, nil, object{"Principal": "*"})
	delete(beside, "Resource")
	if len(folders) == 0 {
		beside["Resource"] = list{bucketARN(bucket, "/*")}
	} else {
		beside["NotResource"] = folders
	}
	return append(statements, beside)
}

package deploy

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/starfleet-go/starfleet/aws/assume"
	"github.com/starfleet-go/starfleet/aws/dynamostore"
	"github.com/starfleet-go/starfleet/aws/s3index"
	"github.com/starfleet-go/starfleet/aws/s3state"
	"github.com/starfleet-go/starfleet/aws/s3templates"
	"github.com/starfleet-go/starfleet/aws/secrets"
	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/config"
)

// indirect are the actions that a role has though no adapter asks for them, each with the reason.
type indirect struct {
	actions []string
	reason  string
}

var (
	mappingActions = indirect{[]string{"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"},
		"Lambda polls the queue with the role of the function"}
	logActions = indirect{[]string{"logs:CreateLogStream", "logs:PutLogEvents"},
		"Lambda writes the log of a function with its role, ECS that of a service with the execution role"}
	keyActions = indirect{[]string{"kms:Decrypt", "kms:GenerateDataKey"},
		"SQS and S3 use a customer's key in the name of who calls them"}
	scheduleActions = indirect{[]string{"sqs:SendMessage"},
		"EventBridge Scheduler sends to the fan-out queue, and to its dead-letter queue, with a role of its own"}
	imageActions = indirect{[]string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer"},
		"ECS pulls the image of a service before it starts"}
	publishActions = indirect{publishes,
		"PublishesTemplates of the ship's section lets it write the folders that it names"}
	tagActions      = indirect{[]string{"sts:TagSession"}, "WorkerRoleSessionTags of the ship's section sets session tags"}
	identityActions = indirect{[]string{"sts:SetSourceIdentity"}, "WorkerRoleSourceIdentity of the ship's section sets the source identity"}
)

// service is who assumes a role.
func service(name string, conditions object) document {
	trust := object{"Sid": "Service", "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": object{"Service": name}}
	if conditions != nil {
		trust["Condition"] = conditions
	}
	return policy(trust)
}

// ownAccount keeps a service from using a role for another account.
var ownAccount = object{"StringEquals": object{"aws:SourceAccount": sub("${AWS::AccountId}")}}

// addRole makes a role with one inline policy.
func (f *Fleet) addRole(s *stack, id, name string, trust document, statements []object) {
	properties := object{
		"RoleName": name, "AssumeRolePolicyDocument": trust,
		"Policies": list{object{"PolicyName": "own", "PolicyDocument": policy(statements...)}},
	}
	f.bound(properties)
	f.tag(properties)
	s.add(id, "AWS::IAM::Role", properties)
}

// bound sets the boundary of a role.
func (f *Fleet) bound(properties object) {
	if f.settings.PermissionsBoundary != "" {
		properties["PermissionsBoundary"] = f.settings.PermissionsBoundary
	}
}

// ownPolicies matches the beginning of a customer's policy: its partition and account.
var ownPolicies = regexp.MustCompile(`^arn:[a-z-]+:iam::[0-9]{12}:`)

// boundThere sets the boundary of a role in a target account. IAM takes a policy of the role's own account or one of AWS alone, so that a policy
// of the customer's is the one of that name there.
func (f *Fleet) boundThere(properties object) {
	if boundary := f.settings.PermissionsBoundary; boundary != "" {
		properties["PermissionsBoundary"] = textOrSub(ownPolicies.ReplaceAllLiteralString(boundary, "arn:${AWS::Partition}:iam::${AWS::AccountId}:"))
	}
}

// addRoles makes the roles of the deployment's account.
func (f *Fleet) addRoles(s *stack) {
	lambda := service("lambda.amazonaws.com", nil)
	f.addRole(s, "StarbaseRole", f.starbaseRole(), lambda, f.starbasePolicy())
	if len(f.schedules()) > 0 {
		f.addRole(s, "SchedulerRole", f.scheduler(), service("scheduler.amazonaws.com", ownAccount), f.withKey(
			allow("Send", scheduleActions.actions, f.fanOut().arn(), f.scheduleDeadLetters().arn())))
	}
	for _, ship := range f.ships {
		switch {
		case !ship.ours():
		case ship.watched():
			f.addRole(s, ship.id+"Role", ship.role(), service("ecs-tasks.amazonaws.com", ownAccount), f.shipPolicy(ship))
		default:
			f.addRole(s, ship.id+"Role", ship.role(), lambda, f.shipPolicy(ship))
		}
	}
	if f.watches() {
		f.addRole(s, "ExecutionRole", f.settings.Name+"-execution", service("ecs-tasks.amazonaws.com", ownAccount), f.executionPolicy())
	}
}

// starbasePolicy is what the Starbase may do.
func (f *Fleet) starbasePolicy() []object {
	c := f.configuration
	statements := slices.Concat(
		onBucket("Templates", s3templates.IAMActions, c.Starfleet.TemplateBucket, ""),
		f.readsIndex(),
	)
	if c.Fleet.StateBucket != "" {
		statements = append(statements, onBucket("State", s3state.IAMActions, c.Fleet.StateBucket, c.Fleet.StatePrefix)...)
	}
	own, dead := list{f.fanOut().arn()}, list{f.fanOut().deadLetters().arn()}
	if name := f.continuation(); name != "" {
		own, dead = append(own, name.arn()), append(dead, name.deadLetters().arn())
	}
	var tasks list
	for _, ship := range f.ships {
		tasks = append(tasks, ship.queue.arn())
	}
	statements = append(statements,
		allow("Queues", slices.Concat(sqsqueue.SenderIAMActions, sqsqueue.SettlerIAMActions, mappingActions.actions), own...),
		allow("DeadLetters", sqsqueue.DeadLetterIAMActions, dead...))
	if len(tasks) > 0 {
		statements = append(statements, allow("Tasks", sqsqueue.SenderIAMActions, tasks...))
	}
	statements = append(statements, f.readsSecret()...)
	return f.withKey(append(statements, logs(f.starbase()))...)
}

// shipPolicy is what a ship may do in the deployment's account, and whom it may become elsewhere.
func (f *Fleet) shipPolicy(s *ship) []object {
	own := sqsqueue.IAMActions // of a watcher, which receives itself
	if !s.watched() {
		own = slices.Concat(sqsqueue.SettlerIAMActions, mappingActions.actions)
	}
	statements := []object{
		allow("Queue", own, s.queue.arn()),
		allow("DeadLetters", sqsqueue.DeadLetterIAMActions, s.queue.deadLetters().arn()),
	}
	statements = append(statements, f.assumes(s)...)
	statements = append(statements, s.ownWork()...)
	statements = append(statements, f.used(s)...)
	if prefixes := s.Deployment.PublishesTemplates; len(prefixes) > 0 {
		var places list
		for _, prefix := range prefixes {
			places = append(places, bucketARN(f.configuration.Starfleet.TemplateBucket, "/"+folder(prefix)+"*"))
		}
		statements = append(statements, allow("Publish", publishActions.actions, places...))
	}
	if !s.watched() {
		statements = append(statements, logs(s.name))
	}
	return f.withKey(statements...)
}

// anyAccount stands for the id of any account in the name of a role. In the account's own place in an ARN a * does, and cfn-lint knows no other.
var anyAccount = strings.Repeat("?", 12)

// inAnyAccount is the pattern of the ARNs of a role that the configuration names.
func inAnyAccount(role string) sub {
	return sub(strings.Replace(string(roleIn(role, anyAccount)), "::"+anyAccount+":", "::*:", 1))
}

// assumes lets a ship become its own roles, in its own organization.
func (f *Fleet) assumes(s *ship) []object {
	targets := s.roles
	if chain := s.Session.Chain; len(chain) > 0 {
		targets = chain[:1] // the next is assumed by that one
	}
	if len(targets) == 0 {
		return nil
	}
	actions := slices.Clone(assume.IAMActions)
	if len(s.Session.Tags) > 0 && len(s.Session.Chain) == 0 { // the roles of a chain get none, and its last sets them
		actions = append(actions, tagActions.actions...)
	}
	if s.Session.SourceIdentity != "" {
		actions = append(actions, identityActions.actions...)
	}
	var roles list
	for _, role := range targets {
		roles = append(roles, inAnyAccount(role))
	}
	return []object{statement("Assume", "Allow", actions, roles, object{"Condition": object{
		"StringEquals": object{"aws:ResourceOrgID": sortedTexts(f.configuration.Fleet.Organizations)},
	}})}
}

// roleIn is the ARN of a role that the configuration names, in an account.
func roleIn(role, account string) sub {
	text := strings.NewReplacer("{partition}", "${AWS::Partition}", "{account}", account).Replace(role)
	if strings.HasPrefix(text, "arn:") {
		return sub(text)
	}
	return sub("arn:${AWS::Partition}:iam::" + account + ":role/" + text)
}

// ownWork is what a ship that runs once for a template does with its own role: S3 in its buckets, and all that its manifest lists when it
// assumes no role.
func (s *ship) ownWork() []object {
	if !s.single() {
		return nil
	}
	var objects, others []string
	for _, action := range slices.Concat(s.manifest.Permissions.Read, s.manifest.Permissions.Write) {
		switch {
		case strings.HasPrefix(action, "s3:"):
			objects = append(objects, action)
		case !strings.HasPrefix(action, "sts:") && len(s.roles) == 0:
			others = append(others, action)
		}
	}
	var statements []object
	if len(objects) > 0 {
		for i, bucket := range s.Deployment.Buckets {
			statements = append(statements, onBucket("Bucket"+strconv.Itoa(i+1), objects, bucket, "")...)
		}
	}
	if len(others) > 0 {
		statements = append(statements, allow("Work", others, "*"))
	}
	return statements
}

// used is what a ship needs of the services that its main is wired with.
func (f *Fleet) used(s *ship) []object {
	var statements []object
	if s.uses(config.UsesIndex) {
		statements = append(statements, f.readsIndex()...)
	}
	if c := f.configuration.Fleet; s.uses(config.UsesHalts) && c.StateBucket != "" {
		statements = append(statements, onBucket("Halts", s3state.ReaderIAMActions, c.StateBucket, c.StatePrefix)...)
	}
	if s.uses(config.UsesSecrets) {
		statements = append(statements, f.readsSecret()...)
	}
	var table []string
	if s.uses(config.UsesOnce) {
		table = append(table, dynamostore.IdempotencyIAMActions...)
	}
	if s.uses(config.UsesProgress) {
		table = append(table, dynamostore.ProgressIAMActions...)
	}
	if len(table) > 0 {
		statements = append(statements, allow("Table", table, arn("dynamodb", "table/"+f.table())))
	}
	return statements
}

// onBucket allows actions on a bucket and on its objects under a prefix, each where it belongs.
func onBucket(sid string, actions []string, bucket, prefix string) []object {
	var onObjects, onBucket []string
	for _, action := range actions {
		if action == "s3:ListBucket" || action == "s3:GetBucketLocation" {
			onBucket = append(onBucket, action)
		} else {
			onObjects = append(onObjects, action)
		}
	}
	var statements []object
	if len(onObjects) > 0 {
		place := bucketARN(bucket, "/"+prefix)
		if prefix == "" || strings.HasSuffix(prefix, "/") {
			place += "*"
		}
		statements = append(statements, allow(sid+"Objects", onObjects, place))
	}
	if len(onBucket) > 0 {
		statements = append(statements, allow(sid+"Bucket", onBucket, bucketARN(bucket, "")))
	}
	return statements
}

func (f *Fleet) readsIndex() []object {
	index := f.configuration.DefaultIndex
	if index == nil {
		return nil
	}
	return onBucket("Index", s3index.IAMActions, index.IndexBucket, index.IndexObjectPath)
}

// readsSecret lets a role read the fleet's secret. Behind the name of a secret its ARN has six characters more.
func (f *Fleet) readsSecret() []object {
	from := f.configuration.Starfleet.Secrets
	if from == nil {
		return nil
	}
	var place any = from.SecretID
	if !strings.HasPrefix(from.SecretID, "arn:") {
		place = sub("arn:${AWS::Partition}:secretsmanager:" + from.SecretRegion + ":${AWS::AccountId}:secret:" + from.SecretID + "-??????")
	}
	return []object{allow("Secret", secrets.IAMActions, place)}
}

func logs(name string) object {
	return allow("Logs", logActions.actions, arn("logs", "log-group:"+logGroup(name)+":*"))
}

// withKey adds the use of the customer's key.
func (f *Fleet) withKey(statements ...object) []object {
	if key := f.key(); key != nil {
		statements = append(statements, allow("Key", keyActions.actions, key))
	}
	return statements
}

// ecrImage matches an image in a private registry of ECR: account, region and repository.
var ecrImage = regexp.MustCompile(`^([0-9]{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)/([^:@]+)`)

// executionPolicy is what ECS does before a service runs. The token for a registry is for no resource.
func (f *Fleet) executionPolicy() []object {
	var groups list
	var images []string
	for _, s := range f.ships {
		if !s.watched() {
			continue
		}
		groups = append(groups, arn("logs", "log-group:"+logGroup(s.name)+":*"))
		if at := ecrImage.FindStringSubmatch(s.Deployment.Fargate.Image); at != nil {
			images = append(images, "arn:${AWS::Partition}:ecr:"+at[2]+":"+at[1]+":repository/"+at[3])
		}
	}
	statements := []object{allow("Logs", logActions.actions, groups...)}
	if len(images) == 0 {
		return statements
	}
	const token = "ecr:GetAuthorizationToken"
	pulls := slices.DeleteFunc(slices.Clone(imageActions.actions), func(action string) bool { return action == token })
	slices.Sort(images)
	var repositories list
	for _, image := range slices.Compact(images) {
		repositories = append(repositories, sub(image))
	}
	return append(statements, allow("Image", pulls, repositories...), allow("Registry", []string{token}, "*"))
}

package deploy

import (
	"time"

	"github.com/starfleet-go/starfleet/config"
)

// starbaseTimeout is that of the Starbase's function: the same as in the Python Starfleet's templates.
const starbaseTimeout = 300 * time.Second

// retention of all queues: the most that SQS keeps a message.
const retention = 14 * 24 * time.Hour

// starbaseReceives is how often the Starbase gets a message before it is dead-lettered: the least that AWS advises for a queue of a function.
const starbaseReceives = 5

// sender is who may send to a queue: a role of the deployment's account, the ARN of another role, or a service for a source.
type sender struct {
	role    any    // a sub or an ARN
	service string // such as s3.amazonaws.com
	source  sub    // the ARN that the service sends for
}

// queueSpec is a queue and its dead-letter queue.
type queueSpec struct {
	id          string // of the queue; with DeadLetters behind it that of the other
	name        queueName
	visibility  time.Duration
	maxReceives int
	senders     []sender
	deadSenders []sender
}

// addQueues makes the queues of the Starbase and of the ships.
func (f *Fleet) addQueues(s *stack) {
	starbase := sender{role: roleARN(f.starbaseRole())}
	scheduler := sender{role: roleARN(f.scheduler())}
	fanOut := queueSpec{
		id: "FanOutQueue", name: f.fanOut(), visibility: 6 * starbaseTimeout, maxReceives: starbaseReceives,
		senders: f.withOperators(starbase), deadSenders: f.withOperators(starbase),
	}
	if len(f.schedules()) > 0 {
		fanOut.senders = append(fanOut.senders, scheduler)
	}
	fanOut.senders = append(fanOut.senders, f.notifier())
	f.addQueue(s, fanOut)
	if name := f.continuation(); name != "" {
		f.addQueue(s, queueSpec{
			id: "ContinuationQueue", name: name, visibility: 6 * starbaseTimeout, maxReceives: starbaseReceives,
			senders: f.withOperators(starbase), deadSenders: f.withOperators(starbase),
		})
	}
	for _, ship := range f.ships {
		own := sender{role: roleARN(ship.role())}
		spec := queueSpec{
			id: ship.id + "Queue", name: ship.queue, visibility: ship.Deployment.Queue.VisibilityTimeout, maxReceives: ship.Deployment.Queue.MaxReceives,
			senders: f.withOperators(starbase, own), deadSenders: f.withOperators(own),
		}
		if !ship.ours() {
			spec.senders, spec.deadSenders = f.withOperators(starbase), f.withOperators()
		}
		f.addQueue(s, spec)
	}
	if len(f.schedules()) > 0 {
		f.addOwnQueue(s, "ScheduleDeadLetters", f.scheduleDeadLetters(), f.withOperators(scheduler))
	}
}

// withOperators adds the roles of people.
func (f *Fleet) withOperators(senders ...sender) []sender {
	for _, role := range f.settings.OperatorRoles {
		senders = append(senders, sender{role: role})
	}
	return senders
}

// addQueue makes a queue with its dead-letter queue and the policies of both. Queues outlive their ships and the stack, since messages may be in them.
func (f *Fleet) addQueue(s *stack, q queueSpec) {
	dead := q.id + "DeadLetters"
	s.add(q.id, "AWS::SQS::Queue", f.queue(q.name, object{
		"VisibilityTimeout": seconds(q.visibility),
		"RedrivePolicy":     document{"deadLetterTargetArn": att{dead, "Arn"}, "maxReceiveCount": q.maxReceives},
	})).retain = true
	s.add(dead, "AWS::SQS::Queue", f.queue(q.name.deadLetters(), object{
		"RedriveAllowPolicy": document{"redrivePermission": "byQueue", "sourceQueueArns": list{q.name.arn()}},
	})).retain = true
	f.addQueuePolicy(s, q.id, q.name, q.senders)
	f.addQueuePolicy(s, dead, q.name.deadLetters(), q.deadSenders)
}

// addOwnQueue makes a queue of what a service could not send: it has no dead-letter queue.
func (f *Fleet) addOwnQueue(s *stack, id string, name queueName, senders []sender) {
	s.add(id, "AWS::SQS::Queue", f.queue(name, object{})).retain = true
	f.addQueuePolicy(s, id, name, senders)
}

func (f *Fleet) scheduleDeadLetters() queueName {
	return queueName(f.settings.Name + "-schedule-dead-letters")
}

// queue is what every queue has.
func (f *Fleet) queue(name queueName, properties object) object {
	properties["QueueName"] = string(name)
	properties["MessageRetentionPeriod"] = seconds(retention)
	if name.fifo() {
		properties["FifoQueue"] = true
		properties["ContentBasedDeduplication"] = true
	}
	if key := f.key(); key != nil {
		properties["KmsMasterKeyId"] = key
		properties["KmsDataKeyReusePeriodSeconds"] = 300
	} else {
		properties["SqsManagedSseEnabled"] = true
	}
	f.tag(properties)
	return properties
}

// addQueuePolicy lets the senders alone send, over TLS alone.
//
// Within an account the policy of a role is enough to send, and IAM has no word for "nobody else" but a denial. It is of all principals that
// are no service; a service needs to be allowed here to send at all.
func (f *Fleet) addQueuePolicy(s *stack, id string, name queueName, senders []sender) {
	var roles list
	statements := []object{statement("TLSOnly", "Deny", []string{"sqs:*"}, list{name.arn()}, object{
		"Principal": "*", "Condition": object{"Bool": object{"aws:SecureTransport": "false"}},
	})}
	for _, from := range senders {
		if from.service == "" {
			roles = append(roles, from.role)
			continue
		}
		statements = append(statements, statement("Service", "Allow", []string{"sqs:SendMessage"}, list{name.arn()}, object{
			"Principal": object{"Service": from.service},
			"Condition": object{
				"ArnEquals":    object{"aws:SourceArn": from.source},
				"StringEquals": object{"aws:SourceAccount": sub("${AWS::AccountId}")},
			},
		}))
	}
	closed := object{"Bool": object{"aws:PrincipalIsAWSService": "false"}}
	if len(roles) > 0 {
		closed["ArnNotEquals"] = object{"aws:PrincipalArn": roles}
	}
	statements = append(statements, statement("SendersOnly", "Deny", []string{"sqs:SendMessage"}, list{name.arn()}, object{
		"Principal": "*", "Condition": closed,
	}))
	// It stays as its queue does: without it everybody whose role has sqs:SendMessage could task the ship.
	s.add(id+"Policy", "AWS::SQS::QueuePolicy", object{"Queues": list{ref(id)}, "PolicyDocument": policy(statements...)}).retain = true
}

func seconds(d time.Duration) int { return int(d / time.Second) }

// key is what encrypts: the ARN of a key, nil for AWS's own.
func (f *Fleet) key() any {
	switch f.settings.Key {
	case "":
		return nil
	case config.CreateKey:
		return att{"Key", "Arn"}
	default:
		return f.settings.Key
	}
}

// tag adds the fleet's tags.
func (f *Fleet) tag(properties object) {
	if len(f.settings.Tags) > 0 {
		properties["Tags"] = f.tags()
	}
}

func (f *Fleet) tags() list {
	var tags list
	for _, key := range sortedKeys(f.settings.Tags) {
		tags = append(tags, object{"Key": key, "Value": f.settings.Tags[key]})
	}
	return tags
}

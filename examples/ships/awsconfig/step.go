package awsconfig

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"

	"github.com/starfleet-go/starfleet"
)

// step is one write that brings AWS Config nearer to what it is to be.
type step struct {
	what    string // such as "create delivery channel"
	details []any  // as Invocation.Change takes them
	write   func(context.Context, Client) error
	verify  func(context.Context, Client) error // nil: nothing. Comes after all steps, so that what it finds keeps none from being taken
}

// plan is what is to be written, in the order that AWS Config asks for: a channel needs a recorder, and a recorder that starts needs both.
func plan(now, want state) []step {
	var steps []step
	if details := differences(now.recorder.facts(), want.recorder.facts()); len(details) > 0 {
		details = append([]any{"name", want.recorder.name}, details...)
		steps = append(steps, step{what: verb(now.recorder == nil) + "configuration recorder", details: details, write: want.recorder.put})
	}
	if details := differences(now.channel.facts(), want.channel.facts()); len(details) > 0 {
		details = append([]any{"name", want.channel.name}, details...)
		put := step{what: verb(now.channel == nil) + "delivery channel", details: details, write: want.channel.put}
		if len(want.channel.removes(now.channel)) > 0 {
			put.verify = want.channel.verifyRemoved
		}
		steps = append(steps, put)
	}
	if now.retentionDays != want.retentionDays {
		details := []any{"days", want.retentionDays}
		if now.retentionDays != 0 {
			details = append(details, "daysBefore", now.retentionDays)
		}
		steps = append(steps, step{what: "set retention", details: details, write: putRetention(want.retentionDays)})
	}
	switch {
	case want.recording && !now.recording:
		steps = append(steps, step{what: "start configuration recorder", details: []any{"name", want.recorder.name}, write: want.recorder.start})
	case now.recording && !want.recording:
		steps = append(steps, step{what: "stop configuration recorder", details: []any{"name", want.recorder.name}, write: want.recorder.stop})
	}
	return steps
}

func verb(isNew bool) string {
	if isNew {
		return "create "
	}
	return "change "
}

func (r *recorder) put(ctx context.Context, client Client) error {
	group := &types.RecordingGroup{
		AllSupported:               r.strategy == types.RecordingStrategyTypeAllSupportedResourceTypes,
		IncludeGlobalResourceTypes: r.globals,
		RecordingStrategy:          &types.RecordingStrategy{UseOnly: r.strategy},
		ResourceTypes:              resourceTypes(r.recorded),
	}
	if len(r.excluded) > 0 {
		group.ExclusionByResourceTypes = &types.ExclusionByResourceTypes{ResourceTypes: resourceTypes(r.excluded)}
	}
	_, err := client.PutConfigurationRecorder(ctx, &configservice.PutConfigurationRecorderInput{ConfigurationRecorder: &types.ConfigurationRecorder{
		Name: &r.name, RoleARN: &r.roleARN, RecordingGroup: group, RecordingMode: r.mode,
	}})
	return settle(err)
}

func resourceTypes(list []string) []types.ResourceType {
	var typed []types.ResourceType
	for _, item := range list {
		typed = append(typed, types.ResourceType(item))
	}
	return typed
}

// KeptError says that AWS Config took a delivery channel but kept a prefix, KMS key or topic that it was to be without. All other steps were
// taken by then. It is permanent: another attempt would end the same way, and every run would report the change again.
type KeptError struct {
	Channel string
	// Facts are what was kept, such as "topic".
	Facts []string
}

// Error names the channel and what it kept, and what to do.
func (e *KeptError) Error() string {
	return fmt.Sprintf("AWS Config keeps the %s of the delivery channel %s, which the template does not have: name it in the template, or stop the recorder and "+
		"delete the channel by hand, so that the next run makes it anew", strings.Join(e.Facts, ", "), e.Channel)
}

func (c *channel) put(ctx context.Context, client Client) error {
	_, err := client.PutDeliveryChannel(ctx, &configservice.PutDeliveryChannelInput{DeliveryChannel: &types.DeliveryChannel{
		Name: &c.name, S3BucketName: &c.bucket, S3KeyPrefix: optional(c.prefix), S3KmsKeyArn: optional(c.kmsKeyARN), SnsTopicARN: optional(c.topicARN),
		ConfigSnapshotDeliveryProperties: &types.ConfigSnapshotDeliveryProperties{DeliveryFrequency: c.frequency},
	}})
	return settle(err)
}

// removes are the facts that another channel has and this one is without.
func (c *channel) removes(other *channel) []string {
	var keys []string
	for i, has := range other.facts() {
		if has.text != "" && c.facts()[i].text == "" {
			keys = append(keys, has.key)
		}
	}
	return keys
}

// verifyRemoved looks for what was to go: AWS says that a put keeps what it is not given. It looks twice before it says so for good, since a
// read that follows a write may still answer with what was there before it.
func (c *channel) verifyRemoved(ctx context.Context, client Client) error {
	var kept []string
	for range 2 {
		after, err := readChannel(ctx, client)
		if err != nil {
			return err
		}
		if kept = c.removes(after); len(kept) == 0 {
			return nil
		}
	}
	return starfleet.Permanent(&KeptError{Channel: c.name, Facts: kept})
}

// optional leaves out what is empty: AWS refuses empty texts.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func putRetention(days int32) func(context.Context, Client) error {
	return func(ctx context.Context, client Client) error {
		_, err := client.PutRetentionConfiguration(ctx, &configservice.PutRetentionConfigurationInput{RetentionPeriodInDays: aws.Int32(days)})
		return settle(err)
	}
}

func (r *recorder) start(ctx context.Context, client Client) error {
	_, err := client.StartConfigurationRecorder(ctx, &configservice.StartConfigurationRecorderInput{ConfigurationRecorderName: &r.name})
	return settle(err)
}

func (r *recorder) stop(ctx context.Context, client Client) error {
	_, err := client.StopConfigurationRecorder(ctx, &configservice.StopConfigurationRecorderInput{ConfigurationRecorderName: &r.name})
	return settle(err)
}

// settle makes what AWS Config says of the template itself permanent. A bucket, key, topic or role that is missing may come yet.
func settle(err error) error {
	if err == nil {
		return nil
	}
	for _, fault := range []any{
		new(*types.InvalidConfigurationRecorderNameException), new(*types.InvalidDeliveryChannelNameException), new(*types.InvalidRecordingGroupException),
		new(*types.InvalidS3KeyPrefixException), new(*types.ValidationException), new(*types.UnmodifiableEntityException),
	} {
		if errors.As(err, fault) {
			return starfleet.Permanent(err)
		}
	}
	return err
}

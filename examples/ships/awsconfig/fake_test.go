package awsconfig_test

import (
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"

	"github.com/starfleet-go/starfleet/examples/ships/awsconfig"
)

// fakeConfig is AWS Config in one region of one account, with the refusals of the real one that matter to the ship.
type fakeConfig struct {
	keepsOptional bool             // a channel keeps what a put does not give, as AWS says of topics
	afterPut      func()           // comes after a put of the channel; nil: nothing
	staleReads    int              // how many reads after a put of the channel answer with the one before
	fails         map[string]error // by IAM action

	mu        sync.Mutex
	recorders []types.ConfigurationRecorder
	channel   *types.DeliveryChannel
	older     *types.DeliveryChannel // before the last put
	stale     int                    // reads that are still to answer with it
	retention *int32
	recording map[string]bool // by recorder
	calls     []string        // IAM actions, in order
}

func (f *fakeConfig) client(aws.Config) awsconfig.Client { return f }

// call notes a call, and fails where the test says so.
func (f *fakeConfig) call(ctx context.Context, operation string) (unlock func(), err error) {
	f.mu.Lock()
	f.calls = append(f.calls, "config:"+operation)
	if err := ctx.Err(); err != nil {
		return f.mu.Unlock, err
	}
	return f.mu.Unlock, f.fails["config:"+operation]
}

// recorder is the one that customers manage.
func (f *fakeConfig) recorder() *types.ConfigurationRecorder {
	for i := range f.recorders {
		if f.recorders[i].ServicePrincipal == nil && f.recorders[i].ConnectorArn == nil {
			return &f.recorders[i]
		}
	}
	return nil
}

func (f *fakeConfig) DescribeConfigurationRecorders(ctx context.Context, _ *configservice.DescribeConfigurationRecordersInput, _ ...func(*configservice.Options)) (*configservice.DescribeConfigurationRecordersOutput, error) {
	unlock, err := f.call(ctx, "DescribeConfigurationRecorders")
	defer unlock()
	return &configservice.DescribeConfigurationRecordersOutput{ConfigurationRecorders: slices.Clone(f.recorders)}, err
}

func (f *fakeConfig) DescribeConfigurationRecorderStatus(ctx context.Context, in *configservice.DescribeConfigurationRecorderStatusInput, _ ...func(*configservice.Options)) (*configservice.DescribeConfigurationRecorderStatusOutput, error) {
	unlock, err := f.call(ctx, "DescribeConfigurationRecorderStatus")
	defer unlock()
	out := &configservice.DescribeConfigurationRecorderStatusOutput{}
	for _, name := range in.ConfigurationRecorderNames {
		if recording, known := f.recording[name]; known {
			out.ConfigurationRecordersStatus = append(out.ConfigurationRecordersStatus, types.ConfigurationRecorderStatus{Name: &name, Recording: recording})
		}
	}
	return out, err
}

func (f *fakeConfig) DescribeDeliveryChannels(ctx context.Context, _ *configservice.DescribeDeliveryChannelsInput, _ ...func(*configservice.Options)) (*configservice.DescribeDeliveryChannelsOutput, error) {
	unlock, err := f.call(ctx, "DescribeDeliveryChannels")
	defer unlock()
	out := &configservice.DescribeDeliveryChannelsOutput{}
	channel := f.channel
	if f.stale > 0 {
		f.stale--
		channel = f.older
	}
	if channel != nil {
		out.DeliveryChannels = []types.DeliveryChannel{*channel}
	}
	return out, err
}

func (f *fakeConfig) DescribeRetentionConfigurations(ctx context.Context, _ *configservice.DescribeRetentionConfigurationsInput, _ ...func(*configservice.Options)) (*configservice.DescribeRetentionConfigurationsOutput, error) {
	unlock, err := f.call(ctx, "DescribeRetentionConfigurations")
	defer unlock()
	out := &configservice.DescribeRetentionConfigurationsOutput{}
	if f.retention != nil {
		out.RetentionConfigurations = []types.RetentionConfiguration{{Name: aws.String("default"), RetentionPeriodInDays: f.retention}}
	}
	return out, err
}

func (f *fakeConfig) PutConfigurationRecorder(ctx context.Context, in *configservice.PutConfigurationRecorderInput, _ ...func(*configservice.Options)) (*configservice.PutConfigurationRecorderOutput, error) {
	unlock, err := f.call(ctx, "PutConfigurationRecorder")
	defer unlock()
	if err != nil {
		return nil, err
	}
	r := *in.ConfigurationRecorder
	g := r.RecordingGroup
	excluded := g.ExclusionByResourceTypes != nil
	valid := map[types.RecordingStrategyType]bool{
		types.RecordingStrategyTypeAllSupportedResourceTypes: g.AllSupported && len(g.ResourceTypes) == 0 && !excluded,
		types.RecordingStrategyTypeInclusionByResourceTypes:  !g.AllSupported && len(g.ResourceTypes) > 0 && !excluded && !g.IncludeGlobalResourceTypes,
		types.RecordingStrategyTypeExclusionByResourceTypes:  !g.AllSupported && len(g.ResourceTypes) == 0 && excluded && !g.IncludeGlobalResourceTypes,
	}
	if !valid[g.RecordingStrategy.UseOnly] {
		return nil, &types.InvalidRecordingGroupException{}
	}
	if there := f.recorder(); there == nil {
		f.recorders = append(f.recorders, r)
		f.recording = map[string]bool{*r.Name: false}
	} else if *there.Name != *r.Name {
		return nil, &types.MaxNumberOfConfigurationRecordersExceededException{}
	} else {
		*there = r // a mode that is not given falls back to AWS's own default
	}
	return &configservice.PutConfigurationRecorderOutput{}, nil
}

func (f *fakeConfig) PutDeliveryChannel(ctx context.Context, in *configservice.PutDeliveryChannelInput, _ ...func(*configservice.Options)) (*configservice.PutDeliveryChannelOutput, error) {
	unlock, err := f.call(ctx, "PutDeliveryChannel")
	defer unlock()
	if err != nil {
		return nil, err
	}
	c := *in.DeliveryChannel
	switch {
	case f.recorder() == nil:
		return nil, &types.NoAvailableConfigurationRecorderException{}
	case c.S3KeyPrefix != nil && *c.S3KeyPrefix == "", c.SnsTopicARN != nil && *c.SnsTopicARN == "", c.S3KmsKeyArn != nil && *c.S3KmsKeyArn == "":
		return nil, &types.ValidationException{}
	case f.channel != nil && *f.channel.Name != *c.Name:
		return nil, &types.MaxNumberOfDeliveryChannelsExceededException{}
	}
	if f.keepsOptional && f.channel != nil && c.SnsTopicARN == nil {
		c.SnsTopicARN = f.channel.SnsTopicARN
	}
	f.older, f.channel, f.stale = f.channel, &c, f.staleReads
	if f.afterPut != nil {
		f.afterPut()
	}
	return &configservice.PutDeliveryChannelOutput{}, nil
}

func (f *fakeConfig) PutRetentionConfiguration(ctx context.Context, in *configservice.PutRetentionConfigurationInput, _ ...func(*configservice.Options)) (*configservice.PutRetentionConfigurationOutput, error) {
	unlock, err := f.call(ctx, "PutRetentionConfiguration")
	defer unlock()
	if err != nil {
		return nil, err
	}
	f.retention = in.RetentionPeriodInDays
	return &configservice.PutRetentionConfigurationOutput{}, nil
}

func (f *fakeConfig) StartConfigurationRecorder(ctx context.Context, in *configservice.StartConfigurationRecorderInput, _ ...func(*configservice.Options)) (*configservice.StartConfigurationRecorderOutput, error) {
	unlock, err := f.call(ctx, "StartConfigurationRecorder")
	defer unlock()
	if err == nil {
		err = f.set(*in.ConfigurationRecorderName, true)
	}
	return &configservice.StartConfigurationRecorderOutput{}, err
}

func (f *fakeConfig) StopConfigurationRecorder(ctx context.Context, in *configservice.StopConfigurationRecorderInput, _ ...func(*configservice.Options)) (*configservice.StopConfigurationRecorderOutput, error) {
	unlock, err := f.call(ctx, "StopConfigurationRecorder")
	defer unlock()
	if err == nil {
		err = f.set(*in.ConfigurationRecorderName, false)
	}
	return &configservice.StopConfigurationRecorderOutput{}, err
}

// set starts or stops the recorder of that very name.
func (f *fakeConfig) set(name string, recording bool) error {
	switch _, known := f.recording[name]; {
	case !known:
		return &types.NoSuchConfigurationRecorderException{Message: aws.String("no recorder " + name)}
	case recording && f.channel == nil:
		return &types.NoAvailableDeliveryChannelException{}
	}
	f.recording[name] = recording
	return nil
}

// writes are the calls that change something, since the last time that they were asked for.
func (f *fakeConfig) writes() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	reads := awsconfig.New(nil).Permissions().Read
	var writes []string
	for _, call := range f.calls {
		if !slices.Contains(reads, call) {
			writes = append(writes, call)
		}
	}
	f.calls = nil
	return writes
}

package awsconfig

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/configservice"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/alert"
)

// Name is the ship's name: that of its section in the configuration, as the Python Starfleet has it.
const Name = "AwsConfigWorkerShip"

// alertTitle is the title of what the ship tells after it changed something.
const alertTitle = Name + ": AWS Config was changed"

// Client is what the ship needs of AWS Config. Implementations are safe for concurrent use.
type Client interface {
	// DescribeConfigurationRecorders gives the recorder of the region, when there is one.
	DescribeConfigurationRecorders(ctx context.Context, in *configservice.DescribeConfigurationRecordersInput, options ...func(*configservice.Options)) (*configservice.DescribeConfigurationRecordersOutput, error)
	// DescribeConfigurationRecorderStatus says whether a recorder records.
	DescribeConfigurationRecorderStatus(ctx context.Context, in *configservice.DescribeConfigurationRecorderStatusInput, options ...func(*configservice.Options)) (*configservice.DescribeConfigurationRecorderStatusOutput, error)
	// DescribeDeliveryChannels gives the delivery channel of the region, when there is one.
	DescribeDeliveryChannels(ctx context.Context, in *configservice.DescribeDeliveryChannelsInput, options ...func(*configservice.Options)) (*configservice.DescribeDeliveryChannelsOutput, error)
	// DescribeRetentionConfigurations gives the retention of the region, when one was set.
	DescribeRetentionConfigurations(ctx context.Context, in *configservice.DescribeRetentionConfigurationsInput, options ...func(*configservice.Options)) (*configservice.DescribeRetentionConfigurationsOutput, error)
	// PutConfigurationRecorder makes or changes the recorder.
	PutConfigurationRecorder(ctx context.Context, in *configservice.PutConfigurationRecorderInput, options ...func(*configservice.Options)) (*configservice.PutConfigurationRecorderOutput, error)
	// PutDeliveryChannel makes or changes the delivery channel.
	PutDeliveryChannel(ctx context.Context, in *configservice.PutDeliveryChannelInput, options ...func(*configservice.Options)) (*configservice.PutDeliveryChannelOutput, error)
	// PutRetentionConfiguration sets the retention.
	PutRetentionConfiguration(ctx context.Context, in *configservice.PutRetentionConfigurationInput, options ...func(*configservice.Options)) (*configservice.PutRetentionConfigurationOutput, error)
	// StartConfigurationRecorder starts the recording.
	StartConfigurationRecorder(ctx context.Context, in *configservice.StartConfigurationRecorderInput, options ...func(*configservice.Options)) (*configservice.StartConfigurationRecorderOutput, error)
	// StopConfigurationRecorder ends it.
	StopConfigurationRecorder(ctx context.Context, in *configservice.StopConfigurationRecorderInput, options ...func(*configservice.Options)) (*configservice.StopConfigurationRecorderOutput, error)
}

// NewClient is the client of the AWS SDK for one account and region. It retries what AWS throttles, as the SDK does by default.
func NewClient(cfg aws.Config) Client { return configservice.NewFromConfig(cfg) }

// Ship sets AWS Config up. Make one with [New].
type Ship struct {
	newClient func(aws.Config) Client
}

var _ starfleet.ShipWithPermissions = (*Ship)(nil)

// New makes the ship. newClient gives the client of each task: [NewClient], or a fake in tests and simulations;
// nil is NewClient.
func New(newClient func(aws.Config) Client) *Ship {
	if newClient == nil {
		newClient = NewClient
	}
	return &Ship{newClient: newClient}
}

// Name is "AwsConfigWorkerShip".
func (*Ship) Name() string { return Name }

// Permissions are the IAM actions that the ship needs in each account. iam:PassRole, by which PutConfigurationRecorder is allowed to hand the
// recorder's role to AWS Config, is not among them: a list of actions says nothing of the role, and PassRole of every role is a way to
// every right in the account. The package comment has the statement to add.
func (*Ship) Permissions() starfleet.Permissions {
	return starfleet.Permissions{
		Read: []string{
			"config:DescribeConfigurationRecorders", "config:DescribeConfigurationRecorderStatus", "config:DescribeDeliveryChannels",
			"config:DescribeRetentionConfigurations",
		},
		Write: []string{
			"config:PutConfigurationRecorder", "config:PutDeliveryChannel", "config:PutRetentionConfiguration", "config:StartConfigurationRecorder",
			"config:StopConfigurationRecorder",
		},
	}
}

// Execute brings AWS Config in one region of one account to what the template says. [ErrNoIndex], a *[DuplicateOverrideError], a *[KeptError],
// an expression at fault and what AWS Config refuses in the template are permanent; all other errors are wrapped and worth another attempt,
// which goes on where this one ended.
func (s *Ship) Execute(ctx context.Context, inv *starfleet.Invocation[Payload]) error {
	chosen, err := choose(ctx, inv)
	if err != nil {
		return err
	}
	target, err := targetOf(inv)
	if err != nil {
		return err
	}
	cfg, err := inv.AWSConfig(ctx)
	if err != nil {
		return err
	}
	client := s.newClient(cfg)
	now, err := read(ctx, client)
	if err != nil {
		return err
	}
	return apply(ctx, client, inv, plan(now, desired(chosen, now, target)))
}

// apply records each step and, with commit, takes it. What was written is verified when all steps are taken. What came of them all is told once.
func apply(ctx context.Context, client Client, inv *starfleet.Invocation[Payload], steps []step) error {
	var done []string
	for _, s := range steps {
		inv.Change(s.what, s.details...)
		if !inv.Commit {
			continue
		}
		if err := s.write(ctx, client); err != nil {
			return fmt.Errorf("%s%s: %w", s.what, noting("done before", done), err)
		}
		done = append(done, s.what)
	}
	if len(done) > 0 {
		if err := verify(ctx, client, steps); err != nil {
			return err
		}
		inv.Alert(alert.Success, alertTitle, "\n- "+strings.Join(done, "\n- "))
	}
	return nil
}

// verify looks at what came of steps that were all taken.
func verify(ctx context.Context, client Client, steps []step) error {
	for i, s := range steps {
		if s.verify == nil {
			continue
		}
		if err := s.verify(ctx, client); err != nil {
			var others []string
			for _, other := range slices.Concat(steps[:i], steps[i+1:]) {
				others = append(others, other.what)
			}
			return fmt.Errorf("%s%s: %w", s.what, noting("all else is done", others), err)
		}
	}
	return nil
}

// noting is a remark on other steps, so that the error of one tells how far the task went. It is empty when there are none.
func noting(remark string, others []string) string {
	if len(others) == 0 {
		return ""
	}
	return " (" + remark + ": " + strings.Join(others, ", ") + ")"
}

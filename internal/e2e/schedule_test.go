//go:build peers

package e2e_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
)

// TestMinistackSchedule: a schedule of EventBridge invokes the Starbase, which tasks the template that is there. The bucket tells nobody of
// changes, so that nothing else can have tasked it.
func TestMinistackSchedule(t *testing.T) {
	t.Parallel()
	d := deploy(t, 3)
	_, err := d.s3.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{
		Bucket: &d.templates, NotificationConfiguration: &types.NotificationConfiguration{},
	})
	must(t, err)
	version := d.put(t, d.templates, templateKey, []byte(template))
	schedules := scheduler.NewFromConfig(awsConfig(t, d.fleet, region))
	_, err = schedules.CreateSchedule(t.Context(), &scheduler.CreateScheduleInput{
		Name: aws.String("starbase-daily"), ScheduleExpression: aws.String("at(2026-01-05T12:00:00)"),
		FlexibleTimeWindow: &schedulertypes.FlexibleTimeWindow{Mode: schedulertypes.FlexibleTimeWindowModeOff},
		Target: &schedulertypes.Target{
			Arn:     aws.String("arn:aws:lambda:" + region + ":" + d.fleet + ":function:" + d.starbase),
			RoleArn: aws.String("arn:aws:iam::" + d.fleet + ":role/starbase-scheduler"),
			Input:   aws.String(`{"name":"DAILY","scheduled_time":"` + tick + `"}`),
		},
	})
	must(t, err)
	d.checkTasks(t, d.receive(t, d.tasks.url, len(d.workloads())), `^DAILY-20260105T120000Z-[0-9a-f]{20}$`, version)
	d.drained(t, d.fanOut)
	d.noDeadLetters(t, d.fanOut)
}

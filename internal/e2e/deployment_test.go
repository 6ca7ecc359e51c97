//go:build peers

package e2e_test

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/starfleet-go/starfleet/aws/s3templates"
	"github.com/starfleet-go/starfleet/examples/ships/loggroupretention"
)

// functionTimeout in seconds. The visibility timeout of the queues is above it, as Lambda wants it.
const functionTimeout = 30

// maxConcurrency of the mappings: how many environments of a function there are.
const maxConcurrency = 2

// deployment is a fleet of one ship, deployed in an account of its own.
type deployment struct {
	organization
	s3     *s3.Client
	sqs    *sqs.Client
	lambda *lambda.Client
	logs   *cloudwatchlogs.Client

	templates, files string // buckets: templates alone, and everything else
	starbase, ship   string // functions
	fanOut, tasks    queuePair
	shipMapping      string
}

// deploy makes buckets, queues, functions and mappings. The ship does not work its queue before startShip.
func deploy(t *testing.T, maxReceives int) *deployment {
	t.Helper()
	o := newOrganization()
	cfg := awsConfig(t, o.fleet, region)
	d := &deployment{
		organization: o, s3: s3templates.NewClient(cfg, ""), sqs: sqs.NewFromConfig(cfg), lambda: lambda.NewFromConfig(cfg),
		logs: cloudwatchlogs.NewFromConfig(cfg), templates: "templates-" + o.fleet, files: "files-" + o.fleet,
		starbase: "starbase-" + o.fleet, ship: "log-group-retention-" + o.fleet,
	}
	t.Cleanup(func() { d.printLogs(t) })
	d.fanOut, d.tasks = d.createQueues(t, "starbase-fan-out", maxReceives), d.createQueues(t, "log-group-retention", maxReceives)
	d.createBuckets(t)
	configuration := d.configuration()
	d.put(t, d.files, "accountIndex.json", o.index(t))
	d.put(t, d.files, "starbase/configuration.yaml", []byte(configuration))
	d.createFunction(t, d.starbase, pack(t, starbaseMain, nil), map[string]string{
		"STARFLEET_CONFIG": "s3://" + d.files + "/starbase/",
	})
	d.createFunction(t, d.ship, pack(t, shipMain, map[string]string{"config/configuration.yaml": configuration}), map[string]string{
		"STARFLEET_CONFIG": "config",
	})
	d.createMapping(t, d.starbase, d.fanOut, true)
	d.shipMapping = d.createMapping(t, d.ship, d.tasks, false)
	d.notify(t)
	return d
}

// configuration is that of the fleet.
func (d *deployment) configuration() string {
	return fmt.Sprintf(`STARFLEET:
  DeploymentRegion: %s
  TemplateBucket: %s
  FanOutQueueUrl: %s
  LogLevel: INFO
StarfleetDefaultAccountIndex:
  IndexBucket: %s
  BucketRegion: %s
  IndexObjectPath: accountIndex.json
Fleet:
  NeverTouch:
    ByIds:
      - "%s"
  UnmatchedInclude: error
  IndexMaxAge: 24h
%s:
  Enabled: true
  TemplatePrefix: LogGroupRetention/
  InvocationQueueUrl: %s
  InvocationSources:
    - EVENTBRIDGE_TIMED_EVENT
    - S3
  EventBridgeTimedFrequency: DAILY
  WorkerRoleToAssume: starfleet-log-group-retention
`, region, d.templates, d.fanOut.url, d.files, region, d.fleet, loggroupretention.Name, d.tasks.url)
}

func (d *deployment) createBuckets(t *testing.T) {
	t.Helper()
	for _, bucket := range []string{d.templates, d.files} {
		_, err := d.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket})
		must(t, err)
	}
	_, err := d.s3.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: &d.templates, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	})
	must(t, err)
}

// notify lets the template bucket tell the fan-out queue of every change. S3 tries that out with a message of its own at once.
func (d *deployment) notify(t *testing.T) {
	t.Helper()
	_, err := d.s3.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{
		Bucket: &d.templates, NotificationConfiguration: &s3types.NotificationConfiguration{
			QueueConfigurations: []s3types.QueueConfiguration{{
				QueueArn: &d.fanOut.arn, Events: []s3types.Event{"s3:ObjectCreated:*", "s3:ObjectRemoved:*"},
			}},
		},
	})
	must(t, err)
}

// put uploads an object and returns its version.
func (d *deployment) put(t *testing.T, bucket, key string, data []byte) string {
	t.Helper()
	out, err := d.s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(data)})
	must(t, err)
	return aws.ToString(out.VersionId)
}

// createFunction deploys an artefact by way of S3, where Lambda takes more than in a call.
func (d *deployment) createFunction(t *testing.T, name string, artefact []byte, environment map[string]string) {
	t.Helper()
	d.put(t, d.files, name+".zip", artefact)
	architecture := map[string]lambdatypes.Architecture{"amd64": lambdatypes.ArchitectureX8664, "arm64": lambdatypes.ArchitectureArm64}[runtime.GOARCH]
	environment["AWS_ENDPOINT_URL"] = endpoint(t)
	_, err := d.lambda.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: &name, Runtime: lambdatypes.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
		Role: aws.String("arn:aws:iam::" + d.fleet + ":role/" + name), Architectures: []lambdatypes.Architecture{architecture},
		Timeout: aws.Int32(functionTimeout), MemorySize: aws.Int32(256),
		Code:        &lambdatypes.FunctionCode{S3Bucket: &d.files, S3Key: aws.String(name + ".zip")},
		Environment: &lambdatypes.Environment{Variables: environment},
	})
	must(t, err)
	d.settled(t, name)
}

// settled waits until a function that was created or changed is ready.
func (d *deployment) settled(t *testing.T, name string) {
	t.Helper()
	eventually(t, func() error {
		out, err := d.lambda.GetFunctionConfiguration(t.Context(), &lambda.GetFunctionConfigurationInput{FunctionName: &name})
		if err != nil {
			return err
		}
		if out.State != lambdatypes.StateActive || out.LastUpdateStatus != lambdatypes.LastUpdateStatusSuccessful {
			return fmt.Errorf("function %s is %s, its last update %s", name, out.State, out.LastUpdateStatus)
		}
		return nil
	})
}

// createMapping lets a function work a queue, with partial batch responses.
func (d *deployment) createMapping(t *testing.T, function string, from queuePair, enabled bool) string {
	t.Helper()
	out, err := d.lambda.CreateEventSourceMapping(t.Context(), &lambda.CreateEventSourceMappingInput{
		FunctionName: &function, EventSourceArn: &from.arn, BatchSize: aws.Int32(10), Enabled: &enabled,
		FunctionResponseTypes: []lambdatypes.FunctionResponseType{lambdatypes.FunctionResponseTypeReportBatchItemFailures},
		ScalingConfig:         &lambdatypes.ScalingConfig{MaximumConcurrency: aws.Int32(maxConcurrency)},
	})
	must(t, err)
	return *out.UUID
}

// startShip lets the ship work its queue.
func (d *deployment) startShip(t *testing.T) {
	t.Helper()
	_, err := d.lambda.UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{
		UUID: &d.shipMapping, Enabled: aws.Bool(true),
	})
	must(t, err)
}

// commit lets the ship write.
func (d *deployment) commit(t *testing.T) {
	t.Helper()
	_, err := d.lambda.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{
		FunctionName: &d.ship, Environment: &lambdatypes.Environment{Variables: map[string]string{
			"AWS_ENDPOINT_URL": endpoint(t), "STARFLEET_CONFIG": "config", "STARFLEET_COMMIT": "true",
		}},
	})
	must(t, err)
	d.settled(t, d.ship)
}

// invoke calls the Starbase directly, and fails the test when the function does.
func (d *deployment) invoke(t *testing.T, event string) {
	t.Helper()
	out, err := d.lambda.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &d.starbase, Payload: []byte(event)})
	must(t, err)
	if out.FunctionError != nil {
		t.Fatalf("the starbase failed on %s: %s: %s", event, *out.FunctionError, out.Payload)
	}
}

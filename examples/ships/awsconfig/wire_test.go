package awsconfig_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/examples/ships/awsconfig"
	"github.com/starfleet-go/starfleet/starfleettest"
)

// serve puts the fake behind the JSON protocol of AWS Config, and beside it the one call of STS by which the command line asks whose
// credentials it has.
func serve(t *testing.T, f *fakeConfig) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, found := strings.Cut(r.Header.Get("X-Amz-Target"), "StarlingDoveService.")
		if !found {
			w.Header().Set("Content-Type", "text/xml")
			_, _ = fmt.Fprintf(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, account)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		out, err := f.operation(r, operation)
		var refused smithy.APIError
		if errors.As(err, &refused) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"__type":%q,"message":%q}`, refused.ErrorCode(), refused.ErrorMessage())
			return
		}
		if err != nil {
			t.Errorf("%s: %v", operation, err)
		}
		_, _ = w.Write(out)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// operation reads the input into the SDK's own type, whose fields are named as on the wire but for case, and writes the output as the wire has it.
func (f *fakeConfig) operation(r *http.Request, name string) ([]byte, error) {
	switch name {
	case "DescribeConfigurationRecorders":
		return answer(r, f.DescribeConfigurationRecorders, lowerCase)
	case "DescribeConfigurationRecorderStatus":
		return answer(r, f.DescribeConfigurationRecorderStatus, lowerCase)
	case "DescribeDeliveryChannels":
		return answer(r, f.DescribeDeliveryChannels, lowerCase)
	case "DescribeRetentionConfigurations":
		return answer(r, f.DescribeRetentionConfigurations, func(key string) string { return key })
	case "PutConfigurationRecorder":
		return answer(r, f.PutConfigurationRecorder, lowerCase)
	case "PutDeliveryChannel":
		return answer(r, f.PutDeliveryChannel, lowerCase)
	case "PutRetentionConfiguration":
		return answer(r, f.PutRetentionConfiguration, lowerCase)
	case "StartConfigurationRecorder":
		return answer(r, f.StartConfigurationRecorder, lowerCase)
	case "StopConfigurationRecorder":
		return answer(r, f.StopConfigurationRecorder, lowerCase)
	}
	return nil, errors.New("no such operation")
}

func answer[In, Out, Option any](r *http.Request, call func(context.Context, *In, ...Option) (*Out, error), inner func(string) string) ([]byte, error) {
	var in In
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, err
	}
	out, err := call(r.Context(), &in)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, err
	}
	delete(tree, "ResultMetadata")
	for key, value := range tree { // the outermost keys are capitalized in every answer
		tree[key] = renamed(value, inner)
	}
	return json.Marshal(tree)
}

// renamed renames the keys of a tree and leaves out what is null.
func renamed(tree any, rename func(string) string) any {
	switch tree := tree.(type) {
	case []any:
		for i := range tree {
			tree[i] = renamed(tree[i], rename)
		}
	case map[string]any:
		named := map[string]any{}
		for key, value := range tree {
			if value != nil {
				named[rename(key)] = renamed(value, rename)
			}
		}
		return named
	}
	return tree
}

func lowerCase(key string) string {
	letters := []rune(key)
	letters[0] = unicode.ToLower(letters[0])
	return string(letters)
}

// TestNewClient drives the SDK's own client against a server on loopback, through every operation.
func TestNewClient(t *testing.T) {
	t.Parallel()
	fake := &fakeConfig{}
	url := serve(t, fake)
	o := &starfleettest.ExecuteOptions{Account: account, Region: region, Commit: true, AWSConfig: func(_ context.Context, target starfleet.Target) (aws.Config, error) {
		return aws.Config{Region: target.Region, BaseEndpoint: &url, Credentials: aws.AnonymousCredentials{}}, nil
	}}
	ship := awsconfig.New(nil)
	run := func(c awsconfig.Configuration, want ...string) {
		t.Helper()
		r := starfleettest.Execute(t, ship, awsconfig.Payload{DefaultConfiguration: c}, o)
		if diff := cmp.Diff(want, fake.writes()); diff != "" || r.Err != nil {
			t.Errorf("error %v, wrote (-want +got):\n%s", r.Err, diff)
		}
	}
	run(everything(), "config:PutConfigurationRecorder", "config:PutDeliveryChannel", "config:PutRetentionConfiguration", "config:StartConfigurationRecorder")
	run(everything())
	c := with(func(c *awsconfig.Configuration) {
		c.RecorderConfiguration.RecordingGroup = awsconfig.RecordingGroup{RecordEverythingExcept: []string{"AWS::IAM::User", "AWS::EC2::VPC"}}
		c.DeliveryChannelDetails.BucketKeyPrefix, c.DeliveryChannelDetails.SnsTopicArn = "p", "arn:aws:sns:us-east-1:111122223333:t"
		c.DeliveryChannelDetails.S3KmsKeyArn = "arn:aws:kms:us-east-1:111122223333:key/k"
	})
	run(c, "config:PutConfigurationRecorder", "config:PutDeliveryChannel")
	run(c)
	c.RecorderConfiguration.RecordingEnabled, c.RecorderConfiguration.RecordingGroup = false, only("AWS::S3::Bucket")
	run(c, "config:PutConfigurationRecorder", "config:StopConfigurationRecorder")
	run(c)

	fake.recording = map[string]bool{} // the errors of the wire have their types
	c.RecorderConfiguration.RecordingEnabled = true
	r := starfleettest.Execute(t, ship, awsconfig.Payload{DefaultConfiguration: c}, o)
	if r.Err == nil || !strings.Contains(r.Err.Error(), "NoSuchConfigurationRecorderException") {
		t.Errorf("error %v", r.Err)
	}
}

//go:build peers

package e2e_test

import (
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

const (
	region      = "us-east-1" // of everything that is deployed
	otherRegion = "eu-west-1"
)

// endpoint is where ministack listens. A test without it fails.
func endpoint(t *testing.T) string {
	t.Helper()
	const variable = "STARFLEET_TEST_MINISTACK_URL"
	url := os.Getenv(variable)
	if url == "" {
		t.Fatal(variable + " has no address of ministack: run .ci/ministack.sh")
	}
	return url
}

// awsConfig works in one account, which ministack takes from the access key.
func awsConfig(t *testing.T, account, region string) aws.Config {
	t.Helper()
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(endpoint(t)),
		Credentials: credentials.NewStaticCredentialsProvider(account, "test", ""),
	}
}

// createLogGroup makes a log group that never expires.
func createLogGroup(t *testing.T, place target, name string) {
	t.Helper()
	logs := cloudwatchlogs.NewFromConfig(awsConfig(t, place.account, place.region))
	_, err := logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name})
	must(t, err)
}

// retentions are the log groups of all places that have a retention, in days.
func retentions(t *testing.T, places []target) map[target]map[string]int32 {
	t.Helper()
	found := map[target]map[string]int32{}
	for _, place := range places {
		logs := cloudwatchlogs.NewFromConfig(awsConfig(t, place.account, place.region))
		out, err := logs.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
		must(t, err)
		for _, group := range out.LogGroups {
			if group.RetentionInDays != nil {
				keep(found, place, group)
			}
		}
	}
	return found
}

func keep(found map[target]map[string]int32, place target, group types.LogGroup) {
	if found[place] == nil {
		found[place] = map[string]int32{}
	}
	found[place][*group.LogGroupName] = *group.RetentionInDays
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

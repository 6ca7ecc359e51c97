package config_test

import (
	"testing"
)

// A fault that another package finds has the place of the key, or of the last that is there above it.
func TestFaultAtAPlace(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, leastStarfleet, leastShip.with("Deployment", "{Queue: {BatchSize: 2}}"))
	for _, test := range []struct {
		path []string
		want string
	}{
		{nil, "p: h"},
		{[]string{"MyShip"}, "starfleet.yaml:6:3: MyShip: p: h"},
		{[]string{"MyShip", "Deployment", "Queue", "BatchSize"}, "starfleet.yaml:10:35: MyShip.Deployment.Queue.BatchSize: p: h"},
		{[]string{"MyShip", "Deployment", "Queue", "TaskTime"}, "starfleet.yaml:10:23: MyShip.Deployment.Queue.TaskTime: p: h"},
		{[]string{"MyShip", "Deployment", "Fargate", "Image"}, "starfleet.yaml:10:15: MyShip.Deployment.Fargate.Image: p: h"},
		{[]string{"Fleet", "Deployment"}, "Fleet.Deployment: p: h"},
	} {
		if got := c.Fault("p", "h", test.path...).Error(); got != test.want {
			t.Errorf("%v: %s, want %s", test.path, got, test.want)
		}
	}
}

// What somebody is yet to write is found wherever it stands, but in the section of a disabled ship.
func TestPlaceholders(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, leastStarfleet.with("TemplateBucket", "starfleet-templates-DEPLOYMENT-ACCOUNT-ID"), leastIndex.with("BucketRegion", "REPLACE-ME"),
		leastShip.with("InvocationQueueUrl", "https://sqs.us-east-1.amazonaws.com/1/replace-me").with("own", "[{key: <your role>}]"),
		section{"Off", leastShip.with("Enabled", "false").with("InvocationQueueUrl", "https://sqs.us-east-1.amazonaws.com/1/replace-me").keys})
	const want = `starfleet.yaml:3:19: STARFLEET.TemplateBucket: "DEPLOYMENT-ACCOUNT-ID" is a placeholder: write the value that is meant
starfleet.yaml:7:17: StarfleetDefaultAccountIndex.BucketRegion: "REPLACE-ME" is a placeholder: write the value that is meant
starfleet.yaml:11:23: MyShip.InvocationQueueUrl: "replace-me" is a placeholder: write the value that is meant
starfleet.yaml:13:15: MyShip.own[0].key: "<your role>" is a placeholder: write the value that is meant`
	if got := c.Placeholders().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if faults := mustLoad(t, leastStarfleet, leastShip).Placeholders(); len(faults) > 0 {
		t.Errorf("a configuration without any: %v", faults)
	}
}

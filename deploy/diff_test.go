package deploy_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/deploy"
)

const before = `Resources:
  Gone: {Type: AWS::SQS::Queue}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: s3://bucket/0123
      MemorySize: 256
      Role: {Fn::GetAtt: [Role, Arn]}
      Environment: {Variables: {STARFLEET_COMMIT: "false", STARFLEET_CONFIG: config}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: own
          PolicyDocument: {Statement: [{Sid: A, Action: [s3:GetObject, s3:ListBucket], Resource: {"Fn::Sub": "arn:${AWS::Partition}:s3:::b"}}]}
`

const after = `Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: artifacts/function.zip
      MemorySize: 512
      Role: !GetAtt Role.Arn
      Environment: {Variables: {STARFLEET_COMMIT: "true", STARFLEET_CONFIG: config}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: own
          PolicyDocument: {Statement: [{Sid: A, Action: [s3:ListBucket, s3:PutObject], Resource: !Sub "arn:${AWS::Partition}:s3:::b"}]}
  New: {Type: AWS::SQS::Queue}
`

func lines(t *testing.T, deployed, rendered string) []string {
	t.Helper()
	changes, err := deploy.Diff([]byte(deployed), []byte(rendered))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range changes {
		all = append(all, c.String())
	}
	return all
}

// TestDiff: a change of commit is first and on a line of its own; the code's place, the order of lists and the form of functions are no change.
func TestDiff(t *testing.T) {
	t.Parallel()
	want := []string{
		"commit  Function: false -> true: ITS TASKS WRITE",
		"+ New (AWS::SQS::Queue)",
		"- Gone (AWS::SQS::Queue)",
		"~ Function MemorySize: 256 -> 512",
		"~ Role Policies[own].PolicyDocument.Statement[A].Action: - s3:GetObject",
		"~ Role Policies[own].PolicyDocument.Statement[A].Action: + s3:PutObject",
	}
	if diff := cmp.Diff(want, lines(t, before, after)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if got := lines(t, after, before)[0]; got != "commit  Function: true -> false: nothing writes any more" {
		t.Errorf("the way back begins with %q", got)
	}
	if got := lines(t, after, after); got != nil {
		t.Errorf("against itself: %v", got)
	}
}

// TestDiffOfCommit: a ship that comes with commit, or goes with it, and one on Fargate, are told on such a line too; one without is not.
func TestDiffOfCommit(t *testing.T) {
	t.Parallel()
	full := func(commit string) string {
		data, err := os.ReadFile("testdata/golden/full/sam/template.yaml")
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(data), `"false"`, commit)
	}
	const empty = "Resources: {}\n"
	commits := func(deployed, rendered string) []string {
		var found []string
		for _, line := range lines(t, deployed, rendered) {
			if strings.HasPrefix(line, "commit ") {
				found = append(found, line)
			}
		}
		return found
	}
	if diff := cmp.Diff([]string{"commit  HardeningShipFunction: not deployed -> true: ITS TASKS WRITE"}, commits(empty, full(`"false"`))); diff != "" {
		t.Errorf("a new fleet (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"commit  HardeningShipFunction: true -> not deployed: nothing writes any more"}, commits(full(`"false"`), empty)); diff != "" {
		t.Errorf("a fleet that goes (-want +got):\n%s", diff)
	}
	if got := strings.Join(commits(full(`"false"`), full(`"true"`)), "\n"); !strings.Contains(got, "CatalogueShipTask: false -> true: ITS TASKS WRITE") {
		t.Errorf("a service: %s", got)
	}
}

// TestDiffOfWhatIsNoTemplate: an error says which of the two.
func TestDiffOfWhatIsNoTemplate(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[", "a: b", "Resources: []", "Resources: &a {b: *a}"} {
		if _, err := deploy.Diff([]byte(text), []byte(after)); text != "Resources: &a {b: *a}" && (err == nil || !strings.Contains(err.Error(), "the deployed template")) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzDiff: no template that somebody deployed makes it panic, and none differs from itself.
func FuzzDiff(f *testing.F) {
	f.Add(before)
	f.Add(after)
	f.Add(`{"Resources":{"A":{"Type":"X","Properties":{"Fn::Sub":["a",{}]}}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		changes, err := deploy.Diff([]byte(text), []byte(text))
		if err == nil && len(changes) > 0 {
			t.Errorf("against itself: %v", changes)
		}
	})
}

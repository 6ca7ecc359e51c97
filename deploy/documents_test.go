package deploy

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet/config"
)

// documentation is docs/deploy.md.
func documentation(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// section is the part of a text between two others.
func section(t *testing.T, text, from, to string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, from)
	part, _, ends := strings.Cut(rest, to)
	if !found || !ends {
		t.Fatalf("the text has nothing from %q to %q", from, to)
	}
	return part
}

// TestDocumentedKeys: the tables of keys have a row for every key of a deployment, and no other.
func TestDocumentedKeys(t *testing.T) {
	t.Parallel()
	text := documentation(t)
	renamed := map[string]string{"Publishers": "TemplatePublishers", "Key": "KmsKey"} // Go's names of fields, where they are not those of keys
	for _, table := range []struct {
		from, to string
		fields   reflect.Type
	}{
		{"In `Fleet.Deployment`:", "In `Deployment` of", reflect.TypeFor[config.FleetDeployment]()},
		{"In `Deployment` of a ship's section:", "In `Alarms`", reflect.TypeFor[config.Deployment]()},
		{"In `Alarms`, where", "## Upgrade", reflect.TypeFor[config.Alarms]()},
	} {
		rows := map[string]bool{}
		for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(section(t, text, table.from, table.to), -1) {
			rows[row[1]] = true
		}
		for field := range table.fields.Fields() {
			name := field.Name
			if other, ok := renamed[name]; ok {
				name = other
			}
			if !rows[name] {
				t.Errorf("the table of %s has no row for %s", table.fields.Name(), name)
			}
			delete(rows, name)
		}
		for name := range rows {
			t.Errorf("the table of %s has a row for %s, which is no key", table.fields.Name(), name)
		}
	}
}

// TestDocumentedActions: every action that no adapter lists is in the table of permissions, with its reason.
func TestDocumentedActions(t *testing.T) {
	t.Parallel()
	table := section(t, documentation(t), "## What each permission is for", "## Who can do what")
	rows := 0
	for _, of := range []indirect{mappingActions, logActions, keyActions, scheduleActions, imageActions, publishActions, tagActions, identityActions} {
		found := false
		for line := range strings.Lines(table) {
			if !strings.HasPrefix(line, "| `"+of.actions[0]+"`") || !strings.Contains(line, of.reason) {
				continue
			}
			found = true
			rows++
			for _, action := range of.actions {
				if !strings.Contains(line, "`"+action+"`") {
					t.Errorf("the row of %s lacks %s", of.actions[0], action)
				}
			}
		}
		if !found {
			t.Errorf("the table has no row for %v: %s", of.actions, of.reason)
		}
	}
	if n := strings.Count(table, "\n| `"); n != rows {
		t.Errorf("the table has %d rows, and %d are known", n, rows)
	}
}

// TestSnake: names of CloudFormation as the provider of Terraform has them.
func TestSnake(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"QueueName": "queue_name", "KMSMasterKeyID": "kms_master_key_id", "SSEAlgorithm": "sse_algorithm", "S3Bucket": "s3_bucket", "KmsKeyArn": "kms_key_arn",
		"PublicAccessBlockConfiguration": "public_access_block_configuration", "Arn": "arn", "IPAddress": "ip_address",
	} {
		if got := snake(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if got := terraformKind("AWS::ApplicationAutoScaling::ScalableTarget"); got != "awscc_applicationautoscaling_scalable_target" {
		t.Errorf("got %s", got)
	}
}

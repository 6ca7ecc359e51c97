package deploy

import (
	"fmt"
	"slices"
	"strings"
)

// Format is what templates are written in.
type Format string

// The formats.
const (
	// SAM is CloudFormation with the transform of the AWS Serverless Application Model: `sam deploy` and `aws cloudformation package` upload the
	// zips beside it.
	SAM Format = "sam"
	// CloudFormation is plain: the zips are where parameters say.
	CloudFormation Format = "cloudformation"
	// Terraform is a module of the provider hashicorp/awscc, which has CloudFormation's resources under its own names.
	Terraform Format = "terraform"
)

// Formats are all formats.
func Formats() []Format { return []Format{SAM, CloudFormation, Terraform} }

// File is a file of what is rendered.
type File struct {
	// Name is its path with slashes, below the folder that is written.
	Name string
	Data []byte
}

// Render writes the fleet: the main template first, then the roles in the other accounts as a plain template, for the management account, and as a
// StackSet, where a ship has one. The same fleet gives the same bytes.
func (f *Fleet) Render(format Format) ([]File, error) {
	if !slices.Contains(Formats(), format) {
		return nil, fmt.Errorf("deploy: there is no format %q: it is one of sam, cloudformation and terraform", format)
	}
	home, members := f.home(), f.members()
	if format == Terraform {
		files := []File{{MainTemplate(format), writeModule(home)}}
		if len(members.resources) > 0 {
			set := f.stackSet(string(writeTemplate(members, CloudFormation)))
			files = append(files, File{"member-roles/main.tf", writeModule(members)}, File{"member-roles-stackset/main.tf", writeModule(set)})
		}
		return files, nil
	}
	files := []File{{MainTemplate(format), writeTemplate(home, format)}}
	if len(members.resources) > 0 {
		roles := writeTemplate(members, CloudFormation)
		files = append(files, File{"member-roles.yaml", roles}, File{"member-roles-stackset.yaml", writeTemplate(f.stackSet(string(roles)), CloudFormation)})
	}
	return files, nil
}

// MainTemplate is the name of the file that deploys the fleet.
func MainTemplate(format Format) string {
	switch format {
	case CloudFormation:
		return "cloudformation.yaml"
	case Terraform:
		return "main.tf"
	default:
		return "template.yaml"
	}
}

// The parameters by which plain CloudFormation and Terraform find the zips.
const (
	bucketParameter = "ArtifactBucket"
	prefixParameter = "ArtifactPrefix"
)

// home is what is made in the deployment's account.
func (f *Fleet) home() *stack {
	s := &stack{
		name: f.settings.Name, description: "Starfleet " + f.settings.Name + ": the Starbase, its ships, their queues, schedules, alarms and roles",
		parameters: []parameter{
			{name: bucketParameter, description: "The bucket of the functions' zips"},
			{name: prefixParameter, description: "The folder of that bucket that has the zips, with a slash in the end, such as starfleet/1.2.3/", fallback: "starfleet/"},
		},
	}
	f.addKey(s)
	f.addQueues(s)
	f.addBuckets(s)
	f.addTable(s)
	f.addRoles(s)
	f.addFunctions(s)
	f.addSchedules(s)
	f.addServices(s)
	f.addAlarms(s)
	f.addDashboard(s)
	f.addOutputs(s)
	return s
}

// addOutputs tells what operators need: where templates go and where the queues are.
func (f *Fleet) addOutputs(s *stack) {
	s.outputs = append(s.outputs,
		output{"TemplateBucketName", "Where templates are published", f.configuration.Starfleet.TemplateBucket},
		output{"QueuesBase", "STARFLEET_QUEUES of programs that use the configuration elsewhere", queuesBase})
	for _, r := range s.resources {
		if r.kind == "AWS::SQS::Queue" {
			id := strings.ReplaceAll(r.id, "Queue", "")
			s.outputs = append(s.outputs, output{id + "QueueUrl", "URL of the queue " + fmt.Sprint(r.properties["QueueName"]), ref(r.id)})
		}
	}
}

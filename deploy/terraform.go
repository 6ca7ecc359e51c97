package deploy

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// header begins every module. Resources are those of the provider awscc, which are CloudFormation's under other names; the provider aws says in
// which account and region they are: the region under that attribute since its version 6.
const header = `terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
    awscc = {
      source = "hashicorp/awscc"
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.region
  url_suffix = data.aws_partition.current.dns_suffix
}
`

// pseudo are CloudFormation's pseudo parameters.
var pseudo = map[string]string{
	"AWS::AccountId": "local.account_id", "AWS::Partition": "local.partition", "AWS::Region": "local.region", "AWS::URLSuffix": "local.url_suffix",
}

// identities are the attributes that Ref of CloudFormation gives, by kind.
var identities = map[string]string{
	"AWS::ApplicationAutoScaling::ScalableTarget": "id",
	"AWS::ApplicationAutoScaling::ScalingPolicy":  "arn",
	"AWS::ECS::Cluster":                           "cluster_name",
	"AWS::ECS::TaskDefinition":                    "task_definition_arn",
	"AWS::Lambda::Function":                       "function_name",
	"AWS::Logs::LogGroup":                         "log_group_name",
	"AWS::S3::Bucket":                             "bucket_name",
	"AWS::SQS::Queue":                             "queue_url",
}

// writeModule writes a stack as a module of Terraform.
func writeModule(s *stack) []byte {
	w := &module{stack: s}
	w.WriteString("# " + s.description + ".\n\n" + header)
	for _, p := range s.parameters {
		fields := [][2]string{{"type", "string"}, {"description", w.quote(p.description)}}
		if p.fallback != "" {
			fields = append(fields, [2]string{"default", w.quote(p.fallback)})
		}
		fmt.Fprintf(w, "\nvariable %q {\n%s", snake(p.name), assignments(fields, "  "))
		if p.pattern != "" {
			fmt.Fprintf(w, "\n  validation {\n%s  }\n", assignments([][2]string{
				{"condition", fmt.Sprintf("can(regex(%s, var.%s))", w.quote(p.pattern), snake(p.name))},
				{"error_message", w.quote("It is " + p.description + ".")},
			}, "    "))
		}
		w.WriteString("}\n")
	}
	for _, r := range s.resources {
		w.resource(r)
	}
	for _, o := range s.outputs {
		fmt.Fprintf(w, "\noutput %q {\n%s}\n", snake(o.name), assignments([][2]string{
			{"description", w.quote(o.description)}, {"value", w.value(o.value, "  ", false)},
		}, "  "))
	}
	return []byte(w.String())
}

// module is a module that is being written.
type module struct {
	strings.Builder
	stack *stack
}

func (w *module) resource(r *resource) {
	fmt.Fprintf(w, "\nresource %q %q {\n", terraformKind(r.kind), snake(r.id))
	var fields [][2]string
	for _, key := range sortedKeys(r.properties) {
		value := r.properties[key]
		if r.kind == "AWS::DynamoDB::Table" && key == "KeySchema" { // the provider takes it as JSON
			fields = append(fields, [2]string{snake(key), "jsonencode(" + w.value(value, "  ", true) + ")"})
			continue
		}
		fields = append(fields, [2]string{snake(key), w.value(value, "  ", false)})
	}
	w.WriteString(assignments(fields, "  "))
	if len(r.dependsOn) > 0 {
		var ids []string
		for _, id := range r.dependsOn {
			ids = append(ids, w.address(id))
		}
		fmt.Fprintf(w, "\n  depends_on = [%s]\n", strings.Join(ids, ", "))
	}
	if r.retain {
		w.WriteString("\n  lifecycle {\n    prevent_destroy = true\n  }\n")
	}
	w.WriteString("}\n")
}

// assignments are lines NAME = VALUE as `terraform fmt` aligns them: neighbours whose values are of one line.
func assignments(fields [][2]string, indent string) string {
	var b strings.Builder
	for begin := 0; begin < len(fields); {
		end, width := begin, 0
		for end < len(fields) && !strings.Contains(fields[end][1], "\n") {
			width = max(width, len([]rune(fields[end][0])))
			end++
		}
		for _, field := range fields[begin:end] {
			fmt.Fprintf(&b, "%s%-*s = %s\n", indent, width, field[0], field[1])
		}
		if end < len(fields) { // of several lines
			fmt.Fprintf(&b, "%s%s = %s\n", indent, fields[end][0], fields[end][1])
			end++
		}
		begin = end
	}
	return b.String()
}

// value is an expression. Keys of raw objects are AWS's own, those of others the provider's.
func (w *module) value(value any, indent string, raw bool) string {
	switch v := value.(type) {
	case string:
		return w.quote(v)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	case ref:
		return w.reference(string(v))
	case att:
		return w.address(v.id) + "." + snake(v.name)
	case sub:
		return w.interpolate(string(v))
	case artefact:
		return w.value(object{"S3Bucket": ref(bucketParameter), "S3Key": sub("${" + prefixParameter + "}" + string(v) + ".zip")}, indent, raw)
	case document:
		return "jsonencode(" + w.value(object(v), indent, true) + ")"
	case object:
		return w.object(v, indent, raw)
	case list:
		return w.list(v, indent, raw)
	}
	panic("deploy: a value that no module can have")
}

func (w *module) list(items list, indent string, raw bool) string {
	if len(items) == 0 {
		return "[]"
	}
	var b strings.Builder
	b.WriteString("[\n")
	for _, item := range items {
		b.WriteString(indent + "  " + w.value(item, indent+"  ", raw) + ",\n")
	}
	return b.String() + indent + "]"
}

// literalKeys are properties whose keys are names of somebody else's.
var literalKeys = map[string]bool{"Variables": true, "Options": true}

func (w *module) object(o object, indent string, raw bool) string {
	if len(o) == 0 {
		return "{}"
	}
	var fields [][2]string
	for _, key := range sortedKeys(o) {
		name := key
		switch {
		case !raw:
			name = snake(key)
		case !hclName.MatchString(key):
			name = strconv.Quote(key)
		}
		fields = append(fields, [2]string{name, w.value(o[key], indent+"  ", raw || literalKeys[key])})
	}
	return "{\n" + assignments(fields, indent+"  ") + indent + "}"
}

var hclName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// quote is a text. One of several lines is a list of them.
func (w *module) quote(s string) string {
	if lines := strings.Split(s, "\n"); len(lines) > 1 {
		var b strings.Builder
		b.WriteString("join(\"\\n\", [\n")
		for _, line := range lines {
			b.WriteString("    " + quoteHCL(line) + ",\n")
		}
		return b.String() + "  ])"
	}
	return quoteHCL(s)
}

// quoteHCL is a text of one line in which nothing is interpolated.
func quoteHCL(s string) string {
	return `"` + escapeHCL(s) + `"`
}

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", "$${", "%{", "%%{", "\t", `\t`, "\r", `\r`)

func escapeHCL(s string) string { return escapes.Replace(s) }

// interpolate is a sub as a template of Terraform.
func (w *module) interpolate(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	last := 0
	for _, at := range references.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(escapeHCL(s[last:at[0]]))
		b.WriteString("${" + w.reference(s[at[2]:at[3]]) + "}")
		last = at[1]
	}
	b.WriteString(escapeHCL(s[last:]) + `"`)
	return b.String()
}

// reference is what a name of CloudFormation stands for: a pseudo parameter, a parameter, a resource, or an attribute of one.
func (w *module) reference(name string) string {
	if local, ok := pseudo[name]; ok {
		return local
	}
	if id, attribute, ok := strings.Cut(name, "."); ok {
		return w.address(id) + "." + snake(attribute)
	}
	if r := w.stack.find(name); r != nil {
		return w.address(name) + "." + identities[r.kind]
	}
	return "var." + snake(name)
}

// address is a resource as expressions name it.
func (w *module) address(id string) string {
	return terraformKind(w.stack.find(id).kind) + "." + snake(id)
}

// terraformKind is the resource of the provider for one of CloudFormation.
func terraformKind(kind string) string {
	parts := strings.Split(kind, "::")
	return "awscc_" + strings.ToLower(parts[1]) + "_" + snake(parts[2])
}

// snake is a name of CloudFormation as the provider writes it: KMSMasterKeyID is kms_master_key_id.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) {
			before, next := runes[i-1], i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if !unicode.IsUpper(before) && before != '_' || unicode.IsUpper(before) && next {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

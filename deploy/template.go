package deploy

import (
	"bytes"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// writeTemplate writes a stack as CloudFormation, or with the transform of SAM.
func writeTemplate(s *stack, format Format) []byte {
	root := mapping()
	put(root, "AWSTemplateFormatVersion", text("2010-09-09"))
	if format == SAM {
		put(root, "Transform", text("AWS::Serverless-2016-10-31"))
	}
	put(root, "Description", text(s.description))
	if parameters := parametersOf(s, format); len(parameters) > 0 {
		node := mapping()
		for _, p := range parameters {
			put(node, p.name, parameterNode(p))
		}
		put(root, "Parameters", node)
	}
	resources := mapping()
	for _, r := range s.resources {
		put(resources, r.id, resourceNode(r, format))
	}
	put(root, "Resources", resources)
	if len(s.outputs) > 0 {
		outputs := mapping()
		for _, o := range s.outputs {
			node := mapping()
			put(node, "Description", text(o.description))
			put(node, "Value", valueNode(o.value))
			put(outputs, o.name, node)
		}
		put(root, "Outputs", outputs)
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(root); err != nil {
		panic("deploy: " + err.Error()) // no node of these fails
	}
	return out.Bytes()
}

// parametersOf are those of a stack in a format: SAM takes the zips beside the template.
func parametersOf(s *stack, format Format) []parameter {
	var own []parameter
	for _, p := range s.parameters {
		if format != SAM || p.name != bucketParameter && p.name != prefixParameter {
			own = append(own, p)
		}
	}
	return own
}

func parameterNode(p parameter) *yaml.Node {
	node := mapping()
	put(node, "Type", text("String"))
	put(node, "Description", text(p.description))
	if p.pattern != "" {
		put(node, "AllowedPattern", text(p.pattern))
	}
	if p.fallback != "" {
		put(node, "Default", text(p.fallback))
	}
	return node
}

func resourceNode(r *resource, format Format) *yaml.Node {
	kind, properties := r.kind, r.properties
	if format == SAM && kind == "AWS::Lambda::Function" {
		kind, properties = "AWS::Serverless::Function", serverless(properties)
	}
	node := mapping()
	put(node, "Type", text(kind))
	if len(r.dependsOn) > 0 {
		put(node, "DependsOn", valueNode(texts(r.dependsOn)))
	}
	if r.retain {
		// Not when it was made by the very update that failed: it would be in the way of the next.
		put(node, "DeletionPolicy", text("RetainExceptOnCreate"))
		put(node, "UpdateReplacePolicy", text("Retain"))
	}
	put(node, "Properties", valueNode(properties))
	return node
}

// serverless is a function in the words of SAM: where its code is beside the template, and tags as a mapping.
func serverless(properties object) object {
	own := object{}
	for key, value := range properties {
		switch key {
		case "Code":
			own["CodeUri"] = "artifacts/" + string(value.(artefact)) + ".zip"
		case "Tags":
			tags := object{}
			for _, tag := range value.(list) {
				tags[tag.(object)["Key"].(string)] = tag.(object)["Value"]
			}
			own["Tags"] = tags
		default:
			own[key] = value
		}
	}
	return own
}

// valueNode is a value of the model as YAML, with the short forms of CloudFormation's functions.
func valueNode(value any) *yaml.Node {
	switch v := value.(type) {
	case string:
		return text(v)
	case int:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(v)}
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v)}
	case ref:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!Ref", Value: string(v)}
	case att:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!GetAtt", Value: v.id + "." + v.name}
	case sub:
		if !references.MatchString(string(v)) {
			return text(string(v))
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!Sub", Value: string(v)}
	case artefact:
		return valueNode(object{"S3Bucket": ref(bucketParameter), "S3Key": sub("${" + prefixParameter + "}" + string(v) + ".zip")})
	case document:
		return valueNode(object(v))
	case object:
		node := mapping()
		for _, key := range sortedKeys(v) {
			put(node, key, valueNode(v[key]))
		}
		return node
	case list:
		node := &yaml.Node{Kind: yaml.SequenceNode}
		if len(v) == 0 {
			node.Style = yaml.FlowStyle
		}
		for _, item := range v {
			node.Content = append(node.Content, valueNode(item))
		}
		return node
	}
	panic("deploy: a value that no template can have")
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

func put(to *yaml.Node, key string, value *yaml.Node) {
	to.Content = append(to.Content, text(key), value)
}

// text is a string, quoted where it would be read as something else.
//
// CloudFormation's tools read YAML 1.1, in which OFF is false and 12:30 a number.
func text(s string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if oldScalars.MatchString(s) {
		node.Style = yaml.DoubleQuotedStyle
	}
	return node
}

// oldScalars are the texts that YAML 1.1 reads as something else and YAML 1.2 does not.
var oldScalars = regexp.MustCompile(`^(?i:y|n|yes|no|on|off)$|^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)

// Package schema reads and checks the documents of a fleet: payload templates, configuration, tasks and events.
//
// A document is read once, into a tree of [Node] values that know their line and column. [Parse] takes YAML, in which
// scalars mean what PyYAML's safe loader makes of them, and JSON; [ParseJSON] takes strict JSON alone. The tree then
// serves all that follows, so nothing is read in two ways: [Schema.Validate] checks it, [Document.Decode] fills Go
// values from it, and [Node.AppendJSON] writes it into a task.
//
// What a document may say is a JSON Schema. [Reflect] writes it from a Go type, [Compile] makes one ready for use, and
// [Modeline] is the comment by which editors find it.
//
//	raw, err := schema.Reflect(reflect.TypeFor[RetentionPayload](), "LogRetention", false)
//	compiled, err := schema.Compile(raw)
//	document, err := schema.Parse("template.yaml", text)
//	faults := compiled.Validate(document)
//
// What is wrong is a [Fault], with the place and, where there is one, the way out. All faults of a document come at
// once, as [Faults], each as file:line:column: path: problem: hint:
//
//	template.yaml:4:7: IncludeAccounts.ByIds[0]: must be a string, not the integer 012345670000: quote the account id: "012345670000"
//
// Documents come from people and from the network. None makes this package panic, and none costs more than a moment:
// size, depth, expanded aliases and the number of faults are limited.
package schema

// Package secret has values that do not print, and the port through which a program gets them.
//
// A [Value] shows as *** wherever it is printed, logged or encoded; [Value.Reveal] is the one way to its text. A [Source] has the
// fleet's secret: one JSON object whose members are its sections, as in
//
//	{"STARFLEET": {"SlackToken": "..."}, "GitHubSyncWorker": {"an-organization": "..."}}
//
// A section is decoded into a struct or a map whose leaves are Values:
//
//	var keys map[string]secret.Value
//	err := source.Section(ctx, "GitHubSyncWorker", &keys)
//
// When whom a secret is for refuses it, call [Source.Invalidate] and read the section again: if the value is another one now, try once
// more with it, otherwise give up. A [Document] is a source in memory; package aws/secrets reads AWS Secrets Manager.
package secret

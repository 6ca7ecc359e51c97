// Package alert tells people what a fleet did or could not do: the port [Alerter], priorities, and digests.
//
// A [Digest] gathers what happens in one invocation and makes few messages of it: one for each class of failure in a run, with the number
// of tasks and the first of them, instead of one a task. A [Delivery] hands the messages to an Alerter. It never fails: what cannot be told
// is logged, and the work that it was about stands. The sinks are packages of their own, alert/slackalert and alert/webhook, so that a
// program links those alone that it uses.
package alert

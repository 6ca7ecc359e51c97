// Package starbase decides which ships are tasked with which templates, and does it: the fan-out.
//
// A [Fleet] is the set of ships that can be tasked, by their code ([Register]) or by their manifests ([Fleet.AddManifest]).
// A [Starbase] is a fleet, its configuration, the templates and the account index. One handler, [Starbase.Invoke], serves every
// event, so that one Lambda function can be deployed, or two of the same program:
//
//   - A timed event, {"name": "HOURLY"}, optionally with "scheduled_time". For each ship of that frequency the templates under its
//     TemplatePrefix are listed, and one message each goes to the fan-out queue: {"worker_ship": ..., "template_prefix": ...}.
//     It comes by direct invocation, or as the body of a message.
//
//   - An SQS event with messages of the fan-out queue: fan-out messages, timed events, and S3 events, which S3, SNS or EventBridge
//     delivered. One template is fetched in the version that the event names, checked, resolved against the account index, held
//     against the guards, and one task for each target is sent to the ship's queue.
//
//   - An SQS event with messages of the continuation queue. A fan-out that does not end within one invocation stops sending 20 seconds
//     before its end (a third of the time where there is less than a minute) and hands the rest over: a record is created in the state store
//     ([Config.State]), then a message is sent to Fleet.ContinuationQueueUrl, then its own message is acknowledged. It takes
//     [MaxHops] invocations at most. Each resolves the same version of template and index again, by the configuration of that time.
//
// What is promised:
//
//   - Every resolved task is sent at least once, or the message fails with the number and the names of those that were not.
//   - The same trigger delivered again gives the same run id and the same task ids, so that repetitions can be told. Run ids come from
//     bucket, key and version of an S3 event, from name and scheduled time of a timer, and from the id of the message otherwise.
//   - A template that was deleted is not tasked, and one that was replaced is not tasked either when the ship listens to S3, so
//     that the newer version brings its own event (Fleet.OnTemplateChange).
//   - What no retry can cure (an event of unknown shape, another bucket, an unknown ship, a template at fault, a guard) is
//     dead-lettered at once with its reason. Everything else is retried.
//   - A process that is killed sends again at most what it sent since its message was handed to it, with the same task ids. A message that
//     is delivered again after its part was handed over, or the run was over, sends no task.
//   - While a ship is halted (package halt) its templates wait, and are tasked when the halt is over, however long that is.
//   - A ship whose section of the configuration is at fault is stopped, with an error in the log, and no other ship.
//
// [Prepare] is the part that resolves. The command line and simulations use it too, and get the same tasks.
package starbase

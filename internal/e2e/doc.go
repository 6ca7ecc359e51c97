// Package e2e holds the tests of the deployed whole: examples/starbase and a ship of the examples, built as bootstraps of the runtime
// provided.al2023, run as Lambda functions of ministack and driven by its S3, SQS, Lambda and EventBridge Scheduler. The tests have
// the build tag peers; .ci/ministack.sh starts ministack and runs them.
//
// What ministack 1.5.33 does not show, or shows otherwise than AWS:
//
//   - It lets every call in: roles need not exist and grant nothing, so that missing permissions are not found here.
//   - It knows accounts by the 12-digit access key of a call, and sessions of assumed roles by the account of the role. That a ship
//     worked in the account of its task is therefore seen for itself.
//   - Its scheduler looks every 10 s, and hands the input of a target over as it stands: <aws.scheduler.scheduled-time> stays as it is.
//   - The last lines that a function writes before it answers may be in its log only after its next invocation.
//   - A function that is changed ends the environments of all functions of its name, in all accounts: names are of one test alone.
//   - What a bootstrap writes when it fails at start is in the log of ministack, and not in that of the function.
//
// Tests whose names begin with TestDeploy are of what `starfleet deploy` renders; .ci/deploy.sh runs them. Of stacks ministack makes no
// AWS::ApplicationAutoScaling, no alarm that computes and no StackSet, does not expand the transform of SAM, starts no container of a service, sends
// no schedule to a queue, and holds nobody to a policy. docs/deploy.md says what stands in for each.
package e2e

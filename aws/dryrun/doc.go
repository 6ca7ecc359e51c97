// Package dryrun holds the clients of a dry run to operations that read. It is the second guard: the first is the session policy with which
// package assume asks for credentials, which AWS itself enforces.
//
//	guard, err := dryrun.New(dryrun.Config{})
//	...
//	cfg = guard.Protect(cfg)
//	_, err = sqs.NewFromConfig(cfg).PurgeQueue(ctx, input) // a *dryrun.Error, and nothing was sent
//
// # What may pass
//
// An operation passes when it is in the table of package dryrun: those that AWS gives the access level Read or List in its service
// authorization reference, as the SDK names them, with sts:AssumeRole and S3's CreateSession. The names of operations are no
// guide (logs:StartQuery and dynamodb:Scan read, sqs:ReceiveMessage hides messages), and neither are their HTTP methods. What is not in the
// table is refused: an operation that writes, one that AWS published after the table was made, one of a service without a
// reference, and those of the file exclusions.txt, which AWS calls reading though they hand out credentials, run somebody's code or
// change something. Config.Allow lets more operations pass.
//
// # What escapes it
//
// The guard is a part of the configuration that it was put into, and of the clients made of that. It does not see
//
//   - clients of another configuration: one that the ship loads itself, or whose APIOptions it replaces;
//   - requests that no client of the SDK makes: those signed by hand, tokens that are computed and not asked for (those of RDS and EKS),
//     other programs that are given the credentials, and what is not AWS at all;
//   - what reading does beside reading: it shows in CloudTrail, counts towards quotas, may cost, and marks some things as read;
//   - a parameter that makes a reading operation of a few services write a result somewhere, such as the bucket of a query's output;
//   - what happens in the account because of a read, such as an access point that runs a function for it.
//
// The session policy holds for the first two of these as long as they use the credentials of the task's role. Neither guard holds for a ship's
// own credentials elsewhere.
package dryrun

// Package command runs a program for each message of a queue: a handler for package watch.
//
//	job, err := command.New(command.Config{Args: []string{"./work.sh"}})
//	...
//	watcher, err := watch.New(watch.Config{Receiver: receiver, Handler: job.Handle})
//
// # What the program gets
//
// The environment of the process without anything by which AWS credentials are found, and of the message these variables and no others:
//
//	Subject, Message                 the two fields of a body that is JSON and has a Subject, or is a notification of SNS; otherwise
//	                                 Message is the body, and there is no Subject
//	MessageId                        the id of the message
//	SentTimestamp                    such as 2026-01-31T18:00:00.000Z
//	ApproximateFirstReceiveTimestamp likewise
//	ApproximateReceiveCount          1 at the first delivery
//	STARFLEET_ACCOUNT_ID, STARFLEET_REGION, STARFLEET_SHIP, STARFLEET_RUN_ID
//	                                 of a task of Starfleet, as far as it has them
//	STARFLEET_COMMIT                 true or false
//	STARFLEET_MESSAGE_FILE           a file with the message, where it does not fit into Message, which is not set then
//
// The message is on standard input, too, whatever its size. No shell is between, unless Config.Shell asks for one.
//
// # What its end means
//
//	exit status 0                    the message is deleted
//	3                                it is deleted, and counts as a failure
//	4                                it comes back after the back-off, and counts as no failure
//	any other, or ended by a signal  it comes back after the back-off, and counts as a failure
//
// A program that is told to end gets SIGTERM, with its whole process group, and all that is left of the group after Config.KillGrace gets SIGKILL.
// What a program leaves running that ends by itself is killed at once. A process that leaves its group, as daemons do, escapes. On Linux the
// program itself, and not what it started, is killed when this process dies; in a container all die with its first process. Where that one is
// neither this process nor an init, nobody takes note of the end of what programs leave, and a job that was told to end may take all of KillGrace.
// On Windows there are neither groups nor SIGTERM: the program alone is ended.
package command

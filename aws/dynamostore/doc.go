// Package dynamostore keeps in a DynamoDB table what several processes have to agree on: the progress of jobs (it fills progress.Store)
// and what is done once (idempotency.Store).
//
//	jobs, err := dynamostore.NewProgress(dynamostore.Config{AWS: cfg, Table: "starfleet-progress"})
//
// The table has the partition key id, a string, and no sort key; both stores may share one, and one that watchbot-progress uses may be
// taken, whose records are neither read nor touched. Set the table's TTL attribute to "expires", and what was kept long enough goes away by
// itself. On-demand capacity fits: a part is one write of at most 1 KB, its own record shared with 255 others at most.
//
// # How a job is kept
//
// A job is a tree. A leaf knows which of its parts are done, 256 at most; a branch which of its 64 leaves are full; the job's own record
// which branches are. Neighbouring parts lie in different leaves of a branch, so workers that take them in order do not
// wait for one another, and only a leaf that became full is written to its branch: of a million parts 3,922 reach a branch, and 62 the record of
// the job. Every step is a conditional write that can be taken again: when a worker dies between two of them, the
// redelivery of its part takes the rest. Leaves are made as they are needed, so a job of a million parts is created by one write.
//
// A store remembers of a job what never changes, so do not delete a job's record by hand: make another, under another name.
//
// The clocks of the processes should agree to within seconds: they decide when a job is over and a lease ended.
package dynamostore

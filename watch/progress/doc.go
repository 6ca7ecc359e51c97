// Package progress counts the parts of a job: a map-reduce in which many tasks do a part each and, when all parts are done, one thing
// more is to be done.
//
// Who divides the work says [Store.Create] with the number of parts, and each task that did its part says [Store.CompletePart]. Each part
// counts once however often its message comes, and exactly one call is told that it was the last.
//
// # What follows the last part
//
// A task that was told so may die before it acts. So act on [Completion.Complete], which a redelivery of any of the last parts is told
// too, and let the act itself be one that may be tried twice:
//
//	c, err := store.CompletePart(ctx, job, part)
//	if err != nil {
//		return err // the message comes back
//	}
//	if c.Complete {
//		_, err = progress.Reduce(ctx, store, job, send)
//	}
//	return err
//
// [Reduce] sends, and then marks the job with [Store.MarkReduced]: a job that was marked is not sent again, and of two that send at the
// same moment both do. Where that is one too many, send to a FIFO queue with the job's name as deduplication id.
package progress

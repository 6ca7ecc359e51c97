package githubsync

import (
	"context"
	"errors"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/starfleet-go/starfleet"
)

// maxFailures is after how many failed uploads the rest is left to the next attempt: by then the fault is more likely the role's or the
// service's than the files'.
const maxFailures = 10

// report is what was written, and what failed. Safe for concurrent use while a plan is carried out.
type report struct {
	mu                       sync.Mutex
	added, modified, deleted []string
	failed                   []error
}

// settle takes what became of one upload.
func (r *report) settle(list *[]string, name string, err error) {
	if err == nil {
		r.note(list, name)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = append(r.failed, err)
}

// hopeless says whether enough failed.
func (r *report) hopeless() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.failed) >= maxFailures
}

func (r *report) note(list *[]string, names ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*list = append(*list, names...)
}

// record records a plan as changes, of a task that may not write.
func (p *plan) record(inv *starfleet.Invocation[Payload], b bucket) {
	for _, f := range p.added {
		changeUpload(inv, b, f, "upload new file")
	}
	for _, f := range p.modified {
		changeUpload(inv, b, f, "upload modified file")
	}
	for _, name := range p.deleted {
		changeDelete(inv, b, name)
	}
}

func changeUpload(inv *starfleet.Invocation[Payload], b bucket, f file, what string) {
	inv.Change(what, "bucket", b.name, "key", b.prefix+f.path, "bytes", f.size)
}

func changeDelete(inv *starfleet.Invocation[Payload], b bucket, name string) {
	inv.Change("delete object", "bucket", b.name, "key", b.prefix+name)
}

// apply carries out a plan: all uploads, and then, when none of them failed, the deletions. A file that fails does not keep the others from being
// uploaded, up to ten of them. The report is of what was written, after an error too.
func (p *plan) apply(ctx context.Context, inv *starfleet.Invocation[Payload], b bucket) (*report, error) {
	r := &report{}
	var g errgroup.Group
	g.SetLimit(inFlight)
	upload := func(files []file, what string, list *[]string) {
		for _, f := range files {
			if ctx.Err() != nil || r.hopeless() {
				return
			}
			changeUpload(inv, b, f, what)
			g.Go(func() error {
				r.settle(list, f.path, b.upload(ctx, f))
				return nil
			})
		}
	}
	upload(p.added, "upload new file", &r.added)
	upload(p.modified, "upload modified file", &r.modified)
	_ = g.Wait() // the errors are in the report
	if err := errors.Join(append(r.failed, ctx.Err())...); err != nil {
		return r.sorted(), err
	}
	for batch := range slices.Chunk(p.deleted, maxDeletes) {
		for _, name := range batch {
			changeDelete(inv, b, name)
		}
		gone, err := b.delete(ctx, batch)
		r.note(&r.deleted, gone...)
		if err != nil {
			return r.sorted(), err
		}
	}
	return r.sorted(), nil
}

// upload takes one file out of the archive and puts it in the bucket.
func (b bucket) upload(ctx context.Context, f file) error {
	content, temporary, err := spool(f)
	if err != nil {
		return err
	}
	defer temporary.discard()
	return b.put(ctx, f.path, content)
}

func (r *report) sorted() *report {
	slices.Sort(r.added)
	slices.Sort(r.modified)
	slices.Sort(r.deleted)
	return r
}

func (r *report) empty() bool { return len(r.added)+len(r.modified)+len(r.deleted) == 0 }

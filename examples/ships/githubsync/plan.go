package githubsync

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"
)

// inFlight is how many requests to S3 a task has at once.
const inFlight = 8

// plan is what a bucket lacks of a repository, and has beyond it. All are in the order of their paths.
type plan struct {
	added, modified []file
	deleted         []string
	same, beyond    int // files that are the same; objects that are not in the repository and are left alone
}

// compare finds what is to be done. extra says whether an object that is not in the repository is to be deleted.
func compare(ctx context.Context, b bucket, files []file, extra func(name string) bool) (*plan, error) {
	wanted := make(map[string]bool, len(files))
	for _, f := range files {
		wanted[f.path] = true
	}
	p, there := &plan{}, map[string]object{} // of what is there, no more than is needed: a bucket may have millions of objects
	if err := b.list(ctx, func(name string, o object) {
		switch {
		case wanted[name]:
			there[name] = o
		case extra(name):
			p.deleted = append(p.deleted, name)
		default:
			p.beyond++
		}
	}); err != nil {
		return nil, err
	}
	var candidates []file // of the same size
	for _, f := range files {
		o, ok := there[f.path]
		switch {
		case !ok:
			p.added = append(p.added, f)
		case o.size != f.size:
			p.modified = append(p.modified, f)
		default:
			candidates = append(candidates, f)
		}
	}
	differ, err := b.differing(ctx, candidates, there)
	if err != nil {
		return nil, err
	}
	p.modified = append(p.modified, differ...)
	p.same = len(candidates) - len(differ)
	byPath := func(a, b file) int { return cmp.Compare(a.path, b.path) }
	slices.SortFunc(p.added, byPath)
	slices.SortFunc(p.modified, byPath)
	slices.Sort(p.deleted)
	return p, nil
}

// differing are the files whose content is not that of their objects.
func (b bucket) differing(ctx context.Context, files []file, there map[string]object) ([]file, error) {
	differs := make([]bool, len(files))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(inFlight)
	for i, f := range files {
		g.Go(func() (err error) {
			differs[i], err = b.differs(ctx, f, there[f.path].etag)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var found []file
	for i, f := range files {
		if differs[i] {
			found = append(found, f)
		}
	}
	return found, nil
}

// differs says whether a file's content is another than that of its object. An ETag that is no MD5 says nothing: the ship's own checksum does.
func (b bucket) differs(ctx context.Context, f file, etag string) (bool, error) {
	if err := context.Cause(ctx); err != nil {
		return false, err
	}
	md5Sum, sha256Sum, err := f.checksums()
	if err != nil || md5Sum == etag {
		return false, err
	}
	noted, err := b.checksum(ctx, f.path)
	return noted != sha256Sum, err
}

package s3templates

import (
	"context"
	"iter"

	"github.com/starfleet-go/starfleet/aws/internal/s3api"
)

// List yields the keys that begin with prefix, page by page, in the order of their bytes. An error is the last thing that it yields.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for key, err := range s3api.Keys(ctx, s.client, s.bucket, prefix, "") {
			if !yield(key, err) {
				return
			}
		}
	}
}

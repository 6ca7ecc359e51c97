package s3index

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/internal/s3api"
)

// retryAfterFailure is how long the last good index is used before S3, which failed, is asked again; MaxAge when that is shorter.
const retryAfterFailure = 10 * time.Second

// Source is an accountindex.Source of one object in S3. It is safe for concurrent use.
type Source struct {
	cfg    Config
	client Client

	turn  chan struct{}            // holds a value while a request is under way
	begun atomic.Uint64            // how many requests began
	last  atomic.Pointer[snapshot] // never nil; replaced by whoever has the turn

	earlier atomic.Pointer[accountindex.Index] // that of the last version asked for by name
}

var (
	_ accountindex.Source          = (*Source)(nil)
	_ accountindex.Refresher       = (*Source)(nil)
	_ accountindex.VersionedSource = (*Source)(nil)
)

// snapshot is what is known after a request. It is never changed.
type snapshot struct {
	request uint64 // the number of the request

	index *accountindex.Index // that of the last answer, nil when there is none or it was no index
	etag  string              // of the object that index, or fault, was made of
	fault error               // why that object is no index

	answered time.Time // when S3 last said what the object is
	due      time.Time // when S3 is to be asked again
	err      error     // why the request got no answer
	passing  bool      // err is of a kind that may be over soon
}

// New makes a Source. It makes no call. All faults of the Config are reported at once.
func New(cfg Config) (*Source, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	s := &Source{cfg: cfg, client: cfg.Client, turn: make(chan struct{}, 1)}
	if s.client == nil {
		s.client = s3api.NewClient(cfg.AWS, cfg.Region)
	}
	s.last.Store(&snapshot{})
	return s, nil
}

// Index returns the index, at most MaxAge old, or at most MaxStale while S3 fails.
func (s *Source) Index(ctx context.Context) (*accountindex.Index, error) {
	known := s.last.Load()
	if !s.fresh(known) {
		var err error
		if known, err = s.ask(ctx, s.fresh); err != nil {
			return nil, err
		}
	}
	if s.usable(known, s.cfg.Now()) {
		return known.index, nil
	}
	return known.answer()
}

// Refresh asks S3 at once, and fails when S3 does, whatever index is at hand.
func (s *Source) Refresh(ctx context.Context) (*accountindex.Index, error) {
	known, err := s.ask(ctx, func(*snapshot) bool { return false })
	if err != nil {
		return nil, err
	}
	return known.answer()
}

// fresh says whether there is an index that needs no asking.
func (s *Source) fresh(k *snapshot) bool {
	now := s.cfg.Now()
	return s.usable(k, now) && now.Before(k.due)
}

// usable says whether there is an index, and whether it is S3's present word or, while S3 fails, not too old.
func (s *Source) usable(k *snapshot, now time.Time) bool {
	return k.index != nil && (k.err == nil || k.passing && now.Sub(k.answered) <= s.cfg.MaxStale)
}

// answer is what the request itself brought.
func (k *snapshot) answer() (*accountindex.Index, error) {
	switch {
	case k.err != nil:
		return nil, k.err
	case k.fault != nil:
		return nil, k.fault
	}
	return k.index, nil
}

// ask makes a request, or shares one: the last one when it is enough, and always one that began after ask was called, since one that
// began before may not show what the caller knows of. The error is the context's.
func (s *Source) ask(ctx context.Context, enough func(*snapshot) bool) (*snapshot, error) {
	before := s.begun.Load()
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	known := s.last.Load()
	if known.request > before || enough(known) {
		return known, nil
	}
	next := s.fetch(ctx, *known)
	if ctx.Err() != nil && next.err != nil {
		return nil, context.Cause(ctx) // this caller's matter, not to be shared
	}
	s.last.Store(&next)
	return &next, nil
}

// fetch makes one request. What was known before goes into what is known after it.
func (s *Source) fetch(ctx context.Context, known snapshot) snapshot {
	known.request = s.begun.Add(1)
	known.err, known.passing = nil, false
	got, err := s.get(ctx, known.etag)
	now := s.cfg.Now()
	switch {
	case err != nil && passing(ctx, err):
		known.err, known.passing = err, true
		known.due = now.Add(min(s.cfg.MaxAge, retryAfterFailure))
		if known.index != nil {
			s.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "account index not asked for anew, the last one is used on",
				slog.String("object", s.name()), slog.Duration("age", now.Sub(known.answered)), slog.Duration("until", s.cfg.MaxStale), slog.Any("error", err))
		}
		return known
	case err != nil:
		return snapshot{request: known.request, err: err}
	case !got.unchanged:
		known.etag = got.etag
		known.index, known.fault = s.load(ctx, got)
	}
	known.answered, known.due = now, now.Add(s.cfg.MaxAge)
	return known
}

// load makes an index of the object's content.
func (s *Source) load(ctx context.Context, got object) (*accountindex.Index, error) {
	options := s.cfg.Load
	options.Version = got.version
	index, err := accountindex.Load(s.name(), got.data, options)
	if err != nil {
		return nil, err
	}
	s.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "account index loaded", slog.String("object", s.name()), slog.String("version", got.version),
		slog.Int("accounts", index.Len()), slog.Int("bytes", len(got.data)), slog.Time("generated", index.Generated()))
	return index, nil
}

func (s *Source) name() string { return s3api.URL(s.cfg.Bucket, s.cfg.Key) }

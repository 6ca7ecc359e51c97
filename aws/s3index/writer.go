package s3index

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/internal/s3api"
)

// WriterIAMActions are the IAM actions that a Writer uses.
var WriterIAMActions = []string{"s3:GetObject", "s3:ListBucket", "s3:PutObject"}

// writeAttempts is how often a Writer looks anew at what is in place when another wrote at the same time.
const writeAttempts = 4

// WriterClient is what a Writer needs of S3. It is safe for concurrent use.
type WriterClient interface {
	Client
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

var _ WriterClient = (*s3.Client)(nil)

// WriterConfig is what a Writer is made of.
type WriterConfig struct {
	// Bucket and Key name the object. Bucket is required. Default of Key: DefaultKey.
	Bucket, Key string
	// AWS has the credentials with which the object is read and written. Required unless Client is set.
	AWS aws.Config
	// Region is that of the bucket. Default: the region of AWS.
	Region string
	// Client stands in for S3. Default: a client of AWS in Region.
	Client WriterClient
	// AcceptShrink writes an index that lacks more than 10 % of the accounts, or of the OUs, of the one in place.
	AcceptShrink bool
	// Merge keeps the other organizations of the index in place: the file is then one of several, which a Python Starfleet refuses to load. Without
	// it an index that lacks an organization of the one in place has lost its accounts.
	Merge bool
	// Logger is told of each index written, and of one in place that was at fault. Default: none.
	Logger *slog.Logger
	// Now is the clock, for the names of indexes that are put aside. Default: time.Now.
	Now func() time.Time
}

// Writer puts an index in place of the one that is there, when it is fit to replace it. It is safe for concurrent use.
type Writer struct {
	source *Source
	client WriterClient
	accept bool
	merge  bool
	log    *slog.Logger
	now    func() time.Time
}

// NewerError says that the index in place was generated after the one that was to replace it.
type NewerError struct{ InPlace, New time.Time }

// Error says when both were generated.
func (e *NewerError) Error() string {
	return fmt.Sprintf("the account index in place is of %s, the new one of %s: a run that began later has written already",
		e.InPlace.Format(time.RFC3339), e.New.Format(time.RFC3339))
}

// NewWriter makes a Writer. It makes no call. All faults of the configuration are reported at once.
func NewWriter(cfg WriterConfig) (*Writer, error) {
	client := cfg.Client
	if region := cmp.Or(cfg.Region, cfg.AWS.Region); client == nil && region != "" {
		client = s3api.NewClient(cfg.AWS, region)
	}
	from := Config{Bucket: cfg.Bucket, Key: cfg.Key, Logger: cfg.Logger, Now: cfg.Now, Load: accountindex.LoadOptions{AnyOrganizations: true}}
	if client != nil {
		from.Client = client
	}
	source, err := New(from)
	if err != nil {
		return nil, err
	}
	return &Writer{source: source, client: client, accept: cfg.AcceptShrink, merge: cfg.Merge, log: source.cfg.Logger, now: source.cfg.Now}, nil
}

// Current returns the index that is in place. The error is that of reading it (fs.ErrNotExist when there is none), or what is at fault in it.
func (w *Writer) Current(ctx context.Context) (*accountindex.Index, error) {
	return w.source.Refresh(ctx)
}

// Write puts the index in place and returns its version.
//
// The object is written under the condition that it is still the one that was looked at, so that of two writers the later one looks again.
// An index that lacks more than 10 % of the accounts or OUs of the one in place is put aside, as the key and ".rejected-" and the time, and the
// error is a *accountindex.LossError. One that was generated before the one in place is not written: a *NewerError. An object in place that
// is no index is replaced, and the log says so; with Merge it is an error, since it may hold other organizations. After any error the one that
// was in place still is.
func (w *Writer) Write(ctx context.Context, x *accountindex.Index) (version string, err error) {
	for attempt := 1; ; attempt++ {
		file, etag, err := w.check(ctx, x)
		if err != nil {
			return "", err
		}
		version, err := w.put(ctx, w.source.cfg.Key, file, func(in *s3.PutObjectInput) {
			if in.IfMatch = aws.String(etag); etag == "" {
				in.IfMatch, in.IfNoneMatch = nil, aws.String("*")
			}
		})
		if err == nil {
			w.log.InfoContext(ctx, "account index written", "object", w.source.name(), "version", version, "accounts", x.Len(), "bytes", len(file))
			return version, nil
		}
		if !overtaken(err) || attempt == writeAttempts {
			return "", err
		}
	}
}

// overtaken says whether another wrote, or deleted, the object at the same time.
func overtaken(err error) bool {
	status := s3api.Status(err)
	return status == http.StatusPreconditionFailed || status == http.StatusConflict || s3api.Missing(err)
}

// check holds the index against the one in place, and returns the file to write and the ETag of the one that it replaces: "" when there is none.
func (w *Writer) check(ctx context.Context, x *accountindex.Index) (file []byte, etag string, err error) {
	got, err := w.source.get(ctx, "")
	if errors.Is(err, fs.ErrNotExist) {
		return x.AppendFile(nil), "", nil
	}
	if err != nil {
		return nil, "", err
	}
	current, err := accountindex.Load(w.source.name(), got.data, accountindex.LoadOptions{AnyOrganizations: true})
	if err != nil && w.merge {
		return nil, "", fmt.Errorf("the index in place is at fault, so that its other organizations cannot be kept: %w", err)
	}
	if err != nil {
		w.log.WarnContext(ctx, "the account index in place is at fault and will be replaced", "object", w.source.name(), "version", got.version, "error", err)
		return x.AppendFile(nil), got.etag, nil
	}
	for _, organization := range x.Organizations() {
		if was, is := current.GeneratedOf(organization), x.GeneratedOf(organization); was.After(is) {
			return nil, "", &NewerError{InPlace: was, New: is}
		}
	}
	if w.merge {
		if x, err = accountindex.Merge(current, x); err != nil {
			return nil, "", err
		}
	}
	file = x.AppendFile(nil)
	if err := accountindex.CheckLoss(current, x); err != nil && !w.accept {
		return nil, "", w.putAside(ctx, file, err)
	}
	return file, got.etag, nil
}

// putAside keeps a rejected index for people to look at.
func (w *Writer) putAside(ctx context.Context, file []byte, why error) error {
	key := w.source.cfg.Key + ".rejected-" + w.now().UTC().Format("20060102T150405Z")
	if _, err := w.put(ctx, key, file, func(*s3.PutObjectInput) {}); err != nil {
		return fmt.Errorf("%w (and it could not be put aside: %w)", why, err)
	}
	if loss, ok := errors.AsType[*accountindex.LossError](why); ok {
		loss.KeptAs = s3api.URL(w.source.cfg.Bucket, key)
	}
	return why
}

// put writes an object and returns its version, or its ETag where the bucket has no versions.
func (w *Writer) put(ctx context.Context, key string, file []byte, condition func(*s3.PutObjectInput)) (version string, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	in := &s3.PutObjectInput{
		Bucket: aws.String(w.source.cfg.Bucket), Key: aws.String(key), Body: bytes.NewReader(file),
		ContentLength: aws.Int64(int64(len(file))), ContentType: aws.String("application/json"),
	}
	condition(in)
	out, err := w.client.PutObject(ctx, in)
	if err != nil {
		return "", s3api.ExplainCall(w.source.cfg.Bucket, key, "allow s3:PutObject on the object and its .rejected-* neighbours, and its KMS key if it has one", err)
	}
	object := object{etag: aws.ToString(out.ETag), version: aws.ToString(out.VersionId)}
	return object.versionOrETag(), nil
}

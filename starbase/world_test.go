package starbase_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
)

const (
	bucket    = "templates"
	queueRoot = "https://sqs.us-east-1.amazonaws.com/000000000020/"
	fanOutURL = queueRoot + "fan-out"
)

// noon is when the tests take place.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

type (
	singlePayload struct {
		starfleet.SinglePayload
		starfleet.OpenPayload
	}
	accountPayload struct{ starfleet.AccountPayload }
	regionPayload  struct {
		starfleet.AccountRegionPayload
		RetentionDays int `json:"RetentionDays,omitempty" jsonschema:"maximum=3653"`
	}
)

// Validate is a check that no schema can say.
func (p regionPayload) Validate() error {
	if p.RetentionDays == 13 {
		return errors.New("RetentionDays: CloudWatch Logs does not know 13 days")
	}
	return nil
}

func ship[P starfleet.Payload](name string) starfleet.Ship[P] {
	return starfleet.ShipFunc(name, func(context.Context, *starfleet.Invocation[P]) error { return errors.New("not here") })
}

// standardFleet is what fleetOf registers without further names. No Starbase changes it.
var standardFleet = sync.OnceValues(func() (*starbase.Fleet, error) { return registerAll() })

// fleetOf registers one ship of each strategy: Single, Account and Region, and those of further names, which work by account.
func fleetOf(t testing.TB, accountShips ...string) *starbase.Fleet {
	t.Helper()
	register := standardFleet
	if len(accountShips) > 0 {
		register = func() (*starbase.Fleet, error) { return registerAll(accountShips...) }
	}
	fleet, err := register()
	if err != nil {
		t.Fatal(err)
	}
	return fleet
}

func registerAll(accountShips ...string) (*starbase.Fleet, error) {
	fleet := starbase.NewFleet()
	errs := []error{
		starbase.Register(fleet, ship[singlePayload]("Single")),
		starbase.Register(fleet, ship[accountPayload]("Account")),
		starbase.Register(fleet, ship[regionPayload]("Region")),
	}
	for _, name := range accountShips {
		errs = append(errs, starbase.Register(fleet, ship[accountPayload](name)))
	}
	return fleet, errors.Join(errs...)
}

// section is the configuration of a ship, with a queue of its own.
func section(name, prefix string, sources string, more ...string) string {
	return fmt.Sprintf("%s:\n  Enabled: true\n  TemplatePrefix: %q\n  InvocationQueueUrl: %s%s\n  InvocationSources: [%s]\n",
		name, prefix, queueRoot, name, sources) + strings.Join(indent(more), "")
}

func indent(lines []string) []string {
	indented := make([]string, len(lines))
	for i, line := range lines {
		indented[i] = "  " + strings.ReplaceAll(line, "\n", "\n  ") + "\n"
	}
	return indented
}

const hourly = "EventBridgeTimedFrequency: HOURLY"

// standard is a section for each of the three ships.
var standard = section("Single", "Single/", "S3, EVENTBRIDGE_TIMED_EVENT", hourly) +
	section("Account", "Account/", "S3, EVENTBRIDGE_TIMED_EVENT", hourly) +
	section("Region", "Region/", "S3, EVENTBRIDGE_TIMED_EVENT", hourly)

func configuration(t testing.TB, sections string, starfleetKeys ...string) *config.Configuration {
	t.Helper()
	text := "STARFLEET:\n  DeploymentRegion: us-east-1\n  TemplateBucket: " + bucket + "\n  FanOutQueueUrl: " + fanOutURL + "\n" +
		strings.Join(indent(starfleetKeys), "") + sections
	c, err := config.Load(fstest.MapFS{"starfleet.yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatalf("configuration: %v\n%s", err, text)
	}
	return c
}

var allRegions = []string{"ap-southeast-2", "eu-central-1", "eu-west-1", "us-east-1", "us-east-2", "us-west-2"}

// index20 is an organization of 20 accounts, "Account 1" to "Account 20", of which the last is the management account.
func index20(t testing.TB) *accountindex.Index { return indexFrom(t, noon.Add(-time.Hour)) }

func indexFrom(t testing.TB, generated time.Time) *accountindex.Index {
	t.Helper()
	var accounts []accountindex.Account
	for i := 1; i <= 20; i++ {
		id := fmt.Sprintf("%012d", i)
		parents := []accountindex.Parent{{ID: "r-123456", Name: "ROOT", Type: accountindex.TypeRoot}}
		if i < 20 {
			parents = append([]accountindex.Parent{{ID: "ou-1234-5678910", Name: "SomeOU", Type: accountindex.TypeOrgUnit}}, parents...)
		}
		accounts = append(accounts, accountindex.Account{
			ID: id, Name: fmt.Sprintf("Account %d", i), State: accountindex.Active,
			ARN:     "arn:aws:organizations::000000000020:account/o-abcdefghi/" + id,
			Parents: parents, Regions: allRegions, Tags: map[string]string{"Number": fmt.Sprint(i % 3)},
		})
	}
	x, err := accountindex.New(accounts, nil, generated, accountindex.LoadOptions{Version: "index-1"})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// brokenIndex is a source that has no index, and counts how often it was asked.
type brokenIndex struct {
	mu    sync.Mutex
	asked int
}

func (b *brokenIndex) Index(context.Context) (*accountindex.Index, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	return nil, errors.New("no index was written yet")
}

// store is a versioned template store in memory. Each hook is called before the method of its name.
type store struct {
	mu       sync.Mutex
	versions map[string][]starbase.TemplateFile // nil data: deleted
	number   int
	listErr  map[string]error // by prefix
	readErr  error
	beforeCurrent,
	beforeRead func()
	lists, reads []string
}

func newStore() *store {
	return &store{versions: map[string][]starbase.TemplateFile{}, listErr: map[string]error{}}
}

func (s *store) put(key, data string) (version string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number++
	version = fmt.Sprintf("v%d", s.number)
	s.versions[key] = append(s.versions[key], starbase.TemplateFile{Key: key, Version: version, Data: []byte(data)})
	return version
}

func (s *store) remove(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.versions[key] = append(s.versions[key], starbase.TemplateFile{Key: key})
}

func (s *store) current(key string) (starbase.TemplateFile, error) {
	versions := s.versions[key]
	if len(versions) == 0 || versions[len(versions)-1].Data == nil {
		return starbase.TemplateFile{}, fmt.Errorf("%s: %w", key, starbase.ErrNotFound)
	}
	return versions[len(versions)-1], nil
}

func (s *store) List(_ context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		s.mu.Lock()
		s.lists = append(s.lists, prefix)
		keys, err := slices.Sorted(maps.Keys(s.versions)), s.listErr[prefix]
		s.mu.Unlock()
		for _, key := range keys {
			if strings.HasPrefix(key, prefix) && !yield(key, nil) {
				return
			}
		}
		if err != nil {
			yield("", err)
		}
	}
}

func (s *store) Read(_ context.Context, key, version string) (starbase.TemplateFile, error) {
	if s.beforeRead != nil {
		s.beforeRead()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads = append(s.reads, key+"@"+version)
	if s.readErr != nil {
		return starbase.TemplateFile{}, s.readErr
	}
	if version == "" {
		return s.current(key)
	}
	for _, v := range s.versions[key] {
		if v.Version == version && v.Data != nil {
			return v, nil
		}
	}
	return starbase.TemplateFile{}, fmt.Errorf("%s version %s: %w", key, version, starbase.ErrNotFound)
}

func (s *store) Current(_ context.Context, key string) (string, error) {
	if s.beforeCurrent != nil {
		s.beforeCurrent()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	file, err := s.current(key)
	return file.Version, err
}

// recorder is a queue that keeps the sizes of its batches and fails as it is told.
type recorder struct {
	*queue.Memory
	mu      sync.Mutex
	batches []int
	fail    func(call int, batch []queue.Outgoing) ([]queue.Failure, error) // nil, or nil and nil: accept
}

func (r *recorder) SendBatch(ctx context.Context, batch []queue.Outgoing) ([]queue.Failure, error) {
	r.mu.Lock()
	r.batches = append(r.batches, len(batch))
	call, fail := len(r.batches), r.fail
	r.mu.Unlock()
	if fail == nil {
		return r.Memory.SendBatch(ctx, batch)
	}
	failures, err := fail(call, batch)
	if err != nil {
		return nil, err
	}
	var accepted []queue.Outgoing
	for i, o := range batch {
		if !slices.ContainsFunc(failures, func(f queue.Failure) bool { return f.Index == i }) {
			accepted = append(accepted, o)
		}
	}
	if len(accepted) > 0 {
		if _, err := r.Memory.SendBatch(ctx, accepted); err != nil {
			return nil, err
		}
	}
	return failures, nil
}

// world is a Starbase with all that it works on.
type world struct {
	t         testing.TB
	templates *store
	index     accountindex.Source
	base      *starbase.Starbase
	fanOut    *recorder
	dead      *queue.Memory
	logs      *bytes.Buffer
	mu        sync.Mutex
	queues    map[string]*recorder
	reports   []starbase.RunReport
	now       time.Time
}

type setup struct {
	fleet         *starbase.Fleet
	configuration *config.Configuration
	index         accountindex.Source
}

// newWorld is a world of the given ships and configuration; the zero value is the standard one, with the index of 20 accounts.
func newWorld(t testing.TB, o setup) *world {
	t.Helper()
	if o.fleet == nil {
		o.fleet = fleetOf(t)
	}
	if o.configuration == nil {
		o.configuration = configuration(t, standard)
	}
	if o.index == nil {
		o.index = accountindex.Static{X: index20(t)}
	}
	w := &world{t: t, templates: newStore(), index: o.index, logs: &bytes.Buffer{}, queues: map[string]*recorder{}, now: noon}
	w.dead = memory(t, queue.MemoryConfig{Name: "dead"})
	w.fanOut = &recorder{Memory: memory(t, queue.MemoryConfig{Name: "fan-out", MaxReceives: 4, DeadLetters: w.dead})}
	w.queues[fanOutURL] = w.fanOut
	base, err := starbase.New(starbase.Config{
		Fleet: o.fleet, Configuration: o.configuration, Templates: w.templates, Index: o.index, OpenQueue: w.open, Settler: w.fanOut.Memory,
		Logger:   slog.New(slog.NewJSONHandler(&lockedWriter{to: w.logs, mu: &w.mu}, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now:      func() time.Time { return w.now },
		Observer: func(_ context.Context, r starbase.RunReport) { w.reports = append(w.reports, r) },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.base = base
	return w
}

type lockedWriter struct {
	to *bytes.Buffer
	mu *sync.Mutex
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(p)
}

func memory(t testing.TB, c queue.MemoryConfig) *queue.Memory {
	t.Helper()
	m, err := queue.NewMemory(c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (w *world) open(_ context.Context, url string) (queue.Sender, error) {
	return w.queue(strings.TrimPrefix(url, queueRoot)), nil
}

// queue is that of a ship.
func (w *world) queue(name string) *recorder {
	w.mu.Lock()
	defer w.mu.Unlock()
	url := queueRoot + name
	if w.queues[url] == nil {
		w.queues[url] = &recorder{Memory: memory(w.t, queue.MemoryConfig{Name: name})}
	}
	return w.queues[url]
}

// sent is the number of messages on all queues.
func (w *world) sent() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, q := range w.queues {
		n += q.Len()
	}
	return n
}

// message is a delivery of a body from the fan-out queue.
func (w *world) message(body string) queue.Message {
	return queue.Message{ID: "11111111-2222-3333-4444-555555555555", Body: body, ReceiveCount: 1, SourceARN: w.fanOut.ARN()}
}

// handle hands one body to the Starbase.
func (w *world) handle(body string) error {
	return w.base.Handle(context.Background(), w.message(body))
}

// must fails the test for an error.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("unexpected error: %v\nlog:\n%s", err, w.log())
	}
}

func (w *world) log() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.logs.String()
}

// logged fails the test unless a line of the level has all the texts.
func (w *world) logged(level slog.Level, texts ...string) {
	w.t.Helper()
	for line := range strings.Lines(w.log()) {
		has := strings.Contains(line, `"level":"`+level.String()+`"`)
		for _, text := range texts {
			has = has && strings.Contains(line, text)
		}
		if has {
			return
		}
	}
	w.t.Errorf("no line at %s has %q:\n%s", level, texts, w.log())
}

// wantDisposition fails the test unless the error means that for its message.
func wantDisposition(t testing.TB, err error, want queue.Action) {
	t.Helper()
	if got := queue.DispositionOf(err).Action; got != want {
		t.Fatalf("the message is to be ended by %s, want %s (error: %v)", got, want, err)
	}
}

func asError[T error](err error, into *T) bool { return errors.As(err, into) }

func writeFile(name string, data []byte) error { return os.WriteFile(name, data, 0o600) }

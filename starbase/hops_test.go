package starbase_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
	"github.com/starfleet-go/starfleet/state"
)

const (
	continuationURL = queueRoot + "continuations"
	voyageKey       = "Region/x.yaml"
	invocation      = 5 * time.Second        // what a function has
	latency         = 300 * time.Millisecond // of a call to the ship's queue
)

var errKilled = errors.New("the process is dead")

// life is one process: from the moment that it is killed, nothing that it does has any effect.
type life struct {
	mu     sync.Mutex
	killed bool
	ops    int
	// killAt is the operation at which it dies, counted from 1, and after whether that still has its effect; or strike decides by name.
	killAt int
	after  bool
	strike func(name string) (before, after bool)
	end    context.CancelFunc
}

// do does an operation, unless the process is dead.
func (l *life) do(name string, operation func() error) error {
	l.mu.Lock()
	l.ops++
	before, after := l.ops == l.killAt && !l.after, l.ops == l.killAt && l.after
	if l.strike != nil {
		before, after = l.strike(name)
	}
	if before {
		l.kill()
	}
	dead := l.killed
	l.mu.Unlock()
	if dead {
		return errKilled
	}
	err := operation()
	if after {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.kill()
	}
	if err == nil && after {
		return errKilled // the answer is lost
	}
	return err
}

func (l *life) kill() {
	l.killed = true
	l.end()
}

func (l *life) dead() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.killed
}

// mortalStore is the state store as a life sees it.
type mortalStore struct {
	*life
	state.Store
}

func (s mortalStore) Get(ctx context.Context, key string) (entry state.Entry, err error) {
	err = s.do("get "+key, func() (err error) { entry, err = s.Store.Get(ctx, key); return err })
	return entry, err
}

func (s mortalStore) Create(ctx context.Context, key string, data []byte) (version string, err error) {
	err = s.do("create "+key, func() (err error) { version, err = s.Store.Create(ctx, key, data); return err })
	return version, err
}

func (s mortalStore) Put(ctx context.Context, key string, data []byte) (version string, err error) {
	err = s.do("put "+key, func() (err error) { version, err = s.Store.Put(ctx, key, data); return err })
	return version, err
}

func (s mortalStore) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := s.do("list "+prefix, func() error { return nil }); err != nil {
			yield("", err)
			return
		}
		s.Store.List(ctx, prefix)(yield)
	}
}

// mortalQueue is a queue as a life sees it. Calls to the ship's take time.
type mortalQueue struct {
	*life
	v    *voyage
	url  string
	to   *queue.Memory
	slow bool
}

func (q mortalQueue) Limits(context.Context) (queue.Limits, error) {
	limits := queue.Limits{MessageBytes: queue.DefaultMessageBytes}
	if q.slow {
		limits.BatchEntries = 1
	}
	return limits, nil
}

func (q mortalQueue) SendBatch(ctx context.Context, batch []queue.Outgoing) (failures []queue.Failure, err error) {
	if q.v.gone[q.url] {
		return nil, fmt.Errorf("no such queue: %w", queue.ErrPermanent)
	}
	name := "send to " + strings.TrimPrefix(q.url, queueRoot)
	if !q.slow {
		err = q.do(name, func() (err error) { failures, err = q.to.SendBatch(ctx, batch); return err })
		return failures, err
	}
	select {
	case <-time.After(latency):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	err = q.do(name, func() error { q.v.receive(batch); return nil })
	return nil, err
}

// voyage is a fleet whose store and queues outlive its processes.
type voyage struct {
	t             testing.TB
	configuration *config.Configuration
	templates     *store
	index         accountindex.Source
	state         *state.Memory
	fanOut, more  *queue.Memory
	dead          *queue.Memory
	gone          map[string]bool // queues that are not there
	logs          *lockedLogs
	reports       []starbase.RunReport

	mu     sync.Mutex
	sent   map[string]int             // how often, by target
	ids    map[string]map[string]bool // by target
	wrong  []string
	lives  int
	deaths int
}

type lockedLogs struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLogs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

const voyageFleet = "Fleet:\n  StateBucket: state\n  ContinuationQueueUrl: " + continuationURL + "\n"

// indexOf is an organization of n accounts in six regions each.
func indexOf(t testing.TB, n int, version string) *accountindex.Index {
	t.Helper()
	var accounts []accountindex.Account
	for i := range n {
		id := fmt.Sprintf("%012d", i+1)
		accounts = append(accounts, accountindex.Account{
			ID: id, Name: "Account " + id, State: accountindex.Active, ARN: "arn:aws:organizations::999999999999:account/o-abcdefghi/" + id,
			Parents: []accountindex.Parent{{ID: "r-123456", Name: "ROOT", Type: accountindex.TypeRoot}}, Regions: allRegions, Tags: map[string]string{},
		})
	}
	x, err := accountindex.New(accounts, nil, noon, accountindex.LoadOptions{Version: version})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// newVoyage is a fleet with a template for the ship Region, which works in six regions of n accounts. One invocation sends 312 tasks.
func newVoyage(t testing.TB, n int, fleetKeys ...string) *voyage {
	t.Helper()
	v := &voyage{
		t: t, templates: newStore(), index: accountindex.Static{X: indexOf(t, n, "index-1")}, state: &state.Memory{}, gone: map[string]bool{},
		logs: &lockedLogs{}, sent: map[string]int{}, ids: map[string]map[string]bool{},
		configuration: configuration(t, section("Region", "Region/", "S3", "MaxTargets: 100000")+voyageFleet+strings.Join(indent(fleetKeys), "")),
	}
	v.dead = memory(t, queue.MemoryConfig{Name: "dead"})
	v.fanOut = memory(t, queue.MemoryConfig{Name: "fan-out", MaxReceives: 200, DeadLetters: v.dead, Visibility: 30 * time.Second})
	v.more = memory(t, queue.MemoryConfig{Name: "continuations", MaxReceives: 200, DeadLetters: v.dead, Visibility: 30 * time.Second})
	version := v.templates.put(voyageKey, regionTemplate("t", everyone, "ALL"))
	v.deliver(s3Body("ObjectCreated:Put", voyageKey, version))
	return v
}

// deliver puts a message on the fan-out queue.
func (v *voyage) deliver(body string) {
	v.t.Helper()
	if _, err := v.fanOut.SendBatch(context.Background(), []queue.Outgoing{{ID: "0", Body: []byte(body)}}); err != nil {
		v.t.Fatal(err)
	}
}

// receive is the ship's queue.
func (v *voyage) receive(batch []queue.Outgoing) {
	last, err := v.lastCheckpoint()
	v.mu.Lock()
	defer v.mu.Unlock()
	if err != nil {
		v.wrong = append(v.wrong, err.Error())
	}
	for _, o := range batch {
		var body struct{ StarbaseAssignedAccount, StarbaseAssignedRegion string }
		if err := json.Unmarshal(o.Body, &body); err != nil {
			v.wrong = append(v.wrong, err.Error())
		}
		target := body.StarbaseAssignedAccount + " " + body.StarbaseAssignedRegion
		v.sent[target]++
		if v.ids[target] == nil {
			v.ids[target] = map[string]bool{}
		}
		for _, a := range o.Attributes {
			if a.Name == starfleet.AttributeTaskID {
				v.ids[target][a.Value] = true
			}
		}
		if last != nil && target <= last.After && !slices.Contains(last.Missing, target) {
			v.wrong = append(v.wrong, target+" lies before a checkpoint and was sent again")
		}
	}
}

// checkpoint is the cursor of a continuation.
type checkpoint struct {
	After   string
	Missing []string
}

// lastCheckpoint is that of the last hop that was handed over.
func (v *voyage) lastCheckpoint() (*checkpoint, error) {
	var last *checkpoint
	for key, err := range v.state.List(context.Background(), "runs/") {
		if err != nil {
			return nil, err
		}
		entry, err := v.state.Get(context.Background(), key)
		if err != nil || !strings.Contains(string(entry.Data), "starfleet_continuation") {
			continue
		}
		var record struct {
			Message struct {
				Cursor struct {
					After   string
					Missing []string
				}
			}
		}
		if err := json.Unmarshal(entry.Data, &record); err != nil {
			return nil, err
		}
		last = &checkpoint{record.Message.Cursor.After, record.Message.Cursor.Missing}
	}
	return last, nil
}

// live lets a process work one message off, if there is one, and says whether there was. A message of a process that died comes back when its visibility
// timeout ends.
func (v *voyage) live(prepare func(*life)) bool {
	v.t.Helper()
	from := v.fanOut
	message := v.next(from)
	if message == nil {
		from = v.more
		message = v.next(from)
	}
	if message == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), invocation)
	defer cancel()
	l := &life{end: cancel}
	if prepare != nil {
		prepare(l)
	}
	v.lives++
	err := v.starbase(l).Handle(ctx, *message)
	if l.dead() {
		v.deaths++
		return true
	}
	done, outcome := queue.Settle(context.Background(), from, *message, err, queue.SettleOptions{})
	if outcome.Err != nil {
		v.t.Fatal(outcome.Err)
	}
	if done {
		if lost := l.do("acknowledge", func() error { return from.Delete(context.Background(), *message) }); lost != nil {
			v.deaths++
		}
	}
	return true
}

func (v *voyage) next(from *queue.Memory) *queue.Message {
	messages, err := from.Receive(context.Background(), queue.ReceiveOptions{})
	if err != nil {
		v.t.Fatal(err)
	}
	if len(messages) == 0 {
		return nil
	}
	return &messages[0]
}

func (v *voyage) starbase(l *life) *starbase.Starbase {
	v.t.Helper()
	base, err := starbase.New(starbase.Config{
		Fleet: fleetOf(v.t), Configuration: v.configuration, Templates: v.templates, Index: v.index, State: mortalStore{l, v.state},
		OpenQueue: func(_ context.Context, url string) (queue.Sender, error) {
			q := mortalQueue{life: l, v: v, url: url, to: v.more, slow: url == queueRoot+"Region"}
			if url == fanOutURL {
				q.to = v.fanOut
			}
			return q, nil
		},
		Logger:   slog.New(slog.NewJSONHandler(v.logs, nil)),
		Observer: func(_ context.Context, r starbase.RunReport) { v.reports = append(v.reports, r) },
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return base
}

// sail works off what there is until nothing is left, and waits where messages are hidden.
func (v *voyage) sail(prepare func(*life)) {
	v.t.Helper()
	for range 2000 {
		if v.live(prepare) {
			continue
		}
		if v.fanOut.Len()+v.more.Len() == 0 {
			return
		}
		time.Sleep(time.Second) // of the bubble
	}
	v.t.Fatal("the voyage does not end")
}

// arrived fails the test unless each of n targets was tasked, with one id each, and nothing before a checkpoint was sent again.
func (v *voyage) arrived(n int) {
	v.t.Helper()
	if len(v.sent) != n {
		v.t.Errorf("%d targets were tasked, want %d\n%s", len(v.sent), n, v.logs.text.String())
	}
	for target, ids := range v.ids {
		if len(ids) != 1 {
			v.t.Errorf("%s was tasked with %d ids", target, len(ids))
		}
	}
	for i, w := range v.wrong {
		if i == 5 {
			v.t.Errorf("and %d more", len(v.wrong)-i)
			break
		}
		v.t.Error(w)
	}
	if v.dead.Len() != 0 {
		v.t.Errorf("%d dead letters: %+v", v.dead.Len(), v.dead.All())
	}
}

// repeated is how many tasks were sent more than once.
func (v *voyage) repeated() int {
	n := 0
	for _, times := range v.sent {
		n += times - 1
	}
	return n
}

func (v *voyage) summary() starbase.RunSummary {
	v.t.Helper()
	runs, err := starbase.ListRuns(context.Background(), v.state)
	if err != nil || len(runs) != 1 {
		v.t.Fatalf("%d runs, error %v", len(runs), err)
	}
	return runs[0]
}

func staticIndex(t testing.TB, n int, version string) accountindex.Source {
	t.Helper()
	return accountindex.Static{X: indexOf(t, n, version)}
}

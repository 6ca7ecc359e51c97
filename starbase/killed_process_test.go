package starbase_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
	"github.com/starfleet-go/starfleet/state"
)

// childVariable names the address of the parent to a child process, invocationVariable how long its invocation is.
const (
	childVariable      = "STARFLEET_TEST_PARENT"
	invocationVariable = "STARFLEET_TEST_INVOCATION"
)

const (
	killedAccounts   = 150
	killedInvocation = 600 * time.Millisecond // at first: it is doubled when it was too short to send anything in
	childFailed      = 3                      // exit status of a child whose message is to be delivered again
)

// TestProcessKilledFiftyTimes: a Starbase in a process of its own is killed by SIGKILL at a random moment, fifty times (processKills), and started again from
// the queue. Store and queues are behind HTTP.
func TestProcessKilledFiftyTimes(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes 50 processes")
	}
	kills, invocation := 0, killedInvocation
	for seed := uint64(1); kills < processKills; seed++ {
		random := rand.New(rand.NewPCG(seed, 11))
		v := newVoyage(t, killedAccounts)
		for v.fanOut.Len()+v.more.Len() > 0 {
			from, message := v.fanOut, v.next(v.fanOut)
			if message == nil {
				from, message = v.more, v.next(v.more)
			}
			if message == nil {
				t.Fatal("the message is hidden")
			}
			after := time.Duration(0)
			if kills+v.deaths < processKills && random.IntN(6) > 0 {
				after = time.Duration(1+random.IntN(350)) * time.Millisecond
			}
			var err error
			done, killed := v.runChild(*message, invocation, after)
			switch {
			case done:
				err = from.Delete(t.Context(), *message)
			case killed:
				v.deaths++
				err = from.ChangeVisibility(t.Context(), *message, 0)
			default: // too short on a machine this busy
				invocation *= 2
				err = from.ChangeVisibility(t.Context(), *message, 0)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		v.arrived(killedAccounts * 6)
		kills += v.deaths
		t.Logf("seed %d: %d of its processes were killed, %d of %d tasks repeated", seed, v.deaths, v.repeated(), killedAccounts*6)
		if t.Failed() {
			return
		}
	}
}

// runChild lets a process work the message off within an invocation, and kills it after a time (0: never) counted from when it begins.
func (v *voyage) runChild(m queue.Message, invocation, after time.Duration) (done, killed bool) {
	v.t.Helper()
	begun := make(chan struct{}, 1)
	server := httptest.NewServer(v.parent(m, begun))
	defer server.Close()
	child := exec.Command(os.Args[0], "-test.run=^TestChildOfKilledFiftyTimes$", "-test.timeout=5m")
	child.Env = append(os.Environ(), childVariable+"="+server.URL, invocationVariable+"="+invocation.String())
	var output bytes.Buffer
	child.Stdout, child.Stderr = &output, &output
	if err := child.Start(); err != nil {
		v.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	select {
	case <-begun:
	case err := <-ended:
		v.t.Fatalf("the child did not begin: %v\n%s", err, output.String())
	}
	var kill <-chan time.Time
	if after > 0 {
		kill = time.After(after)
	}
	var err error
	select {
	case err = <-ended:
	case <-kill:
		_ = child.Process.Kill()
		err = <-ended
	}
	var exit *exec.ExitError
	switch {
	case err == nil: // just before, perhaps
		return true, false
	case !errors.As(err, &exit), exit.Exited() && exit.ExitCode() != childFailed:
		v.t.Fatalf("the child ended with %v\n%s", err, output.String())
	}
	return false, !exit.Exited()
}

// parent serves the store, the queues and the message to a child.
func (v *voyage) parent(m queue.Message, begun chan<- struct{}) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /message", func(w http.ResponseWriter, _ *http.Request) {
		select {
		case begun <- struct{}{}:
		default:
		}
		_ = json.NewEncoder(w).Encode(m)
	})
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, r *http.Request) {
		entry, err := v.state.Get(context.Background(), r.FormValue("key"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		_, _ = w.Write(entry.Data)
	})
	mux.HandleFunc("PUT /state", func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return // the child died
		}
		write := v.state.Put
		if r.FormValue("create") != "" {
			write = v.state.Create
		}
		if _, err := write(context.Background(), r.FormValue("key"), data); err != nil {
			http.Error(w, err.Error(), http.StatusPreconditionFailed)
		}
	})
	mux.HandleFunc("POST /send", func(w http.ResponseWriter, r *http.Request) {
		var batch []queue.Outgoing
		if json.NewDecoder(r.Body).Decode(&batch) != nil {
			return
		}
		if r.FormValue("url") == queueRoot+"Region" {
			time.Sleep(20 * time.Millisecond)
			v.receive(batch)
			return
		}
		if _, err := v.more.SendBatch(context.Background(), batch); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	return mux
}

// TestChildOfKilledFiftyTimes is the process that is killed.
func TestChildOfKilledFiftyTimes(t *testing.T) {
	parent := os.Getenv(childVariable)
	if parent == "" {
		t.Skip("runs as the child of TestProcessKilledFiftyTimes")
	}
	templates := newStore()
	templates.put(voyageKey, regionTemplate("t", everyone, "ALL"))
	remote := remoteParent(parent)
	base, err := starbase.New(starbase.Config{
		Fleet: fleetOf(t), Configuration: configuration(t, section("Region", "Region/", "S3", "MaxTargets: 100000")+voyageFleet),
		Templates: templates, Index: accountindex.Static{X: indexOf(t, killedAccounts, "index-1")}, State: remoteState{remote},
		DeadlineBuffer: 10 * time.Millisecond,
		OpenQueue:      func(_ context.Context, url string) (queue.Sender, error) { return remoteQueue{remote, url}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	var m queue.Message
	data, _, err := remote.call(t.Context(), http.MethodGet, "/message", nil)
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	invocation, err := time.ParseDuration(os.Getenv(invocationVariable))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), invocation)
	defer cancel()
	if err := base.Handle(ctx, m); err != nil {
		os.Exit(childFailed) // on a machine too busy to send anything in time
	}
}

// remoteParent is the address of the parent.
type remoteParent string

func (p remoteParent) call(ctx context.Context, method, path string, body []byte) ([]byte, int, error) {
	request, err := http.NewRequestWithContext(ctx, method, string(p)+path, bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	return data, answer.StatusCode, err
}

type remoteState struct{ remoteParent }

func (s remoteState) Get(ctx context.Context, key string) (state.Entry, error) {
	data, status, err := s.call(ctx, http.MethodGet, "/state?key="+url.QueryEscape(key), nil)
	if err == nil && status == http.StatusNotFound {
		err = state.ErrNotFound
	}
	return state.Entry{Key: key, Data: data, Version: "1"}, err
}

func (s remoteState) write(ctx context.Context, query string, data []byte) (string, error) {
	_, status, err := s.call(ctx, http.MethodPut, "/state?"+query, data)
	if err == nil && status == http.StatusPreconditionFailed {
		err = state.ErrExists
	}
	return "1", err
}

func (s remoteState) Create(ctx context.Context, key string, data []byte) (string, error) {
	return s.write(ctx, "create=1&key="+url.QueryEscape(key), data)
}

func (s remoteState) Put(ctx context.Context, key string, data []byte) (string, error) {
	return s.write(ctx, "key="+url.QueryEscape(key), data)
}

func (remoteState) Replace(context.Context, string, []byte, string) (string, error) {
	return "", errors.ErrUnsupported
}

func (remoteState) Delete(context.Context, string) error { return errors.ErrUnsupported }

func (remoteState) List(context.Context, string) iter.Seq2[string, error] {
	return func(func(string, error) bool) {} // nothing is halted
}

type remoteQueue struct {
	remoteParent
	url string
}

func (remoteQueue) Limits(context.Context) (queue.Limits, error) {
	return queue.Limits{BatchEntries: 1}, nil
}

func (q remoteQueue) SendBatch(ctx context.Context, batch []queue.Outgoing) ([]queue.Failure, error) {
	data, err := json.Marshal(batch)
	if err != nil {
		return nil, err
	}
	answer, status, err := q.call(ctx, http.MethodPost, "/send?url="+url.QueryEscape(q.url), data)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d: %s", status, strings.TrimSpace(string(answer)))
	}
	return nil, err
}

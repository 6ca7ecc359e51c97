package sqswire

import (
	"crypto/md5" // the checksum that SQS answers
	"encoding/hex"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
)

// Faults are the shares, each from 0 to 1, of what goes wrong.
type Faults struct {
	// Throttled calls are refused with RequestThrottled.
	Throttled float64
	// Broken calls are answered 500 and accepted by no one.
	Broken float64
	// Cut calls are accepted, and then the connection is cut before the answer.
	Cut float64
	// FailedEntries are entries in the Failed list of a call that succeeded, not by the sender's fault.
	FailedEntries float64
}

// Config says how the server behaves. The zero value accepts everything at once.
type Config struct {
	Faults
	// Latency is how long each call takes at least.
	Latency time.Duration
	// MaximumMessageSize is answered to GetQueueAttributes and held against each batch. 0 means 262,144 bytes.
	MaximumMessageSize int
	// Seed makes the faults repeatable, as far as the order of the calls is.
	Seed uint64
}

// Account is what a server saw.
type Account struct {
	// Calls of SendMessageBatch, and those of them that were throttled, broken and cut.
	Calls, Throttled, Broken, Cut int
	// FailedEntries were answered in Failed lists; CutEntries were accepted with their reply cut.
	FailedEntries, CutEntries int
	// Accepted says how often each body was accepted.
	Accepted map[string]int
}

// Server is a running server. Close ends it.
type Server struct {
	*httptest.Server

	config Config
	mu     sync.Mutex
	random *rand.Rand
	seen   Account
}

// New starts a server on a free port of the loopback interface.
func New(config Config) *Server {
	if config.MaximumMessageSize == 0 {
		config.MaximumMessageSize = 256 << 10
	}
	s := &Server{config: config, random: rand.New(rand.NewPCG(config.Seed, 1)), seen: Account{Accepted: map[string]int{}}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	return s
}

// QueueURL is the URL of the queue.
func (s *Server) QueueURL() string { return s.URL + "/000000000000/tasks" }

// Account returns a copy of the account.
func (s *Server) Account() Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	account := s.seen
	account.Accepted = maps.Clone(s.seen.Accepted)
	return account
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	switch _, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); operation {
	case "SendMessageBatch":
		s.send(w, body)
	case "GetQueueAttributes":
		answer(w, http.StatusOK, map[string]any{
			"Attributes": map[string]string{"MaximumMessageSize": strconv.Itoa(s.config.MaximumMessageSize)},
		})
	default:
		fault(w, http.StatusBadRequest, "UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation")
	}
}

// batch is what the server reads of SendMessageBatch.
type batch struct {
	Entries []struct {
		ID         string `json:"Id"`
		Body       string `json:"MessageBody"`
		Attributes map[string]struct {
			Type  string `json:"DataType"`
			Value string `json:"StringValue"`
		} `json:"MessageAttributes"`
	} `json:"Entries"`
}

func (b *batch) size() int {
	size := 0
	for _, e := range b.Entries {
		size += len(e.Body)
		for name, a := range e.Attributes {
			size += len(name) + len(a.Type) + len(a.Value)
		}
	}
	return size
}

// outcome is what becomes of one call.
type outcome struct {
	throttled, broken, cut bool
	failed                 []bool
}

// roll decides what becomes of a call of n entries.
func (s *Server) roll(n int) outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	var o outcome
	switch p := s.random.Float64(); {
	case p < s.config.Throttled:
		o.throttled = true
	case p < s.config.Throttled+s.config.Broken:
		o.broken = true
	case p < s.config.Throttled+s.config.Broken+s.config.Cut:
		o.cut = true
	}
	o.failed = make([]bool, n)
	for i := range o.failed {
		o.failed[i] = s.config.FailedEntries > 0 && s.random.Float64() < s.config.FailedEntries
	}
	return o
}

func (s *Server) send(w http.ResponseWriter, body []byte) {
	time.Sleep(s.config.Latency)
	var b batch
	if err := json.Unmarshal(body, &b); err != nil {
		fault(w, http.StatusBadRequest, "SerializationException", "")
		return
	}
	o := s.roll(len(b.Entries))
	if b.size() > s.config.MaximumMessageSize {
		s.count(func(a *Account) { a.Calls++ })
		fault(w, http.StatusBadRequest, "BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong")
		return
	}
	switch {
	case o.throttled:
		s.count(func(a *Account) { a.Calls++; a.Throttled++ })
		fault(w, http.StatusBadRequest, "RequestThrottled", "RequestThrottled")
	case o.broken:
		s.count(func(a *Account) { a.Calls++; a.Broken++ })
		fault(w, http.StatusInternalServerError, "InternalFailure", "")
	default:
		s.accept(w, &b, o)
	}
}

// accept takes the entries that do not fail, and answers unless the reply is to be cut.
func (s *Server) accept(w http.ResponseWriter, b *batch, o outcome) {
	s.count(func(a *Account) {
		a.Calls++
		if o.cut {
			a.Cut++
		}
		for i, e := range b.Entries {
			switch {
			case o.failed[i]:
				a.FailedEntries++
				continue
			case o.cut:
				a.CutEntries++
			}
			a.Accepted[e.Body]++
		}
	})
	if o.cut {
		panic(http.ErrAbortHandler) // closes the connection without an answer
	}
	successful, failed := []map[string]string{}, []map[string]any{}
	for i, e := range b.Entries {
		if o.failed[i] {
			failed = append(failed, map[string]any{"Id": e.ID, "Code": "InternalError", "Message": "try again", "SenderFault": false})
			continue
		}
		sum := md5.Sum([]byte(e.Body))
		successful = append(successful, map[string]string{"Id": e.ID, "MessageId": "message-" + e.ID, "MD5OfMessageBody": hex.EncodeToString(sum[:])})
	}
	answer(w, http.StatusOK, map[string]any{"Successful": successful, "Failed": failed})
}

func (s *Server) count(change func(*Account)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.seen)
}

func answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	_, _ = w.Write(text) // the caller may be gone
}

// fault answers an error of SQS. queryCode is its code in the older protocol, which SQS sends along.
func fault(w http.ResponseWriter, status int, code, queryCode string) {
	if queryCode != "" {
		w.Header().Set("X-Amzn-Query-Error", queryCode+";Sender")
	}
	answer(w, status, map[string]string{"__type": "com.amazonaws.sqs#" + code, "message": "made by the test"})
}

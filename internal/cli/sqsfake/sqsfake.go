// Package sqsfake is an SQS endpoint for tests of the command line: it speaks as much of the JSON protocol as sending to
// one queue takes, and fails as it is told to.
package sqsfake

import (
	"crypto/md5" //nolint:gosec // SQS answers with it
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
)

// Behaviour is how the queue fails.
type Behaviour struct {
	// Refuse: entries whose body has this text are the sender's fault. "" refuses none.
	Refuse string
	// Flaky fails each entry once, for a passing reason.
	Flaky bool
	// Missing: there is no such queue.
	Missing bool
	// MaxBytes is the queue's MaximumMessageSize. 0 means 1 MiB.
	MaxBytes string
}

// Message is what the queue accepted.
type Message struct {
	Body       string
	Attributes map[string]string
	GroupID    string
}

// Server is the endpoint.
type Server struct {
	*httptest.Server
	behaviour Behaviour

	mu       sync.Mutex
	failed   map[string]bool // by body
	accepted []Message
}

// Start starts an endpoint on a loopback port; Close ends it.
func Start(b Behaviour) *Server {
	if b.MaxBytes == "" {
		b.MaxBytes = "1048576"
	}
	s := &Server{behaviour: b, failed: map[string]bool{}}
	s.Server = httptest.NewServer(s)
	return s
}

// QueueURL is the URL of the queue.
func (s *Server) QueueURL() string { return s.URL + "/111111111111/ships" }

// Accepted are the messages that were accepted so far, by body.
func (s *Server) Accepted() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(slices.Values(s.accepted), func(a, b Message) int { return strings.Compare(a.Body, b.Body) })
}

// batch is a request of SendMessageBatch.
type batch struct {
	Entries []struct {
		ID                string `json:"Id"`
		MessageBody       string
		MessageGroupID    string `json:"MessageGroupId"`
		MessageAttributes map[string]struct{ StringValue string }
	}
}

// result is one entry of the answer.
type result struct {
	ID               string `json:"Id"`
	MessageID        string `json:"MessageId,omitempty"`
	MD5OfMessageBody string `json:",omitempty"`
	Code             string `json:",omitempty"`
	Message          string `json:",omitempty"`
	SenderFault      bool
}

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch {
	case s.behaviour.Missing:
		w.Header().Set("X-Amzn-Query-Error", "AWS.SimpleQueueService.NonExistentQueue;Sender")
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]string{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "The specified queue does not exist."})
	case action == "GetQueueAttributes":
		answer(w, map[string]any{"Attributes": map[string]string{"MaximumMessageSize": s.behaviour.MaxBytes}})
	case action == "SendMessageBatch":
		var in batch
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer(w, s.send(in))
	default:
		http.Error(w, "unknown action "+action, http.StatusBadRequest)
	}
}

func (s *Server) send(in batch) map[string][]result {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string][]result{"Successful": {}, "Failed": {}}
	for _, e := range in.Entries {
		switch {
		case s.behaviour.Refuse != "" && strings.Contains(e.MessageBody, s.behaviour.Refuse):
			out["Failed"] = append(out["Failed"], result{ID: e.ID, Code: "AccessDenied", Message: "not this one", SenderFault: true})
		case s.behaviour.Flaky && !s.failed[e.MessageBody]:
			s.failed[e.MessageBody] = true
			out["Failed"] = append(out["Failed"], result{ID: e.ID, Code: "InternalError", Message: "try again"})
		default:
			sum := md5.Sum([]byte(e.MessageBody)) //nolint:gosec // SQS answers with it
			out["Successful"] = append(out["Successful"], result{ID: e.ID, MessageID: "m-" + e.ID, MD5OfMessageBody: hex.EncodeToString(sum[:])})
			m := Message{Body: e.MessageBody, GroupID: e.MessageGroupID, Attributes: map[string]string{}}
			for name, value := range e.MessageAttributes {
				m.Attributes[name] = value.StringValue
			}
			s.accepted = append(s.accepted, m)
		}
	}
	return out
}

func answer(w http.ResponseWriter, value any) { _ = json.NewEncoder(w).Encode(value) }

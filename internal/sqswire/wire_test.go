package sqswire_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet/internal/sqswire"
)

// post calls an operation and returns the status, 0 when the connection was cut.
func post(t *testing.T, server *sqswire.Server, operation, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "AmazonSQS."+operation)
	response, err := server.Client().Do(request)
	if err != nil {
		return 0
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode
}

func TestFaults(t *testing.T) {
	t.Parallel()
	const batch = `{"Entries":[{"Id":"0","MessageBody":"a"},{"Id":"1","MessageBody":"b"}]}`
	for _, test := range []struct {
		name     string
		config   sqswire.Config
		body     string
		status   int
		accepted int
	}{
		{name: "none", body: batch, status: http.StatusOK, accepted: 2},
		{name: "throttled", config: sqswire.Config{Faults: sqswire.Faults{Throttled: 1}}, body: batch, status: http.StatusBadRequest},
		{name: "broken", config: sqswire.Config{Faults: sqswire.Faults{Broken: 1}}, body: batch, status: http.StatusInternalServerError},
		{name: "cut", config: sqswire.Config{Faults: sqswire.Faults{Cut: 1}}, body: batch, accepted: 2},
		{name: "failed entries", config: sqswire.Config{Faults: sqswire.Faults{FailedEntries: 1}}, body: batch, status: http.StatusOK},
		{name: "too long", config: sqswire.Config{MaximumMessageSize: 1}, body: batch, status: http.StatusBadRequest},
		{name: "no JSON", body: "{", status: http.StatusBadRequest},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := sqswire.New(test.config)
			defer server.Close()
			if got := post(t, server, "SendMessageBatch", test.body); got != test.status {
				t.Errorf("status %d, want %d", got, test.status)
			}
			if got := len(server.Account().Accepted); got != test.accepted {
				t.Errorf("%d entries were accepted, want %d", got, test.accepted)
			}
		})
	}
}

func TestOtherOperations(t *testing.T) {
	t.Parallel()
	server := sqswire.New(sqswire.Config{})
	defer server.Close()
	if got := post(t, server, "GetQueueAttributes", "{}"); got != http.StatusOK {
		t.Errorf("GetQueueAttributes: status %d", got)
	}
	if got := post(t, server, "PurgeQueue", "{}"); got != http.StatusBadRequest {
		t.Errorf("PurgeQueue: status %d", got)
	}
}

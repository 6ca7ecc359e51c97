package command_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch/command"
)

// message is a message as SQS delivers one.
func message(body string) queue.Message {
	return queue.Message{
		ID: "m-1", Body: body, ReceiptHandle: "h", ReceiveCount: 3,
		SentAt: time.Date(2026, 1, 31, 18, 0, 0, 5_000_000, time.UTC), FirstReceived: time.Date(2026, 1, 31, 18, 0, 1, 0, time.UTC),
	}
}

// output is a log, and what was written to it.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// said are the texts of the lines that programs said, in order.
func (o *output) said() []string {
	lines := []string{}
	for line := range strings.Lines(o.String()) {
		if _, text, ok := strings.Cut(line, "] [worker] [m-1] "); ok {
			lines = append(lines, strings.TrimSuffix(text, "\n"))
		}
	}
	return lines
}

// newCommand makes a command whose output goes to a log of text.
func newCommand(t *testing.T, cfg command.Config) (*command.Command, *output) {
	t.Helper()
	out := &output{}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(command.NewTextHandler(out, slog.LevelInfo))
	}
	if cfg.Environ == nil {
		cfg.Environ = []string{"PATH=" + os.Getenv("PATH")}
	}
	c, err := command.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c, out
}

// script runs a script of the shell for a message, and returns what it said.
func script(t *testing.T, cfg command.Config, text string, m queue.Message) ([]string, error) {
	t.Helper()
	cfg.Args, cfg.Shell = []string{text}, true
	c, out := newCommand(t, cfg)
	err := c.Handle(t.Context(), m)
	return out.said(), err
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// waitFor waits until a file is there, and returns what is in it.
func waitFor(t *testing.T, path string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		if data, err := os.ReadFile(path); err == nil && len(data) > 0 {
			return strings.TrimSpace(string(data))
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%s did not come", filepath.Base(path))
		}
	}
}

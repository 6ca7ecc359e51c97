package command

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// The attributes of a line of output.
const (
	attributeActor   = "actor" // worker, for what a program says
	attributeMessage = "message"
	attributeStream  = "stream"
	attributeLine    = "line"   // the line as text
	attributeWorker  = "worker" // the line as JSON
	actorWorker      = "worker"
	actorWatcher     = "watcher"
	outputMessage    = "output"
)

const readBytes = 4096

var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, readBytes) }}

// log logs what a program says, line by line, until it ends. Lines are cut to MaxLine.
func (c *Command) log(ctx context.Context, message, stream string, from io.Reader) {
	r := readers.Get().(*bufio.Reader)
	r.Reset(from)
	defer func() {
		r.Reset(nil)
		readers.Put(r)
	}()
	var line []byte
	for dropped := 0; ; {
		part, err := r.ReadSlice('\n')
		take := min(len(part), c.cfg.MaxLine-len(line))
		dropped += len(part) - take
		line = append(line, part[:take]...)
		if err == bufio.ErrBufferFull { //nolint:errorlint // ReadSlice returns it as it is
			continue
		}
		if len(part) > 0 && part[len(part)-1] == '\n' && dropped > 0 {
			dropped-- // the line break itself
		}
		if len(line) > 0 || err == nil {
			c.logLine(ctx, message, stream, string(line), dropped)
		}
		if err != nil {
			return // the end, or the pipe was closed
		}
		line, dropped = line[:0], 0
	}
}

func (c *Command) logLine(ctx context.Context, message, stream, line string, dropped int) {
	line = strings.TrimRight(line, "\r\n")
	attrs := []slog.Attr{
		slog.String(attributeActor, actorWorker), slog.String(attributeMessage, message), slog.String(attributeStream, stream),
	}
	switch value := jsontext.Value(line); {
	case dropped > 0:
		attrs = append(attrs, slog.String(attributeLine, fmt.Sprintf("%s... (%d bytes more)", strings.ToValidUTF8(line, "\uFFFD"), dropped)))
	case strings.HasPrefix(line, "{") && value.IsValid():
		attrs = append(attrs, slog.Any(attributeWorker, rawJSON(line)))
	default:
		attrs = append(attrs, slog.String(attributeLine, strings.ToValidUTF8(line, "\uFFFD")))
	}
	c.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, outputMessage, attrs...)
}

// rawJSON is a line of JSON, which a log of JSON takes as it is.
type rawJSON string

// MarshalJSON is the line.
func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// String is the line.
func (r rawJSON) String() string { return string(r) }

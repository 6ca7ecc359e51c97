package command

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/starfleet-go/starfleet/internal/printable"
	"github.com/starfleet-go/starfleet/watch"
)

// Observe returns what logs, for each message, that it was received, and what came of it: the exit status or signal, how long the program ran, and
// how long the message waited for the end of it. Messages are named by their ids; what is in them is not logged.
func Observe(logger *slog.Logger) func(watch.Event) {
	return func(e watch.Event) {
		switch e.Kind {
		case watch.Began:
			logger.Info("received", attributeActor, actorWatcher, attributeMessage, e.Message.ID, "receives", e.Message.ReceiveCount)
		case watch.Ended:
			level, what := slog.LevelInfo, "success"
			switch {
			case e.Result.Failure():
				level, what = slog.LevelError, "failure"
			case e.Result.Outcome == watch.GivenBack:
				what = "given back"
			}
			attrs := []slog.Attr{
				slog.String(attributeActor, actorWatcher), slog.String(attributeMessage, e.Message.ID), slog.String("outcome", string(e.Result.Outcome)),
			}
			if exit := (*ExitError)(nil); errors.As(e.Result.Err, &exit) {
				if exit.Signal == "" {
					attrs = append(attrs, slog.Int("code", exit.Code))
				} else {
					attrs = append(attrs, slog.String("signal", exit.Signal))
				}
			} else if e.Result.Err == nil {
				attrs = append(attrs, slog.Int("code", 0))
			}
			if e.Result.Err != nil && what != "success" {
				attrs = append(attrs, slog.String("error", e.Result.Err.Error()))
			}
			if e.Result.Settle != nil { // the message comes back when its lease ends, whatever its job said
				level = max(level, slog.LevelWarn)
				attrs = append(attrs, slog.String("settle_error", e.Result.Settle.Error()))
			}
			attrs = append(attrs, slog.Int64("duration_ms", e.Result.Duration.Milliseconds()), slog.Int64("response_duration_ms", e.Result.Response.Milliseconds()))
			logger.LogAttrs(context.Background(), level, what, attrs...)
		}
	}
}

// NewTextHandler makes a log of lines for people: the date, who speaks, the message that it is about, and the text.
//
//	[Sat, 31 Jan 2026 18:00:00 GMT] [worker] [message id] what the program says
//
// What cannot be printed is escaped.
func NewTextHandler(to io.Writer, level slog.Leveler) slog.Handler {
	return &textHandler{to: to, mu: &sync.Mutex{}, level: level}
}

type textHandler struct {
	to    io.Writer
	mu    *sync.Mutex
	level slog.Leveler
	attrs []slog.Attr
	group string
}

func (h *textHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.level.Level()
}

func (h *textHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	copied := *h
	copied.attrs = slices.Clip(h.attrs)
	for _, a := range attrs {
		a.Key = h.group + a.Key
		copied.attrs = append(copied.attrs, a)
	}
	return &copied
}

func (h *textHandler) WithGroup(name string) slog.Handler {
	copied := *h
	copied.group += name + "."
	return &copied
}

func (h *textHandler) Handle(_ context.Context, r slog.Record) error {
	actor, message, said := actorWatcher, "", false
	var rest strings.Builder
	text := r.Message
	add := func(a slog.Attr) {
		switch a.Key {
		case attributeActor:
			actor = a.Value.String()
		case attributeMessage:
			message = a.Value.String()
		case attributeLine, attributeWorker:
			text, said = a.Value.String(), true
		case attributeStream:
		default:
			value := a.Value.Resolve().String()
			if value == "" || strings.ContainsAny(value, " \t\"=") {
				value = strconv.Quote(value)
			}
			rest.WriteString(" " + a.Key + "=" + value)
		}
	}
	for _, a := range h.attrs {
		add(a)
	}
	r.Attrs(func(a slog.Attr) bool {
		a.Key = h.group + a.Key
		add(a)
		return true
	})
	if !said && r.Level >= slog.LevelWarn {
		text = "[" + strings.ToLower(r.Level.String()) + "] " + text
	}
	line := "[" + r.Time.UTC().Format(time.RFC1123[:len(time.RFC1123)-len("MST")]+"GMT") + "] [" + printable.Line(actor) + "] "
	if message != "" {
		line += "[" + printable.Line(message) + "] "
	}
	line += tabbed(text) + printable.Line(rest.String()) + "\n"
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := io.WriteString(h.to, line)
	return err
}

// tabbed escapes what cannot be printed, but for tabs.
func tabbed(text string) string {
	parts := strings.Split(text, "\t")
	for i, part := range parts {
		parts[i] = printable.Line(part)
	}
	return strings.Join(parts, "\t")
}

package starfleet

import (
	"context"
	"log/slog"
	"slices"
)

// logContextKey holds the attributes that NewLogHandler adds.
type logContextKey struct{}

// withLogAttrs adds attributes for NewLogHandler to a context.
func withLogAttrs(ctx context.Context, attrs ...slog.Attr) context.Context {
	before, _ := ctx.Value(logContextKey{}).([]slog.Attr)
	if len(before) > 0 {
		attrs = append(slices.Clip(before), attrs...)
	}
	return context.WithValue(ctx, logContextKey{}, attrs)
}

// NewLogHandler wraps a slog.Handler so that every record logged with the context of a task carries the attributes
// ship, template, account, region, run, task, message and, on Lambda, request. Attributes without a value are left out.
func NewLogHandler(inner slog.Handler) slog.Handler { return &logHandler{inner} }

type logHandler struct{ inner slog.Handler }

func (h *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.inner.Enabled(ctx, level)
}

func (h *logHandler) Handle(ctx context.Context, r slog.Record) error {
	if attrs, ok := ctx.Value(logContextKey{}).([]slog.Attr); ok {
		r = r.Clone()
		r.AddAttrs(attrs...)
	}
	return h.inner.Handle(ctx, r)
}

func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &logHandler{h.inner.WithAttrs(attrs)}
}

func (h *logHandler) WithGroup(name string) slog.Handler {
	return &logHandler{h.inner.WithGroup(name)}
}

// taskAttrs are the attributes of a task that have a value, with room for others.
func taskAttrs(room int, pairs ...string) []slog.Attr {
	attrs := make([]slog.Attr, 0, len(pairs)/2+room)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			attrs = append(attrs, slog.String(pairs[i], pairs[i+1]))
		}
	}
	return attrs
}

package starbase

import (
	"context"
	"errors"
	"log/slog"
	"path"
	"slices"
	"strings"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
)

// handleS3 does one S3 event. Each of its records is done for itself; the message fails with all that failed.
func (s *Starbase) handleS3(ctx context.Context, m queue.Message, e *s3Event) error {
	if e.test {
		s.cfg.Logger.DebugContext(ctx, "S3 tries its notification out", "message", m.ID)
		return nil
	}
	var failed failures
	for _, stray := range e.strays {
		s.cfg.Logger.ErrorContext(ctx, "record dropped", "message", m.ID, "error", stray.Error())
	}
	for _, fault := range e.faults {
		s.cfg.Logger.ErrorContext(ctx, "record refused", "message", m.ID, "error", fault.Error())
		failed.add(starfleet.Permanent(fault))
	}
	for _, c := range e.changes {
		triggers, err := s.triggers(ctx, m, c)
		failed.add(err)
		for _, t := range triggers {
			failed.add(s.run(ctx, t))
		}
	}
	return failed.err()
}

// triggers are the runs that a change of an object leads to.
func (s *Starbase) triggers(ctx context.Context, m queue.Message, c change) ([]trigger, error) {
	log := s.cfg.Logger.With("message", m.ID, "event", c.name, "bucket", c.bucket, "template_key", c.key)
	if c.what != written {
		log.InfoContext(ctx, "nothing to task: the event is no new content")
		return nil, nil
	}
	if want := s.cfg.Configuration.Starfleet.TemplateBucket; c.bucket != want {
		err := &WrongBucketError{Bucket: c.bucket, Want: want}
		log.ErrorContext(ctx, "S3 event refused", "error", err.Error())
		return nil, starfleet.Permanent(err)
	}
	if !config.IsTemplate(c.key) {
		ignore(ctx, log, c.key)
		return nil, nil
	}
	owners := config.Owners(s.roster.all, c.key)
	if len(owners) == 0 {
		return nil, s.unowned(ctx, m, c)
	}
	var (
		triggers []trigger
		failed   failures
		fault    *ShipFaultError
	)
	for _, owner := range owners {
		section, err := s.roster.find(owner.Name)
		switch {
		case errors.As(err, &fault):
			log.ErrorContext(ctx, "the template belongs to a ship that is stopped", "ship", owner.Name, "error", err.Error())
			failed.add(err)
		case s.roster.unknown(owner.Name):
			log.ErrorContext(ctx, "the template belongs to a ship that this Starbase does not know", "ship", owner.Name)
			failed.add(starfleet.Permanent(err))
		case err != nil:
			log.WarnContext(ctx, "nothing to task for this ship", "ship", owner.Name, "reason", err.Error())
		case !slices.Contains(section.Sources, config.SourceS3):
			log.InfoContext(ctx, "nothing to task for this ship: S3 is not among its InvocationSources", "ship", owner.Name)
		default:
			triggers = append(triggers, trigger{section: section, key: c.key, version: c.version, runID: changeRunID(c, owner.Name, firstID(m)), hop: 1, attempt: m.ReceiveCount})
		}
	}
	return triggers, failed.err()
}

// ignore logs an object that is no template, louder when a person may take it for one.
func ignore(ctx context.Context, log *slog.Logger, key string) {
	switch strings.ToLower(path.Ext(key)) {
	case ".yml", ".yaml", ".json":
		log.WarnContext(ctx, "object ignored: only keys that end in .yaml are templates")
	default:
		log.InfoContext(ctx, "object ignored: it is no template")
	}
}

// unowned is what becomes of a template that belongs to no ship. While the section of a ship cannot be read, the template may be
// that ship's: then the message is kept.
func (s *Starbase) unowned(ctx context.Context, m queue.Message, c change) error {
	var failed failures
	for _, fault := range s.roster.faults() {
		failed.add(fault)
	}
	if len(failed) > 0 {
		s.cfg.Logger.ErrorContext(ctx, "the template may belong to a ship that is stopped",
			"message", m.ID, "template_key", c.key, "error", failed.Error())
		return failed.err()
	}
	s.cfg.Logger.WarnContext(ctx, "nothing to task: the template is under no ship's TemplatePrefix", "message", m.ID, "template_key", c.key)
	return nil
}

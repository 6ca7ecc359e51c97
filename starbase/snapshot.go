package starbase

import (
	"context"
	"errors"
	"fmt"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/state"
)

func templateSnapshot(runID string) string { return "runs/" + runID + "/template" }
func indexSnapshot(runID string) string    { return "runs/" + runID + "/index" }

// keepSnapshots keeps, at the first hop, what later hops could not read any more were it replaced meanwhile: the template always, it
// is small, and the index where its source does not keep versions.
func (s *Starbase) keepSnapshots(ctx context.Context, t trigger, plan *Plan) error {
	if t.hop > 1 {
		return nil
	}
	if _, err := s.cfg.State.Put(ctx, templateSnapshot(t.runID), t.file.Data); err != nil {
		return fmt.Errorf("keep the template for the next hop: %w", err)
	}
	index := plan.Resolution().Index()
	if source, ok := s.cfg.Index.(accountindex.VersionedSource); ok && source.Keeps(index.Version()) {
		return nil
	}
	if _, err := s.cfg.State.Put(ctx, indexSnapshot(t.runID), index.AppendFile(nil)); err != nil {
		return fmt.Errorf("keep the account index for the next hop: %w", err)
	}
	return nil
}

// readTemplate reads the version of the template that the run is of.
func (s *Starbase) readTemplate(ctx context.Context, t trigger) (TemplateFile, error) {
	file, err := s.cfg.Templates.Read(ctx, t.key, t.version)
	if t.continued == nil || !errors.Is(err, ErrNotFound) {
		return file, err
	}
	entry, err := s.cfg.State.Get(ctx, templateSnapshot(t.runID))
	if err != nil {
		return TemplateFile{}, fmt.Errorf("version %s of the template is gone: %w", t.version, err)
	}
	return TemplateFile{Key: t.key, Version: t.version, Data: entry.Data}, nil
}

// readIndex gets the index that the run is resolved by: the current one at first, the same at every later hop.
func (s *Starbase) readIndex(ctx context.Context, t trigger) (*accountindex.Index, error) {
	if t.continued == nil {
		return s.cfg.Index.Index(ctx)
	}
	want := t.continued.IndexVersion
	if source, ok := s.cfg.Index.(accountindex.VersionedSource); ok {
		index, err := source.Version(ctx, want)
		if err == nil || !errors.Is(err, accountindex.ErrNoVersion) {
			return index, err
		}
	}
	if index, err := s.cfg.Index.Index(ctx); err == nil && want != "" && index.Version() == want {
		return index, nil
	}
	entry, err := s.cfg.State.Get(ctx, indexSnapshot(t.runID))
	if errors.Is(err, state.ErrNotFound) {
		return nil, fmt.Errorf("version %q of the account index, by which the run began, is gone: %w", want, err)
	}
	if err != nil {
		return nil, err
	}
	fleet := s.cfg.Configuration.Fleet
	return accountindex.Load(entry.Key, entry.Data, accountindex.LoadOptions{
		Organizations: fleet.Organizations, AssumeActive: fleet.AssumeActive, Version: want,
	})
}

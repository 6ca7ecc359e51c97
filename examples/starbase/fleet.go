package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"path"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/examples/ships/accountalias"
	"github.com/starfleet-go/starfleet/examples/ships/loggroupretention"
	"github.com/starfleet-go/starfleet/schema"
	"github.com/starfleet-go/starfleet/starbase"
)

//go:generate go test . -run TestManifestsAreCurrent -update

// newFleet is the ships that this Starbase tasks: the linked ones, whose templates their own code checks too, and those that a manifest
// in the folder manifests/ of the configuration describes. Print a ship's manifest with its own command line: `loggroupretention manifest`.
//
// The linked ships have manifests there as well, for the command line `starfleet`, which links no ship; here the code wins.
func newFleet(manifests fs.FS) (*starbase.Fleet, error) {
	fleet := starbase.NewFleet()
	if err := errors.Join(
		starbase.Register(fleet, loggroupretention.New(nil)),
		starbase.Register(fleet, accountalias.New(nil)),
	); err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(manifests, ".")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || path.Ext(name) != ".json" {
			continue
		}
		data, err := fs.ReadFile(manifests, name)
		if err != nil {
			return nil, err
		}
		manifest, err := starfleet.ParseManifest(path.Join(manifestFolder, name), data)
		if err != nil {
			return nil, err
		}
		var duplicate *starbase.DuplicateShipError
		if err := fleet.AddManifest(manifest); err != nil && (!errors.As(err, &duplicate) || !duplicate.Linked) {
			return nil, err
		}
	}
	return fleet, nil
}

// loadManifests adds the manifests of the template bucket. One that is at fault, or of a ship that the fleet has, is logged and left out:
// messages for a ship that is missing are delivered again, and kept in the dead-letter queue in the end. A bucket that cannot be
// read is an error, so that Lambda starts anew.
func loadManifests(ctx context.Context, fleet *starbase.Fleet, store starbase.TemplateStore, prefix string, logger *slog.Logger) error {
	err := fleet.LoadManifests(ctx, store, prefix)
	if err == nil || !atFault(err) {
		return err
	}
	logger.ErrorContext(ctx, "manifests left out", "prefix", prefix, "error", err)
	return nil
}

// atFault says whether all that is wrong is wrong with single manifests.
func atFault(err error) bool {
	if several, ok := err.(interface{ Unwrap() []error }); ok { // each error of the joined ones is looked at
		for _, one := range several.Unwrap() {
			if !atFault(one) {
				return false
			}
		}
		return true
	}
	_, fault := errors.AsType[schema.Fault](err)
	_, duplicate := errors.AsType[*starbase.DuplicateShipError](err)
	return fault || duplicate || errors.Is(err, starbase.ErrNotFound)
}

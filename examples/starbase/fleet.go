package main

import (
	"errors"
	"io/fs"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/examples/ships/accountalias"
	"github.com/starfleet-go/starfleet/examples/ships/loggroupretention"
	"github.com/starfleet-go/starfleet/starbase"
)

//go:generate go test . -run TestManifestsAreCurrent -update

// newFleet is the ships that this Starbase tasks: the linked ones, whose templates their own code checks too, and those that a manifest
// in manifests/ describes. Print a ship's manifest with its own command line: `loggroupretention manifest`.
//
// The linked ships have manifests there as well, for the command line `starfleet`, which links no ship; here the code wins.
func newFleet(files fs.FS) (*starbase.Fleet, error) {
	fleet := starbase.NewFleet()
	if err := errors.Join(
		starbase.Register(fleet, loggroupretention.New(nil)),
		starbase.Register(fleet, accountalias.New(nil)),
	); err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "manifests/*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		manifest, err := starfleet.ParseManifest(name, data)
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

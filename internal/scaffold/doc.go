// Package scaffold makes the first files of a ship's module: a small ship that works, with its payload, test, template, configuration, Makefile
// and go.mod, for each fan-out strategy.
//
// What it writes are the packages below ships, which are compiled, linted and tested as all others are, with the names in them replaced:
// ShipName by that of the ship, ship-name by the same in lower case with hyphens. Files that all of them have, and which Go would not
// look at, are in shared.
package scaffold

//go:generate go test ./ships/... -run TestSchema -update
//go:generate go test . -run TestGolden -update

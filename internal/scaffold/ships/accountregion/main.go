// Command ship-name is a worker ship. On Lambda it serves its queue; elsewhere it is its own command line: see --help.
package main

import (
	"embed"

	"github.com/starfleet-go/starfleet"
)

// configuration is what the ship knows of its fleet. The variable STARFLEET_CONFIG stands above it.
//
//go:embed configuration.yaml
var configuration embed.FS

func main() { starfleet.Run(Ship{}, starfleet.WithConfig(configuration)) }

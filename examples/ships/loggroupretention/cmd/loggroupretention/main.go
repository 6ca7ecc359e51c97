// Command loggroupretention is the ship's main: on Lambda it serves the ship's queue, elsewhere it is the ship's command line.
package main

import (
	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/examples/ships/loggroupretention"
)

func main() {
	starfleet.Run(loggroupretention.New(loggroupretention.NewClient))
}

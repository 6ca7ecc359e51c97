package command

import "github.com/starfleet-go/starfleet/internal/printable"

// Safe makes text from elsewhere fit for one line of a terminal or of a log: see printable.Line.
func Safe(text string) string { return printable.Line(text) }

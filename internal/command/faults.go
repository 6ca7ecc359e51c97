package command

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/starfleet-go/starfleet/schema"
)

// Faults takes an error apart into what can be reported one by one: the faults of schema.Faults as they are, each
// error of a joined one for itself, and any other error as a fault without a place.
func Faults(err error) schema.Faults {
	if err == nil {
		return nil
	}
	switch e := err.(type) { //nolint:errorlint // the tree is walked here, level by level
	case schema.Faults:
		return e
	case schema.Fault:
		return schema.Faults{e}
	case interface{ Unwrap() []error }:
		var faults schema.Faults
		for _, inner := range e.Unwrap() {
			faults = append(faults, Faults(inner)...)
		}
		return faults
	}
	var faults schema.Faults
	if errors.As(err, &faults) {
		return faults
	}
	return schema.Faults{{Problem: err.Error()}}
}

// writeFaultsJSON writes one JSON object a fault, in the stable form of schema.Fault.
func writeFaultsJSON(w io.Writer, faults schema.Faults) {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, fault := range faults {
		_ = encoder.Encode(fault) // strings and numbers: only w can fail, and there is nobody left to tell
	}
}

// writeFaultsText writes one line a fault. name stands before those that have no file.
func writeFaultsText(w io.Writer, name string, paint Paint, faults schema.Faults) {
	for _, fault := range faults {
		for i, line := range strings.Split(strings.TrimRight(fault.Error(), "\n"), "\n") {
			switch {
			case i > 0:
				line = "  " + Safe(line)
			case fault.File == "":
				line = paint.Red(name+":") + " " + Safe(line)
			default:
				line = Safe(line)
			}
			_, _ = io.WriteString(w, line+"\n")
		}
	}
}

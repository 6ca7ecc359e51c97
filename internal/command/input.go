package command

import (
	"fmt"
	"io"
	"os"

	"github.com/starfleet-go/starfleet/schema"
)

// StandardInput is the name of the argument that means standard input.
const StandardInput = "-"

// ReadDocument reads a template or a manifest: a file, or standard input for "-". It reads at most one byte more than
// schema.MaxBytes, which makes the parser refuse the document. label is the name that its faults carry.
func (c *Console) ReadDocument(name string) (label string, data []byte, err error) {
	if name == StandardInput {
		data, err = io.ReadAll(io.LimitReader(c.In, schema.MaxBytes+1))
		if err != nil {
			return "", nil, fmt.Errorf("read standard input: %w", err)
		}
		return "<stdin>", data, nil
	}
	file, err := os.Open(name) //nolint:gosec // the person at the command line names the file
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = file.Close() }()
	data, err = io.ReadAll(io.LimitReader(file, schema.MaxBytes+1))
	if err != nil {
		return "", nil, err
	}
	return name, data, nil
}

package command

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Streams are where a command reads and writes, and which of them are terminals. The answer goes to Out; everything
// else goes to Err.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// InTerminal, OutTerminal and ErrTerminal say which of the three a person sits at.
	InTerminal, OutTerminal, ErrTerminal bool
	// Width is the number of columns of the terminal at Out; 0 when it is none, or when it does not say.
	Width int
}

// StandardStreams are those of the process.
func StandardStreams() Streams {
	s := Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InTerminal:  isTerminal(os.Stdin),
		OutTerminal: isTerminal(os.Stdout),
		ErrTerminal: isTerminal(os.Stderr),
	}
	if s.OutTerminal {
		if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
			s.Width = width
		}
	}
	return s
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/starfleet-go/starfleet/internal/command"
)

// longestAnswer is how many bytes of an answer are read.
const longestAnswer = 64

// mayAsk says whether there is a person to ask.
func mayAsk(c *command.Console) bool { return c.InTerminal && c.ErrTerminal }

// asks says whether there is a person to ask, and none who wants an object and nothing else.
func asks(c *command.Console) bool { return mayAsk(c) && !c.JSON }

// confirm asks the person at the terminal. Only a line that says y or yes, and nothing else, is a yes; otherwise the error says that
// nothing happened, in the words of nothing.
func confirm(ctx context.Context, c *command.Console, question, nothing string) error {
	answer, err := newPrompter(c).ask(ctx, question+" [y/N]")
	switch {
	case errors.Is(err, io.EOF):
		answer = "" // a line that does not end is no answer
	case err != nil:
		return fmt.Errorf("%s: %w", nothing, err)
	}
	if answer = strings.ToLower(answer); answer == "y" || answer == "yes" {
		return nil
	}
	return errors.New(nothing + ": the answer was no")
}

// prompter asks questions and reads a line as the answer of each.
type prompter struct {
	console *command.Console
	lines   chan string
	wanted  chan struct{}
}

// newPrompter makes a prompter. It reads ahead of no question. What waits for a line that never comes ends with the process.
func newPrompter(c *command.Console) *prompter {
	p := &prompter{console: c, lines: make(chan string), wanted: make(chan struct{}, 1)}
	go func() {
		defer close(p.lines)
		in := bufio.NewReader(c.In)
		for range p.wanted {
			line, err := readLine(in)
			if err != nil {
				return
			}
			p.lines <- line
		}
	}()
	return p
}

// readLine reads a line without its end. What is longer than an answer can be is no answer: "".
func readLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	line = strings.TrimRight(line, "\r\n")
	if len(line) > longestAnswer {
		line = ""
	}
	return line, err
}

// ask asks a question. The error is io.EOF when nobody answers any more.
func (p *prompter) ask(ctx context.Context, question string) (string, error) {
	_, _ = fmt.Fprintf(p.console.Err, "%s ", command.Safe(question))
	p.wanted <- struct{}{}
	select {
	case line, ok := <-p.lines:
		if !ok {
			return "", io.EOF
		}
		return line, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

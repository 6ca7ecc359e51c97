package accountindex

import (
	"errors"
	"fmt"

	"github.com/starfleet-go/starfleet/accountindex/internal/engine"
)

const maxExpressionBytes = 4096

// ErrNoExpressions says that the program cannot evaluate ByExpression, because it does not link package accountindex/expression. A
// resolution with an expression fails with it.
var ErrNoExpressions = errors.New(`this program evaluates no expressions: import _ "github.com/starfleet-go/starfleet/accountindex/expression" in its main`)

// facts are the facts that may be unknown for an account.
type facts uint8

const (
	factTags facts = 1 << iota
	factUnits
	factRegions
)

// expression is a compiled ByExpression.
type expression struct {
	program engine.Program
	uses    facts
}

// CheckExpression compiles an expression and returns what is wrong with it: syntax, a name that is
// not known, a result that is not true or false, more than 200 nodes or 4,096 bytes. It is ErrNoExpressions
// where the program cannot tell.
func CheckExpression(text string) error {
	_, err := compileExpression(text)
	return err
}

// compileExpression compiles an expression and finds the facts that it uses.
func compileExpression(text string) (*expression, error) {
	if len(text) > maxExpressionBytes {
		return nil, fmt.Errorf("the expression has %d bytes: at most %d are allowed", len(text), maxExpressionBytes)
	}
	language := engine.Registered()
	if language == nil {
		return nil, ErrNoExpressions
	}
	program, err := language.Compile(text, new(evaluator).environment())
	if err != nil {
		return nil, err
	}
	e := &expression{program: program}
	for _, name := range program.Names() {
		switch name {
		case "tag":
			e.uses |= factTags
		case "inOU", "ous", "path":
			e.uses |= factUnits
		case "regions":
			e.uses |= factRegions
		}
	}
	return e, nil
}

// Package engine is where package accountindex finds the language of ByExpression, when a program links it.
//
// The language brings a compiler and a virtual machine that call methods by name, and while such code can be reached the linker keeps every
// method of every type: 5 MB in a worker ship that never looks at an expression. So accountindex does not import it; package
// accountindex/expression does, and registers it here, as hash functions register themselves with package crypto.
package engine

import "sync/atomic"

// Engine compiles expressions. Implementations are safe for concurrent use.
type Engine interface {
	// Compile compiles an expression with a boolean result over the names of environment, whose values give their types.
	Compile(text string, environment map[string]any) (Program, error)
}

// Program is a compiled expression.
type Program interface {
	// Names are the variables and functions of the environment that the expression uses.
	Names() []string
	// NewRun makes a function that evaluates the expression over an environment of the same names and types. One
	// goroutine may use it at a time.
	NewRun() func(environment map[string]any) (bool, error)
}

// StepFunction is the name in the environment of a func() bool that a program calls in every turn of a loop. It panics with an error to end
// the run, which then fails with that error. No expression can name it.
const StepFunction = "(step)"

var registered atomic.Pointer[Engine]

// Register makes e the engine of the program. The last one stays.
func Register(e Engine) { registered.Store(&e) }

// Registered is the engine of the program, nil when it has none.
func Registered() Engine {
	if e := registered.Load(); e != nil {
		return *e
	}
	return nil
}

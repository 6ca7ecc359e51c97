package expression

import (
	"errors"
	"fmt"
	"slices"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"github.com/starfleet-go/starfleet/accountindex/internal/engine"
)

func init() { engine.Register(language{}) } //nolint:gochecknoinits // to be imported for this effect, as hash functions are

const maxNodes = 200

// builtins are the functions of the expression language that an expression may call. None of them
// tells the time, and none makes text or lists that are longer than what it is given.
var builtins = []string{
	"all", "any", "none", "one", "count", "filter", "find", "findIndex", "findLast", "findLastIndex",
	"len", "first", "last", "lower", "upper", "trim", "trimPrefix", "trimSuffix", "split",
	"hasPrefix", "hasSuffix", "indexOf", "lastIndexOf",
}

// language is the engine.
type language struct{}

// program is one compiled expression.
type program struct {
	code  *vm.Program
	names []string
}

// Compile implements engine.Engine.
func (language) Compile(text string, environment map[string]any) (p engine.Program, err error) {
	defer func() {
		if r := recover(); r != nil { // the compiler of another module, at the mercy of a template
			p, err = nil, fmt.Errorf("the expression can not be compiled: %v", r)
		}
	}()
	check := &checker{}
	options := []expr.Option{
		expr.Env(environment), expr.AsBool(), expr.WarnOnAny(), expr.MaxNodes(maxNodes),
		expr.DisableAllBuiltins(), expr.Patch(check),
	}
	for _, name := range builtins {
		options = append(options, expr.EnableBuiltin(name))
	}
	code, err := expr.Compile(text, options...)
	if check.err != nil {
		return nil, check.err
	}
	if err != nil {
		return nil, plain(err)
	}
	return &program{code: code, names: check.names}, nil
}

// Names implements engine.Program.
func (p *program) Names() []string { return p.names }

// NewRun implements engine.Program.
func (p *program) NewRun() func(map[string]any) (bool, error) {
	machine := vm.VM{}
	return func(environment map[string]any) (bool, error) {
		result, err := machine.Run(p.code, environment)
		return result == true, plain(err)
	}
}

// plain turns an error with a picture of the source into one line, and keeps what it wraps.
func plain(err error) error {
	var at *file.Error
	if !errors.As(err, &at) {
		return err
	}
	place := fmt.Sprintf("column %d", at.Column+1)
	if at.Line > 1 {
		place = fmt.Sprintf("line %d, column %d", at.Line, at.Column+1)
	}
	return &plainError{text: fmt.Sprintf("%s (%s of the expression)", at.Message, place), err: err}
}

type plainError struct {
	text string
	err  error
}

func (e *plainError) Error() string { return e.text }
func (e *plainError) Unwrap() error { return e.err }

// checker looks at every node of an expression: it notes the names that are used, refuses
// what could run away, and puts a call of engine.StepFunction into each loop.
type checker struct {
	names []string
	err   error
}

func (c *checker) refuse(node ast.Node, what string) {
	if c.err == nil {
		c.err = fmt.Errorf("%s is not available (character %d of the expression)", what, node.Location().From+1)
	}
}

// Visit implements ast.Visitor.
func (c *checker) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if n.Value == "$env" {
			c.refuse(n, "$env")
		}
		if !slices.Contains(c.names, n.Value) {
			c.names = append(c.names, n.Value)
		}
	case *ast.BuiltinNode:
		if !slices.Contains(builtins, n.Name) {
			c.refuse(n, "the function "+n.Name)
		}
	case *ast.VariableDeclaratorNode:
		c.refuse(n, "let")
	case *ast.BinaryNode:
		if n.Operator == ".." {
			c.refuse(n, "the operator ..")
		}
	case *ast.PredicateNode:
		step := &ast.CallNode{Callee: &ast.IdentifierNode{Value: engine.StepFunction}}
		n.Node = &ast.BinaryNode{Operator: "&&", Left: step, Right: n.Node}
	}
}

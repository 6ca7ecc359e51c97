package accountindex

import (
	"errors"
	"fmt"
	"slices"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

const (
	maxExpressionNodes = 200
	maxExpressionBytes = 4096
)

// facts are the facts that may be unknown for an account.
type facts uint8

const (
	factTags facts = 1 << iota
	factUnits
	factRegions
)

// expression is a compiled ByExpression.
type expression struct {
	program   *vm.Program
	uses      facts
	variables []string // that it reads, and functions
}

// stepFunction is what the compiler puts into the body of every loop, so that evaluation can be
// stopped. No expression can name it.
const stepFunction = "(step)"

// builtins are the functions of the expression language that an expression may call. None of them
// tells the time, and none makes text or lists that are longer than what it is given.
var builtins = []string{
	"all", "any", "none", "one", "count", "filter", "find", "findIndex", "findLast", "findLastIndex",
	"len", "first", "last", "lower", "upper", "trim", "trimPrefix", "trimSuffix", "split",
	"hasPrefix", "hasSuffix", "indexOf", "lastIndexOf",
}

// CheckExpression compiles an expression and returns what is wrong with it: syntax, a name that is
// not known, a result that is not true or false, more than 200 nodes or 4,096 bytes.
func CheckExpression(text string) error {
	_, err := compileExpression(text)
	return err
}

// compileExpression compiles an expression and finds the facts that it uses.
func compileExpression(text string) (e *expression, err error) {
	if len(text) > maxExpressionBytes {
		return nil, fmt.Errorf("the expression has %d bytes: at most %d are allowed", len(text), maxExpressionBytes)
	}
	defer func() {
		if r := recover(); r != nil { // the compiler of another module, at the mercy of a template
			e, err = nil, fmt.Errorf("the expression can not be compiled: %v", r)
		}
	}()
	e = &expression{}
	check := &expressionCheck{expression: e}
	options := []expr.Option{
		expr.Env(new(evaluator).environment()), expr.AsBool(), expr.WarnOnAny(), expr.MaxNodes(maxExpressionNodes),
		expr.DisableAllBuiltins(), expr.Patch(check),
	}
	for _, name := range builtins {
		options = append(options, expr.EnableBuiltin(name))
	}
	e.program, err = expr.Compile(text, options...)
	if check.err != nil {
		return nil, check.err
	}
	if err != nil {
		return nil, plainExpressionError(err)
	}
	return e, nil
}

// plainExpressionError turns an error with a picture of the source into one line.
func plainExpressionError(err error) error {
	var at *file.Error
	if !errors.As(err, &at) {
		return err
	}
	if at.Line > 1 {
		return fmt.Errorf("%s (line %d, column %d of the expression)", at.Message, at.Line, at.Column+1)
	}
	return fmt.Errorf("%s (column %d of the expression)", at.Message, at.Column+1)
}

// expressionCheck looks at every node of an expression: it notes the facts that are used, refuses
// what could run away, and puts a call of stepFunction into each loop.
type expressionCheck struct {
	expression *expression
	err        error
}

func (c *expressionCheck) refuse(node ast.Node, what string) {
	if c.err == nil {
		c.err = fmt.Errorf("%s is not available (character %d of the expression)", what, node.Location().From+1)
	}
}

// Visit implements ast.Visitor.
func (c *expressionCheck) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		c.identifier(n)
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
		step := &ast.CallNode{Callee: &ast.IdentifierNode{Value: stepFunction}}
		n.Node = &ast.BinaryNode{Operator: "&&", Left: step, Right: n.Node}
	}
}

func (c *expressionCheck) identifier(n *ast.IdentifierNode) {
	switch n.Value {
	case "$env":
		c.refuse(n, "$env")
	case "tag":
		c.expression.uses |= factTags
	case "inOU", "ous", "path":
		c.expression.uses |= factUnits
	case "regions":
		c.expression.uses |= factRegions
	}
	if !slices.Contains(c.expression.variables, n.Value) {
		c.expression.variables = append(c.expression.variables, n.Value)
	}
}

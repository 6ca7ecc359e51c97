// Package expression lets a program compile and evaluate ByExpression. Import it for its effect:
//
//	import _ "github.com/starfleet-go/starfleet/accountindex/expression"
//
// Package starbase imports it, and so do the operator's command line and package local. A worker ship with an account index needs it where
// templates select by expressions; without an index it never evaluates one. It costs a ship 5 to 10 MB, which is why it is left to its main.
// Where it is missing, a resolution with an expression fails with accountindex.ErrNoExpressions: an account is never taken in, nor let
// through, by an expression that nobody evaluated.
//
// The language is that of github.com/expr-lang/expr, narrowed to what package accountindex documents.
package expression

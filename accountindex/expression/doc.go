// Package expression lets a program compile and evaluate ByExpression. Import it for its effect:
//
//	import _ "github.com/starfleet-go/starfleet/accountindex/expression"
//
// A Starbase, the operator's command line, package local and the adapters of account indexes in S3 import it. A worker ship without an account
// index never evaluates an expression, and is 5 MB smaller without. Where it is missing, a resolution with an expression fails with
// accountindex.ErrNoExpressions: an account is never taken in, nor let through, by an expression that nobody evaluated.
//
// The language is that of github.com/expr-lang/expr, narrowed to what package accountindex documents.
package expression

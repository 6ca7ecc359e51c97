// Package cli is the operator's command line, starfleet: it checks templates, says which accounts and regions they
// resolve to and why, and sends their tasks.
package cli

// Package command is what the operator's command line and that of a ship have in common: the streams, the parsing of
// arguments, exit statuses, and how faults are told to a person and to a program.
package command

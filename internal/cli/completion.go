package cli

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/starfleet-go/starfleet/internal/command"
)

// completionCommand prints a completion script.
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help is the detailed help.
func (completionCommand) Help() string {
	return `The script is static: completing runs no starfleet.

Examples:

  source <(starfleet completion bash)
  starfleet completion zsh > "${fpath[1]}/_starfleet"
  starfleet completion fish > ~/.config/fish/completions/starfleet.fish

`
}

// Run does it.
func (s *completionCommand) Run(c *command.Console) error {
	model, err := program().Model()
	if err != nil {
		return err
	}
	var script bytes.Buffer
	writers := map[string]func(io.Writer, []completed){"bash": writeBash, "zsh": writeZsh, "fish": writeFish}
	writers[s.Shell](&script, completions(model.Node))
	_, err = c.Out.Write(script.Bytes())
	return err
}

// completed is one command as completion knows it. The first is the program itself, with the path "".
type completed struct {
	path     string // such as "manifest show"
	commands []described
	flags    []completedFlag
	files    bool     // its arguments are files
	values   []string // its argument is one of these
}

// described is a word with what it means.
type described struct{ name, help string }

// completedFlag is a flag of a command.
type completedFlag struct {
	described
	short  string // "" without
	value  bool   // it takes one
	files  bool   // which is a file or a folder
	values []string
}

// completions are all commands below the node, the outer ones first.
func completions(node *kong.Node) []completed {
	var path string
	if node.Type == kong.CommandNode {
		path = node.Path()
	}
	this := completed{path: path}
	for _, child := range node.Children {
		this.commands = append(this.commands, described{child.Name, firstSentence(child.Help)})
	}
	for _, level := range node.AllFlags(true) {
		for _, flag := range level {
			this.flags = append(this.flags, completeFlag(flag))
		}
	}
	if node.DefaultCmd != nil { // its flags may stand without its name
		for _, flag := range node.DefaultCmd.Flags {
			this.flags = append(this.flags, completeFlag(flag))
		}
	}
	for _, positional := range node.Positional {
		if positional.Enum != "" {
			this.values = positional.EnumSlice()
		} else {
			this.files = true
		}
	}
	all := []completed{this}
	for _, child := range node.Children {
		all = append(all, completions(child)...)
	}
	return all
}

func completeFlag(flag *kong.Flag) completedFlag {
	f := completedFlag{described: described{flag.Name, firstSentence(flag.Help)}, value: !flag.IsBool()}
	if flag.Short != 0 {
		f.short = string(flag.Short)
	}
	if flag.Enum != "" {
		f.values = flag.EnumSlice()
	}
	f.files = slices.Contains([]string{"FILE", "DIR", "CHECKOUT"}, flag.PlaceHolder)
	return f
}

// firstSentence is a help text as short as a completion shows it.
func firstSentence(help string) string {
	sentence, _, _ := strings.Cut(help, ". ")
	sentence, _, _ = strings.Cut(sentence, ": ")
	return strings.TrimSuffix(sentence, ".")
}

// quoted is text in the single quotes of a POSIX shell.
func quoted(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// steps are the patterns "COMMANDS-SO-FAR WORD" that lead to a command, for a case of a POSIX shell.
func steps(all []completed) string {
	var patterns []string
	for _, c := range all {
		for _, child := range c.commands {
			patterns = append(patterns, quoted(c.path+" "+child.name))
		}
	}
	return strings.Join(patterns, "|")
}

// flagPatterns are "COMMAND:FLAG" for each way of writing the flag.
func flagPatterns(c completed, f completedFlag) string {
	patterns := quoted(c.path + ":--" + f.name)
	if f.short != "" {
		patterns += "|" + quoted(c.path+":-"+f.short)
	}
	return patterns
}

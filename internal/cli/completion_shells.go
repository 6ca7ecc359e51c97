package cli

import (
	"fmt"
	"io"
	"strings"
)

// writeBash writes the script for bash, 3.2 as well. Where it offers nothing, bash completes files.
func writeBash(out io.Writer, all []completed) {
	write := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	write("# Completion of %s for bash. Load it with: source <(%s completion bash)", programName, programName)
	write("_%s() {", programName)
	write("  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at='' i words=''")
	write("  [[ $cur == = ]] && cur=''")
	write("  [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}")
	write("  for ((i = 1; i < COMP_CWORD; i++)); do")
	write("    case \"$at ${COMP_WORDS[i]}\" in")
	write("      %s) at=\"${at:+$at }${COMP_WORDS[i]}\" ;;", steps(all))
	write("    esac")
	write("  done")
	write("  COMPREPLY=()")
	write("  case \"$at:$prev\" in")
	for _, c := range all {
		for _, f := range c.flags {
			switch {
			case len(f.values) > 0:
				write("    %s) COMPREPLY=($(compgen -W %s -- \"$cur\")); return ;;", flagPatterns(c, f), quoted(strings.Join(f.values, " ")))
			case f.value:
				write("    %s) return ;;", flagPatterns(c, f))
			}
		}
	}
	write("  esac")
	write("  case \"$at\" in")
	for _, c := range all {
		var flags []string
		for _, f := range c.flags {
			flags = append(flags, "--"+f.name)
		}
		words := append([]string{}, c.values...)
		for _, child := range c.commands {
			words = append(words, child.name)
		}
		write("    %s) if [[ $cur == -* ]]; then words=%s; else words=%s; fi ;;",
			quoted(c.path), quoted(strings.Join(flags, " ")), quoted(strings.Join(words, " ")))
	}
	write("  esac")
	write("  [[ -n $words ]] && COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))")
	write("}")
	write("complete -o default -F _%s %s", programName, programName)
}

// writeZsh writes the script for zsh, to be loaded by compinit or by source.
func writeZsh(out io.Writer, all []completed) {
	write := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	describe := func(name, help string) string {
		return quoted(strings.ReplaceAll(name, ":", `\:`) + ":" + help)
	}
	write("#compdef %s", programName)
	write("# Completion of %s for zsh. Put it into a folder of $fpath as _%s, or load it with: source <(%s completion zsh)", programName, programName, programName)
	write("_%s() {", programName)
	write("  local at='' i")
	write("  local -a flags entries")
	write("  for ((i = 2; i < CURRENT; i++)); do")
	write("    case \"$at ${words[i]}\" in")
	write("      %s) at=\"${at:+$at }${words[i]}\" ;;", steps(all))
	write("    esac")
	write("  done")
	write("  case \"$at:${words[CURRENT-1]}\" in")
	for _, c := range all {
		for _, f := range c.flags {
			switch {
			case len(f.values) > 0:
				write("    %s) compadd -- %s; return ;;", flagPatterns(c, f), strings.Join(f.values, " "))
			case f.files:
				write("    %s) _files; return ;;", flagPatterns(c, f))
			case f.value:
				write("    %s) _message %s; return ;;", flagPatterns(c, f), quoted(f.help))
			}
		}
	}
	write("  esac")
	write("  case \"$at\" in")
	for _, c := range all {
		write("    %s)", quoted(c.path))
		write("      flags=(")
		for _, f := range c.flags {
			write("        %s", describe("--"+f.name, f.help))
		}
		write("      )")
		write("      entries=(")
		for _, child := range c.commands {
			write("        %s", describe(child.name, child.help))
		}
		for _, value := range c.values {
			write("        %s", describe(value, ""))
		}
		write("      ) ;;")
	}
	write("  esac")
	write("  if [[ ${words[CURRENT]} == -* ]]; then")
	write("    _describe -o flag flags")
	write("  elif (( ${#entries} )); then")
	write("    _describe command entries")
	write("  else")
	write("    _files")
	write("  fi")
	write("}")
	write("if [[ ${funcstack[1]} == _%s ]]; then _%s \"$@\"; else compdef _%s %s; fi", programName, programName, programName, programName)
}

// writeFish writes the script for fish.
func writeFish(out io.Writer, all []completed) {
	write := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	fish := func(text string) string {
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
	}
	write("# Completion of %s for fish. Put it into ~/.config/fish/completions/%s.fish", programName, programName)
	write("function __%s_at", programName)
	write("    set -l at")
	write("    for word in (commandline -opc)[2..-1]")
	write("        switch \"$at $word\"")
	write("            case %s", strings.ReplaceAll(steps(all), "|", " "))
	write("                set at (string trim -- \"$at $word\")")
	write("        end")
	write("    end")
	write("    test \"$at\" = \"$argv[1]\"")
	write("end")
	write("complete -c %s -f", programName)
	for _, c := range all {
		at := fmt.Sprintf("complete -c %s -n %s", programName, fish("__"+programName+"_at "+fish(c.path)))
		for _, child := range c.commands {
			write("%s -a %s -d %s", at, child.name, fish(child.help))
		}
		if len(c.values) > 0 {
			write("%s -a %s", at, fish(strings.Join(c.values, " ")))
		}
		if c.files {
			write("%s -F", at)
		}
		for _, f := range c.flags {
			line := at + " -l " + f.name
			if f.short != "" {
				line += " -s " + f.short
			}
			switch {
			case len(f.values) > 0:
				line += " -x -a " + fish(strings.Join(f.values, " "))
			case f.files:
				line += " -r -F"
			case f.value:
				line += " -x"
			}
			write("%s -d %s", line, fish(f.help))
		}
	}
}

package command

// Paint colours text for a terminal. The zero value leaves it as it is.
type Paint struct{ on bool }

// NewPaint colours only what goes to a terminal, and not when NO_COLOR is set to anything, or TERM is dumb.
func NewPaint(terminal bool, getenv func(string) (string, bool)) Paint {
	noColor, _ := getenv("NO_COLOR")
	kind, _ := getenv("TERM")
	return Paint{on: terminal && noColor == "" && kind != "dumb"}
}

// On says whether anything is coloured.
func (p Paint) On() bool { return p.on }

// Red is for what went wrong.
func (p Paint) Red(text string) string { return p.wrap("31", text) }

// Green is for what is good, and for what is added.
func (p Paint) Green(text string) string { return p.wrap("32", text) }

// Yellow is for warnings.
func (p Paint) Yellow(text string) string { return p.wrap("33", text) }

// Bold is for headings.
func (p Paint) Bold(text string) string { return p.wrap("1", text) }

// Faint is for what matters less.
func (p Paint) Faint(text string) string { return p.wrap("2", text) }

func (p Paint) wrap(code, text string) string {
	if !p.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

package githubsync

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
)

// selection says which paths of the repository a template is about. The same answer holds for what is uploaded and for what is deleted.
type selection struct {
	include, exclude []*regexp.Regexp
}

// selection compiles the patterns of a template. All faults are reported at once.
func (p Payload) selection() (selection, error) {
	include, err := compileAll("IncludeRepoPaths", p.IncludeRepoPaths)
	exclude, err2 := compileAll("ExcludeRepoPaths", p.ExcludeRepoPaths)
	return selection{include: include, exclude: exclude}, errors.Join(err, err2)
}

// selects says whether a path is included, and not excluded. The empty path is none.
func (s selection) selects(path string) bool {
	return path != "" && (len(s.include) == 0 || anyFound(s.include, path)) && !anyFound(s.exclude, path)
}

func anyFound(patterns []*regexp.Regexp, path string) bool {
	for _, pattern := range patterns {
		if pattern.MatchString(path) {
			return true
		}
	}
	return false
}

func compileAll(key string, patterns []string) ([]*regexp.Regexp, error) {
	var errs []error
	compiled := make([]*regexp.Regexp, 0, len(patterns))
	for i, pattern := range patterns {
		if pattern == "" {
			errs = append(errs, fmt.Errorf("%s[%d] is empty, and is found in every path: remove it", key, i))
			continue
		}
		c, err := regexp.Compile(pattern)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s[%d] %q: %w%s", key, i, pattern, err, hint(err)))
			continue
		}
		compiled = append(compiled, c)
	}
	return compiled, errors.Join(errs...)
}

// hint is for patterns that Python's expressions have and RE2 does not.
func hint(err error) string {
	var fault *syntax.Error
	if !errors.As(err, &fault) {
		return ""
	}
	switch fault.Code {
	case syntax.ErrInvalidPerlOp, syntax.ErrMissingRepeatArgument, syntax.ErrInvalidNamedCapture, syntax.ErrInvalidEscape, syntax.ErrInvalidRepeatOp:
		return " (patterns are those of RE2, https://golang.org/s/re2syntax, which has neither look-around such as (?=x), (?!x) and (?<!x)" +
			" nor back-references such as \\1: say in ExcludeRepoPaths what must not be there)"
	}
	return ""
}

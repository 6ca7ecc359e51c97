package iamrole

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestReduced(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"Account 1": "Account1", "a_+=,.@-Z9": "a_+=,.@-Z9", "arn:aws:s3:::b/*": "arnawss3b", `"}{\`: "", "Zürich": "Zürich", "\xff": "",
		strings.Repeat("é ", 100): strings.Repeat("é", 64),
	} {
		if got := reduced(value); got != want {
			t.Errorf("%q is reduced to %q, want %q", value, got, want)
		}
	}
}

// FuzzExpand: a text is refused, or has neither variables nor anything else of Jinja when they are filled in, and is the same when it has none.
func FuzzExpand(f *testing.F) {
	for _, text := range []string{"", "plain", "{{var.a}}", "x{{ var.a_b }}y{{var.c}}", "{{{var.a}}}", "{{var.a|x}}", "{% if %}", "{# #}", "{{", "}}", "{{var.é}}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := expand(text, func(name string) (string, error) {
			if !variableName.MatchString(name) {
				t.Errorf("asked for %q", name)
			}
			if strings.HasPrefix(name, "no") {
				return "", errors.New("no")
			}
			return reduced("{{" + name + "}}"), nil
		})
		if err != nil {
			return
		}
		if at, which := firstOf(got, "{{", "{%", "{#"); at >= 0 {
			t.Errorf("%q became %q, which has %s", text, got, which)
		}
		if at, _ := firstOf(text, "{{", "{%", "{#"); at < 0 && got != text {
			t.Errorf("%q became %q", text, got)
		}
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Errorf("%q became %q", text, got)
		}
	})
}

// FuzzRead: any document that IAM may answer with has a meaning, which is the same for its own writing.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"", "{}", "null", `{"Statement":{}}`, `{"Version":"2012-10-17","Id":"x","Statement":[{"Effect":"Allow","Principal":"*","Action":["b","a"],"Resource":[1,null]}]}`,
		`{"Statement":[{"Principal":{"AWS":["123456789012",{}]},"Condition":{"Bool":{"a":[true]},"b":1},"Sid":""}]}`, `{"Statement":["x",[]],"Version":3}`, `%7B%7D`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first := read(decoded(text), "aws")
		if again := read(decoded(text), "aws"); !first.equal(again) {
			t.Errorf("%q means %v and %v", text, first, again)
		}
	})
}

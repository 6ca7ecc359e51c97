package schema

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// cursor turns growing byte offsets of a text into lines and columns, in one pass over the text.
type cursor struct {
	text   []byte
	offset int
	line   int
	column int
}

func newCursor(text []byte) *cursor { return &cursor{text: text, line: 1, column: 1} }

// seek moves forward to offset and returns its place, both 1-based, the column in characters.
func (c *cursor) seek(offset int) (line, column int) {
	for c.offset < offset && c.offset < len(c.text) {
		size := 1
		switch b := c.text[c.offset]; {
		case b == '\n', b == '\r' && !bytes.HasPrefix(c.text[c.offset:], []byte("\r\n")):
			c.line++
			c.column = 1
		case b == '\r':
		case b < utf8.RuneSelf:
			c.column++
		default:
			_, size = utf8.DecodeRune(c.text[c.offset:])
			c.column++
		}
		c.offset += size
	}
	return c.line, c.column
}

var byteOrderMark = []byte("\uFEFF")

// checkSize refuses a text that is too large, before anything else looks at it.
func checkSize(file string, data []byte) Faults {
	if len(data) <= MaxBytes {
		return nil
	}
	return Faults{{
		File:    file,
		Problem: fmt.Sprintf("the document has %d bytes, more than the %d (1 MiB) that are allowed", len(data), MaxBytes),
		Hint:    "split it into several documents",
	}}
}

// checkUTF8 refuses a text that is not UTF-8, at the place of the first byte that is not.
func checkUTF8(file string, data []byte) Faults {
	if utf8.Valid(data) {
		return nil
	}
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		at += size
	}
	line, column := newCursor(data).seek(at)
	return Faults{{
		File: file, Line: line, Column: column,
		Problem: fmt.Sprintf("the text is not UTF-8 (byte 0x%02x)", data[at]),
		Hint:    "save the file as UTF-8",
	}}
}

// checkPrintable refuses the characters that YAML 1.1 does not allow in a text: control characters and
// the non-characters U+FFFE and U+FFFF.
func checkPrintable(file string, data []byte) Faults {
	var faults Faults
	place := newCursor(data)
	for i, r := range string(data) {
		if printable(r) {
			continue
		}
		if len(faults) == maxFaults {
			break
		}
		line, column := place.seek(i)
		faults = append(faults, Fault{
			File: file, Line: line, Column: column,
			Problem: fmt.Sprintf("the text holds %U, a character that YAML does not allow", r),
			Hint:    fmt.Sprintf("remove it, or write it as an escape in double quotes: \"%s\"", escapeOf(r)),
		})
	}
	return faults
}

func escapeOf(r rune) string {
	if r <= 0xFF {
		return fmt.Sprintf(`\x%02x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

func printable(r rune) bool {
	switch {
	case r == '\t', r == '\n', r == '\r', r == 0x85, r == 0xFEFF:
		return true
	case r >= 0x20 && r < 0x7F, r >= 0xA0 && r < 0xFFFE, r >= 0x10000:
		return true
	}
	return false
}

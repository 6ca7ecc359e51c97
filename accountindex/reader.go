package accountindex

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

const duplicateKey = "the key is there twice"

// reader reads JSON value by value and keeps the path to the value that it is at. After text that is
// not JSON it is broken: nothing more is read.
type reader struct {
	b       *builder
	data    []byte
	decoder *jsontext.Decoder
	places  []place
	broken  bool

	// Space that is used again for each account.
	chain   []parentEntry
	members []uint32
}

func (r *reader) push(p place) { r.places = append(r.places, p) }
func (r *reader) pop()         { r.places = r.places[:len(r.places)-1] }

func (r *reader) fault(at int, problem, hint string) {
	r.b.faults.add(at, string(appendPath(nil, r.places)), problem, hint)
}

// fail notes that the file is not JSON from here on.
func (r *reader) fail(err error) {
	if r.broken {
		return
	}
	r.broken = true
	at := int(r.decoder.InputOffset())
	problem, hint := err.Error(), ""
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		at, problem = int(syntax.ByteOffset), syntax.Err.Error()
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		at, problem, hint = len(r.data), "the file ends too early", "was it cut off? "+regenerateHint
	}
	r.fault(min(at, len(r.data)), "not JSON: "+problem, hint)
}

// skipSpace is the offset of the next value, past spaces, colons and commas.
func (r *reader) skipSpace() int {
	at := int(r.decoder.InputOffset())
	for at < len(r.data) && strings.IndexByte(" \t\r\n:,", r.data[at]) >= 0 {
		at++
	}
	return at
}

// value reads the next value whole. The text is part of the file's data. A broken reader gives 0.
func (r *reader) value() (kind jsontext.Kind, raw []byte, at int) {
	if r.broken {
		return 0, nil, 0
	}
	v, err := r.decoder.ReadValue()
	if err != nil {
		r.fail(err)
		return 0, nil, 0
	}
	end := int(r.decoder.InputOffset())
	at = end - len(v)
	raw = r.data[at:end:end]
	return jsontext.Value(raw).Kind(), raw, at
}

func (r *reader) skip() { r.value() }

// null reads the next value if it is null.
func (r *reader) null() bool {
	if r.broken || r.decoder.PeekKind() != 'n' {
		return false
	}
	r.skip()
	return true
}

// unquote is the text of a JSON string.
func unquote(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // raw has been read as a string: it is well formed
	return text
}

// textAt reads a string and notes a fault for anything else.
func (r *reader) textAt() (text []byte, at int, ok bool) {
	kind, raw, at := r.value()
	switch kind {
	case '"':
		return unquote(raw), at, true
	case 0:
	default:
		r.wrongType(at, "a string", kind)
	}
	return nil, at, false
}

func (r *reader) text() []byte {
	text, _, _ := r.textAt()
	return text
}

// optionalText is textAt for a value that may be null, which gives no text and no fault.
func (r *reader) optionalText() (text []byte, at int, ok bool) {
	if r.null() {
		return nil, 0, false
	}
	return r.textAt()
}

func (r *reader) wrongType(at int, want string, kind jsontext.Kind) {
	names := map[jsontext.Kind]string{
		'n': "null", 't': "true", 'f': "false", '"': "a string", '0': "a number", '{': "an object", '[': "a list",
	}
	hint := ""
	if want == "a string" && kind == '0' {
		hint = "put it in quotes"
	}
	r.fault(at, fmt.Sprintf("this is %s, not %s", names[kind], want), hint)
}

// open reads the start of an object or a list. A value of another type is skipped with a fault.
func (r *reader) open(start jsontext.Kind, want string) bool {
	if r.broken {
		return false
	}
	if kind := r.decoder.PeekKind(); kind != start {
		if kind, _, at := r.value(); kind != 0 {
			r.wrongType(at, want, kind)
		}
		return false
	}
	if _, err := r.decoder.ReadToken(); err != nil {
		r.fail(err)
		return false
	}
	return true
}

// more says whether another value comes before the end of an object or list, whose end it reads.
func (r *reader) more(end jsontext.Kind) bool {
	if r.broken {
		return false
	}
	if r.decoder.PeekKind() != end {
		return true
	}
	if _, err := r.decoder.ReadToken(); err != nil {
		r.fail(err)
	}
	return false
}

// object reads an object. visit reads the value of each key. It is false when the value is no object.
func (r *reader) object(want string, visit func(key []byte, at int)) bool {
	if !r.open('{', want) {
		return false
	}
	for r.more('}') {
		kind, raw, at := r.value()
		if kind == 0 {
			return true
		}
		key := unquote(raw)
		r.push(place{key: key})
		visit(key, at)
		r.pop()
	}
	return true
}

// list reads a list, or null, for which it is false. visit reads each item.
func (r *reader) list(want string, visit func(i int)) bool {
	if r.null() || !r.open('[', want) {
		return false
	}
	for i := 0; r.more(']'); i++ {
		r.push(place{index: i})
		visit(i)
		r.pop()
	}
	return true
}

// extra reads a field that is carried through.
func (r *reader) extra(key []byte) (extraField, bool) {
	kind, raw, at := r.value()
	if kind == 0 {
		return extraField{}, false
	}
	if !jsontext.Value(raw).IsValid() {
		r.fault(at, "a key is there twice in this value", "")
		return extraField{}, false
	}
	return extraField{name: string(key), text: slices.Clone(raw)}, true
}

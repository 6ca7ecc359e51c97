package schema

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	// maxDecodeFaults is how many faults one call of Decode looks for, each by decoding once more.
	maxDecodeFaults = 100
	// maxDecodeBytes is how much JSON one call of Decode reads in doing so.
	maxDecodeBytes = 16 * MaxBytes
)

// Decode fills v, a pointer, from the document. Keys match the names in json tags exactly, case included; unknown
// keys are left alone. A [time.Duration] is read from text such as "30s". Null leaves the zero value.
//
// The error is [Faults] with places; v is then not to be used.
func (d *Document) Decode(v any) error { return d.DecodeNode(d.Root, v, false) }

// DecodeNode is [Document.Decode] from one node of the document. With strict set, unknown keys are faults, with the
// nearest known key as the hint. A nil node is null.
func (d *Document) DecodeNode(n *Node, v any, strict bool) error {
	if n == nil {
		n = &Node{Kind: Null, text: "null", Line: 1, Column: 1}
	}
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return Faults{d.Fault(n, fmt.Sprintf("can not be read into a %T, only into a pointer", v), "")}
	}

	var faults Faults
	var skip map[*Node]bool
	read := 0
	for len(faults) < maxDecodeFaults {
		text := n.appendJSON(make([]byte, 0, n.jsonBytes()), skip)
		if read += len(text); read > maxDecodeBytes && len(faults) > 0 {
			break
		}
		// After the first fault only faults are looked for, and v is left alone.
		into := target
		if len(faults) > 0 {
			into = reflect.New(target.Type().Elem())
		}
		err := json.Unmarshal(text, into.Interface(), json.RejectUnknownMembers(strict), json.WithUnmarshalers(durations))
		if err == nil {
			break
		}
		at, fault := d.decodeFault(n, target.Type(), err)
		faults = append(faults, fault)
		if at == n || skip[at] {
			break
		}
		if skip == nil {
			skip = map[*Node]bool{}
		}
		skip[at] = true
	}
	return faults.Sort().Err()
}

// durations reads a time.Duration from its text: a bare number would leave the unit to guesses.
var durations = json.UnmarshalFromFunc(func(decoder *jsontext.Decoder, d *time.Duration) error {
	token, err := decoder.ReadToken()
	if err != nil {
		return err
	}
	if token.Kind() == 'n' {
		*d = 0
		return nil
	}
	if token.Kind() != '"' {
		return errDuration
	}
	parsed, err := time.ParseDuration(token.String())
	if err != nil {
		return errDuration
	}
	*d = parsed
	return nil
})

var errDuration = errors.New(`must be a duration with its unit, such as "30s" or "1h30m"`)

// decodeFault turns an error of the JSON decoder into a fault, and returns the node at fault.
func (d *Document) decodeFault(n *Node, t reflect.Type, err error) (*Node, Fault) {
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		return n, d.Fault(n, strings.TrimPrefix(err.Error(), "json: "), "")
	}
	var tokens []string
	for token := range semantic.JSONPointer.Tokens() {
		tokens = append(tokens, token)
	}
	at := n.at(tokens)
	switch {
	case errors.Is(semantic.Err, json.ErrUnknownName):
		return at, d.unknownKey(at, fieldNames(t, tokens[:max(0, len(tokens)-1)]))
	case errors.Is(semantic.Err, errDuration):
		return at, d.Fault(at, errDuration.Error(), "")
	case errors.Is(semantic.Err, strconv.ErrRange):
		return at, d.Fault(at, fmt.Sprintf("%s is out of range", describe(at)), "")
	case semantic.GoType == nil:
		return at, d.Fault(at, strings.TrimPrefix(err.Error(), "json: "), "")
	case semantic.Err != nil && !errors.Is(semantic.Err, strconv.ErrSyntax):
		return at, d.Fault(at, semantic.Err.Error(), "")
	}
	problem, hint := wrongType(at, wantedKinds(semantic.GoType))
	return at, d.Fault(at, problem, hint)
}

// wantedKinds are the kinds of nodes that fill a Go type.
func wantedKinds(t reflect.Type) []Kind {
	switch t.Kind() {
	case reflect.Pointer:
		return wantedKinds(t.Elem())
	case reflect.Bool:
		return []Kind{Bool}
	case reflect.String:
		return []Kind{String}
	case reflect.Float32, reflect.Float64:
		return []Kind{Float}
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return []Kind{String}
		}
		return []Kind{List}
	case reflect.Map, reflect.Struct:
		return []Kind{Map}
	case reflect.Interface:
		return nil
	}
	return []Kind{Int}
}

// fieldNames are the JSON names of the struct that a JSON pointer leads to from t; nil when it leads elsewhere.
func fieldNames(t reflect.Type, tokens []string) []string {
	for _, token := range tokens {
		switch t = element(t); t.Kind() {
		case reflect.Slice, reflect.Array, reflect.Map:
			t = t.Elem()
		case reflect.Struct:
			next := reflect.Type(nil)
			eachField(t, func(name string, field reflect.StructField) {
				if name == token {
					next = field.Type
				}
			})
			if next == nil {
				return nil
			}
			t = next
		default:
			return nil
		}
	}
	if t = element(t); t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	eachField(t, func(name string, _ reflect.StructField) { names = append(names, name) })
	return names
}

// element is t without pointers.
func element(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// eachField calls f for each field of a struct type that JSON carries, those of embedded structs included. A struct
// that embeds itself is called as a field where it comes again.
func eachField(t reflect.Type, f func(name string, field reflect.StructField)) {
	eachFieldBelow(t, nil, f)
}

// eachFieldBelow is eachField within the structs in above.
func eachFieldBelow(t reflect.Type, above []reflect.Type, f func(name string, field reflect.StructField)) {
	above = append(above, t)
	for field := range t.Fields() {
		tag, tagged := field.Tag.Lookup("json")
		name, _, _ := strings.Cut(tag, ",")
		inner := element(field.Type)
		again := slices.Contains(above, inner)
		if field.Anonymous && name == "" && inner.Kind() == reflect.Struct && !again {
			eachFieldBelow(inner, above, f)
			continue
		}
		if !field.IsExported() && !(field.Anonymous && again) || tagged && tag == "-" {
			continue
		}
		if name == "" {
			name = field.Name
		}
		f(name, field)
	}
}

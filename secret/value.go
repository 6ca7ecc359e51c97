package secret

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// mask is what is shown in place of every secret, an empty one too: the length of a text is part of it.
const mask = "***"

// Value is a text that shows as *** wherever it is printed with package fmt (every verb), logged with slog, or encoded as JSON, YAML or
// text. [Value.Reveal] is the one way to the text. It decodes from a JSON string. The zero value is empty. A Value cannot be compared
// with ==: use [Value.Equal].
type Value struct {
	// A function, since printers that look into unexported fields see only its address.
	reveal func() string
}

// New makes a value of a text.
func New(text string) Value {
	return Value{reveal: func() string { return text }}
}

// Reveal is the text. Hand it to whom it is for, and to nobody else.
func (v Value) Reveal() string {
	if v.reveal == nil {
		return ""
	}
	return v.reveal()
}

// IsZero says whether the text is empty.
func (v Value) IsZero() bool { return v.Reveal() == "" }

// Equal says whether two values have the same text, in a time that depends on their lengths alone.
func (v Value) Equal(other Value) bool {
	return subtle.ConstantTimeCompare([]byte(v.Reveal()), []byte(other.Reveal())) == 1
}

// String is ***.
func (v Value) String() string { return mask }

// GoString is ***.
func (v Value) GoString() string { return mask }

// Format writes *** for every verb and flag.
func (v Value) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mask) }

// LogValue is ***.
func (v Value) LogValue() slog.Value { return slog.StringValue(mask) }

// MarshalText is ***.
func (v Value) MarshalText() ([]byte, error) { return []byte(mask), nil }

// MarshalJSON is "***".
func (v Value) MarshalJSON() ([]byte, error) { return []byte(`"` + mask + `"`), nil }

// MarshalYAML is ***.
func (v Value) MarshalYAML() (any, error) { return mask, nil }

// UnmarshalJSON reads a string. The error does not hold the text.
func (v *Value) UnmarshalJSON(data []byte) error {
	var text *string
	if err := json.Unmarshal(data, &text); err != nil || text == nil {
		return errors.New("a secret must be a string")
	}
	*v = New(*text)
	return nil
}

// UnmarshalText takes the text as it is.
func (v *Value) UnmarshalText(data []byte) error {
	*v = New(string(data))
	return nil
}

package schema

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The patterns by which PyYAML's safe loader (6.0, YAML 1.1) tells what a plain scalar is, in the order in which
// it tries them. They differ from YAML 1.2: 1e3 is a string, 017 is octal, 12:30:45 is counted in sixties.
var (
	boolPattern  = regexp.MustCompile(`^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$`)
	floatPattern = regexp.MustCompile(`^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?` +
		`|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?` +
		`|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)$`)
	notFinitePattern = regexp.MustCompile(`^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
	intPattern       = regexp.MustCompile(`^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+` +
		`|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$`)
	nullPattern      = regexp.MustCompile(`^(?:~|null|Null|NULL|)$`)
	timestampPattern = regexp.MustCompile(`^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}` +
		`|[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:[Tt]|[ \t]+)[0-9][0-9]?:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?` +
		`(?:[ \t]*(?:Z|[-+][0-9][0-9]?(?::[0-9][0-9])?))?)$`)

	// taggedFloatPattern is what the tag !!float accepts beside floatPattern: what Python's float() does.
	taggedFloatPattern = regexp.MustCompile(`^[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?$`)
)

const (
	// maxPlain is the length above which a plain scalar is a string without a look at the patterns,
	// unless it could be a number.
	maxPlain = 64
	// maxDigits is how many decimal digits an integer may have: the limit of Python 3.11 and later.
	maxDigits = 4300
	// maxNumber is the length above which a number is refused before it is computed.
	maxNumber = 5 * maxDigits
)

// scalar is what a YAML scalar means.
type scalar struct {
	kind    Kind
	text    string // as Node.text
	problem string // why it can not be taken; the other fields are then of no use
	hint    string
}

func refused(problem, hint string) scalar { return scalar{problem: problem, hint: hint} }

// resolvePlain is the meaning of a plain scalar without a tag.
func resolvePlain(value string) scalar {
	if !mayResolve(value) {
		return scalar{kind: String, text: value}
	}
	switch {
	case nullPattern.MatchString(value):
		return scalar{kind: Null, text: "null"}
	case boolPattern.MatchString(value):
		return boolScalar(value)
	case value == "<<" || value == "=":
		return refused(fmt.Sprintf("%s has a meaning of its own in YAML", value), fmt.Sprintf("quote it: %q", value))
	case notFinitePattern.MatchString(value):
		return refused(fmt.Sprintf("%s is a number that JSON can not carry", value),
			fmt.Sprintf("quote it if it is text: %q", value))
	case floatPattern.MatchString(value):
		return floatScalar(value)
	case intPattern.MatchString(value):
		return intScalar(value)
	case timestampPattern.MatchString(value):
		return refused(fmt.Sprintf("%s is a date in YAML, which JSON can not carry", value),
			fmt.Sprintf("quote it: %q", value))
	}
	return scalar{kind: String, text: value}
}

// mayResolve says whether a plain scalar can be anything but a string, by its first character and its length.
func mayResolve(value string) bool {
	if value == "" {
		return true
	}
	if !strings.ContainsRune("yYnNtTfFoO~<=.+-0123456789", rune(value[0])) {
		return false
	}
	return len(value) <= maxPlain || strings.Trim(value, "0123456789abcdefABCDEFxX_:.+-") == ""
}

// resolveTagged is the meaning of a scalar with an explicit tag, in its short form.
func resolveTagged(tag, value string) scalar {
	switch tag {
	case "!!str":
		return scalar{kind: String, text: value}
	case "!!null":
		return scalar{kind: Null, text: "null"}
	case "!!bool":
		if boolPattern.MatchString(value) || boolPattern.MatchString(strings.ToLower(value)) {
			return boolScalar(value)
		}
		return refused(fmt.Sprintf("%q is not a boolean", shorten(value, maxKeyShown)), "write true or false")
	case "!!int":
		if intPattern.MatchString(value) {
			return intScalar(value)
		}
		return refused(fmt.Sprintf("%q is not an integer", shorten(value, maxKeyShown)), "write it in digits")
	case "!!float":
		switch {
		case floatPattern.MatchString(value), taggedFloatPattern.MatchString(value):
			return floatScalar(value)
		case notFinitePattern.MatchString(value):
			return resolvePlain(value)
		}
		return refused(fmt.Sprintf("%q is not a number", shorten(value, maxKeyShown)), "write it in digits")
	}
	return refused(tagProblem(tag), "remove the tag and quote the value")
}

func tagProblem(tag string) string {
	return fmt.Sprintf("the YAML tag %s is not supported", shorten(tag, maxKeyShown))
}

func boolScalar(value string) scalar {
	switch strings.ToLower(value) {
	case "yes", "true", "on":
		return scalar{kind: Bool, text: "true"}
	}
	return scalar{kind: Bool, text: "false"}
}

// intScalar computes what matched intPattern.
func intScalar(value string) scalar {
	tooLong := refused(fmt.Sprintf("an integer of more than %d digits is not supported", maxDigits), "quote it if it is text")
	if len(value) > maxNumber {
		return tooLong
	}
	digits := strings.ReplaceAll(value, "_", "")
	negative := strings.HasPrefix(digits, "-")
	digits = strings.TrimLeft(digits, "+-")

	number, ok := new(big.Int), true
	switch {
	case strings.HasPrefix(digits, "0b"):
		_, ok = number.SetString(digits[2:], 2)
	case strings.HasPrefix(digits, "0x"):
		_, ok = number.SetString(digits[2:], 16)
	case strings.Contains(digits, ":"):
		for part := range strings.SplitSeq(digits, ":") {
			n, _ := new(big.Int).SetString(part, 10)
			number.Mul(number, big.NewInt(60)).Add(number, n)
		}
	case digits[0] == '0':
		_, ok = number.SetString(digits, 8)
	default:
		_, ok = number.SetString(digits, 10)
	}
	if !ok {
		return refused(fmt.Sprintf("%q is a number without digits", shorten(value, maxKeyShown)), "quote it if it is text")
	}
	if negative {
		number.Neg(number)
	}
	text := number.String()
	if len(strings.TrimPrefix(text, "-")) > maxDigits {
		return tooLong
	}
	return scalar{kind: Int, text: text}
}

// floatScalar computes what matched floatPattern or taggedFloatPattern.
func floatScalar(value string) scalar {
	tooLarge := refused(fmt.Sprintf("the number %s is too large", shorten(value, maxKeyShown)), "quote it if it is text")
	if len(value) > maxNumber {
		return tooLarge
	}
	digits := strings.ReplaceAll(value, "_", "")
	negative := strings.HasPrefix(digits, "-")
	digits = strings.TrimLeft(digits, "+-")

	number := 0.0
	if strings.Contains(digits, ":") {
		parts := strings.Split(digits, ":")
		base := big.NewInt(1)
		for _, part := range slices.Backward(parts) {
			part, err := strconv.ParseFloat(part, 64)
			if err != nil {
				return tooLarge
			}
			factor, _ := new(big.Float).SetInt(base).Float64()
			if math.IsInf(factor, 0) {
				return tooLarge
			}
			number += part * factor
			base.Mul(base, big.NewInt(60))
		}
	} else {
		var err error
		if number, err = strconv.ParseFloat(digits, 64); err != nil {
			return tooLarge
		}
	}
	if math.IsInf(number, 0) || math.IsNaN(number) {
		return tooLarge
	}
	if negative {
		number = -number
	}
	return scalar{kind: Float, text: formatFloat(number)}
}

// formatFloat writes a finite number as Python does: the shortest digits that read back as the same number, always
// with a fraction or an exponent, so that a reader keeps it apart from an integer.
func formatFloat(number float64) string {
	if magnitude := math.Abs(number); number != 0 && (magnitude < 1e-4 || magnitude >= 1e16) {
		return strconv.FormatFloat(number, 'e', -1, 64)
	}
	text := strconv.FormatFloat(number, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

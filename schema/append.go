package schema

import "unicode/utf8"

const hexDigits = "0123456789abcdef"

// AppendJSON appends the compact JSON of the node to dst: keys in the order of the document, no HTML escaping,
// characters beyond ASCII as they are, except those that SQS refuses in a message (control characters, U+FFFE and
// U+FFFF), which are escaped. A nil node is null.
func (n *Node) AppendJSON(dst []byte) []byte {
	if n == nil {
		return append(dst, "null"...)
	}
	return n.appendJSON(dst, nil)
}

// appendJSON is AppendJSON without the nodes in skip: entries are left out, items become null so that the
// positions of their neighbors stay.
func (n *Node) appendJSON(dst []byte, skip map[*Node]bool) []byte {
	switch n.Kind {
	case Map:
		dst = append(dst, '{')
		first := true
		for _, child := range n.children {
			if skip[child] {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = appendString(dst, child.key)
			dst = append(dst, ':')
			dst = child.appendJSON(dst, skip)
		}
		return append(dst, '}')
	case List:
		dst = append(dst, '[')
		for i, child := range n.children {
			if i > 0 {
				dst = append(dst, ',')
			}
			if skip[child] {
				dst = append(dst, "null"...)
				continue
			}
			dst = child.appendJSON(dst, skip)
		}
		return append(dst, ']')
	case String:
		return appendString(dst, n.text)
	}
	return append(dst, n.text...)
}

// jsonBytes is how long the JSON of the node is when nothing in it needs an escape.
func (n *Node) jsonBytes() int {
	switch n.Kind {
	case Map:
		size := 2
		for _, child := range n.children {
			size += len(child.key) + 4 + child.jsonBytes()
		}
		return size
	case List:
		size := 2
		for _, child := range n.children {
			size += 1 + child.jsonBytes()
		}
		return size
	case String:
		return len(n.text) + 2
	}
	return len(n.text)
}

// appendString appends s, which is valid UTF-8, as a JSON string.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= 0x20 && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = appendEscaped(dst, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == 0xFFFE || r == 0xFFFF {
			dst = append(dst, s[start:i]...)
			dst = append(dst, '\\', 'u', 'f', 'f', 'f', hexDigits[r&0xF])
			start = i + size
		}
		i += size
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// appendEscaped appends the escape of a quotation mark, a backslash or a control character.
func appendEscaped(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xF])
}

package schema

// AppendString appends s, which must be valid UTF-8, as a JSON string: as [Node.AppendJSON] writes the strings and keys of a document.
func AppendString(dst []byte, s string) []byte { return appendString(dst, s) }

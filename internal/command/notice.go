package command

import (
	"encoding/json"
	"fmt"
	"io"
)

// notice is a line on Err under `-o json` that tells of no fault.
type notice struct {
	Level   string `json:"level"`
	Message string `json:"message"`
}

func (c *Console) notice(level string, paint func(string) string, format string, args []any) {
	message := fmt.Sprintf(format, args...)
	if c.JSON {
		WriteJSON(c.Err, notice{Level: level, Message: message})
		return
	}
	_, _ = io.WriteString(c.Err, paint(level+":")+" "+Safe(message)+"\n")
}

// WriteJSON writes a value as one line of JSON, without the escapes that HTML would need. The value must be one that JSON
// can carry; an error of w is not reported: a command whose output nobody reads any more has nobody to tell.
func WriteJSON(w io.Writer, value any) {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value)
}

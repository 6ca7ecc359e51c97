package config_test

import (
	"strings"
	"testing"
)

// A password in the URL of a queue is refused, and no message shows it, whatever else is wrong with the URL.
func TestQueueURLsAreNotRepeated(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"https://user:secret@sqs.us-east-1.amazonaws.com/1/q", "ftp://user:secret@h", "http://user:secret@example.com/q",
		"https://user:secret@h:port/q", "https://user:se%zzcret@h/q", "https://user:secret@ h/q", "user:secret@h/q",
		"//user:secret@h/q", "https:user:secret@h/q", "https://user:secret%40h/q", "https://sqs.us-east-1.amazonaws.com/1/q?Signature=secret",
	} {
		_, err := load(leastStarfleet.with("FanOutQueueUrl", `"`+text+`"`))
		if err == nil {
			t.Errorf("%s is accepted", text)
		} else if strings.Contains(err.Error(), "cret") {
			t.Errorf("%s is repeated: %v", text, err)
		}
		c := mustLoad(t, leastStarfleet, leastShip.with("InvocationQueueUrl", `"`+text+`"`))
		if _, err := c.Ship("MyShip"); err == nil || strings.Contains(err.Error(), "cret") {
			t.Errorf("%s in a ship: %v", text, err)
		}
	}
}

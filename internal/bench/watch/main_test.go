package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestMain makes the test binary one of the processes of a measurement when it is started as one.
func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestRun: each way works all of its messages, however fast.
func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), &out, "", "1s", 20, 50); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(out.String(), "\n"); lines != 5 {
		t.Errorf("%d lines:\n%s", lines, &out)
	}
}

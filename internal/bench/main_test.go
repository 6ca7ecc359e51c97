package main

import (
	"os"
	"slices"
	"testing"
)

// TestMain makes the test binary the wire when it is started as one.
func TestMain(m *testing.M) {
	if slices.Contains(os.Args, "-wire") {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestCompare: each way sends all of its tasks over the wire, however fast.
func TestCompare(t *testing.T) {
	if err := compare(t.Context(), 0, 205, 600, 1, ""); err != nil {
		t.Error(err)
	}
}

func TestAccept(t *testing.T) {
	t.Parallel()
	const request = `{"QueueUrl":"u","Entries":[{"Id":"0","MessageBody":"{\"Id\":\"x\",\"MessageBody\":\"y\"}"},{"Id":"1","MessageBody":"ä"}]}`
	const want = `{"Successful":[{"Id":"0","MessageId":"m","MD5OfMessageBody":"7b38d4f66c6111359419d611d41c1012"},` +
		`{"Id":"1","MessageId":"m","MD5OfMessageBody":"8419b71c87a225a2c70b50486fbee545"}]}`
	got, err := accept([]byte(request))
	if err != nil || string(got) != want {
		t.Errorf("%v, answer %s", err, got)
	}
	if _, err := accept([]byte(`{"Entries":[{"Id":"0"}]}`)); err == nil {
		t.Error("an entry without a body was accepted")
	}
}

//go:build peers

package e2e_test

import (
	"testing"
	"time"
)

// patience is how long the peer has for what it does by itself. It does most of it within a second; its scheduler takes up to 10 s.
const patience = 45 * time.Second

// pause is between two checks.
const pause = 100 * time.Millisecond

// eventually asks again until check returns nil, and fails the test with check's last error when patience ends.
func eventually(t *testing.T, check func() error) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-deadline.C:
			t.Fatalf("after %v: %v", patience, err)
		case <-tick.C:
		}
	}
}

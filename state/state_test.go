package state_test

import (
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet/starfleettest"
	"github.com/starfleet-go/starfleet/state"
)

func TestMemoryConformance(t *testing.T) {
	t.Parallel()
	starfleettest.ExerciseState(t, func(*testing.T) state.Store { return &state.Memory{} })
}

func TestCheckKey(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"a", "runs/HOURLY-20261122T120000Z-1/02", "halts/ship/a.b=c@d+e_f", strings.Repeat("k", state.MaxKeyBytes)} {
		if err := state.CheckKey(key); err != nil {
			t.Errorf("%.20s: %v", key, err)
		}
	}
	for _, key := range []string{"", "/a", "a/", "a//b", "a/../b", ".", "a b", "a\x00", "ä", "a\\b", "a*", strings.Repeat("k", state.MaxKeyBytes+1)} {
		if err := state.CheckKey(key); err == nil {
			t.Errorf("%.20q is taken", key)
		}
	}
}

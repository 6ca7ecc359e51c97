package accountindex_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/schema"
)

// TestManyFaultsOnOneLine: a compact index whose accounts are all at fault is refused at once, with a bounded list.
func TestManyFaultsOnOneLine(t *testing.T) {
	t.Parallel()
	const n = 10_000
	accounts := make([]string, n)
	for i := range accounts {
		accounts[i] = account(fmt.Sprintf("%012d", i), map[string]string{"Name": "", "Email": `"ü@example.com"`})
	}
	text := strings.ReplaceAll(file(accounts...), "\n", "")
	begin := time.Now()
	_, err := accountindex.Load("index.json", []byte(text), accountindex.LoadOptions{})
	took := time.Since(begin)
	var faults schema.Faults
	if !errors.As(err, &faults) || len(faults) != 1001 || !strings.Contains(faults[1000].Problem, "9000 more faults") {
		t.Fatalf("%d faults, the last of which is %v", len(faults), faults[len(faults)-1])
	}
	for i, want := range []int{0, 999} {
		place := []rune(text)[:faults[want].Column-1]
		if rest := strings.TrimPrefix(text, string(place)); faults[want].Line != 1 || !strings.HasPrefix(rest, fmt.Sprintf(`"%012d"`, want)) {
			t.Errorf("fault %d is at %d:%d", i, faults[want].Line, faults[want].Column)
		}
	}
	t.Logf("refused in %v", took) // minutes when each fault costs the whole line again
}

package accountindex

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestExpressionBudget shows that an expression is stopped within a single account, where its loops
// would take hours.
func TestExpressionBudget(t *testing.T) {
	t.Parallel()
	const id = "100000000001"
	x, err := New([]Account{{
		ID: id, Name: strings.Repeat("x", 128), State: Active,
		ARN: "arn:aws:organizations::100000000000:account/o-a/" + id,
	}}, nil, time.Time{}, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	long := "split(" + strings.TrimSuffix(strings.Repeat("name + ", 20), " + ") + `, "")`
	compiled, err := compileExpression(fmt.Sprintf(`all(%[1]s, all(%[1]s, all(%[1]s, # != "y")))`, long))
	if err != nil {
		t.Fatal(err)
	}
	e := newEvaluator(context.Background(), x)
	e.budget = time.Millisecond
	if _, err := e.run(compiled, newBitset(1)); !errors.Is(err, errBudget) {
		t.Errorf("error is %v", err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	e = newEvaluator(ctx, x)
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := e.run(compiled, newBitset(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

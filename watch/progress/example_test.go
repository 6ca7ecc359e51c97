package progress_test

import (
	"context"
	"fmt"
	"time"

	"github.com/starfleet-go/starfleet/watch/progress"
)

// Three tasks do a part each; the message of the last comes twice, and what follows is done once.
func Example() {
	ctx := context.Background()
	store := progress.NewMemory(nil)
	if err := store.Create(ctx, "nightly", 3, 24*time.Hour); err != nil {
		fmt.Println(err)
		return
	}
	send := func(context.Context) error {
		fmt.Println("all parts are done: send what follows")
		return nil
	}
	for _, part := range []int{2, 1, 3, 3} {
		c, err := store.CompletePart(ctx, "nightly", part)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("part %d: already %t, last %t\n", part, c.Already, c.Last)
		if c.Complete {
			if _, err := progress.Reduce(ctx, store, "nightly", send); err != nil {
				fmt.Println(err)
			}
		}
	}
	// Output:
	// part 2: already false, last false
	// part 1: already false, last false
	// part 3: already false, last true
	// all parts are done: send what follows
	// part 3: already true, last false
}

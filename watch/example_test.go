package watch_test

import (
	"context"
	"fmt"
	"time"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch"
)

func ExampleWatcher_Run() {
	tasks, err := queue.NewMemory(queue.MemoryConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	if _, err := tasks.SendBatch(ctx, []queue.Outgoing{{ID: "0", Body: []byte("hello")}}); err != nil {
		fmt.Println(err)
		return
	}
	watcher, err := watch.New(watch.Config{
		Receiver:   tasks, // sqsqueue.NewReceiver makes one of a queue of SQS
		UntilEmpty: true,
		Wait:       time.Millisecond,
		Handler: func(_ context.Context, m queue.Message) error {
			fmt.Println("received", m.Body)
			return nil // delete it
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(watcher.Run(ctx), tasks.Len())
	// Output:
	// received hello
	// <nil> 0
}

package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// collectAt is how much garbage, in percent of what is reachable, makes the collector begin.
const collectAt = 10

// memory prints the largest heap that a fan-out needs above what its index, template and resolution take, over the wire at 0 ms.
// The collector is set to begin early: by default it lets garbage grow to the size of everything else, the index included.
func memory(ctx context.Context) error {
	url, stop, err := startWire(ctx, 0)
	if err != nil {
		return err
	}
	defer stop()
	defer debug.SetGCPercent(debug.SetGCPercent(collectAt))
	fmt.Printf("%10s %10s %12s %12s\n", "tasks", "bytes each", "index, MiB", "peak, MiB")
	for _, c := range []struct{ tasks, size int }{{10_000, 600}, {100_000, 600}, {1_000_000, 600}, {10_000, 100_000}} {
		load, err := newLoad(ctx, c.tasks, c.size)
		if err != nil {
			return err
		}
		before := heap()
		watch := watchHeap()
		err = load.dispatch(ctx, newClient(url), url+"/000000000000/tasks")
		peak := watch.stop()
		if err != nil {
			return err
		}
		fmt.Printf("%10d %10d %12.1f %12.1f\n", c.tasks, c.size, mebibytes(before), mebibytes(max(peak, before)-before))
		runtime.KeepAlive(load)
	}
	return nil
}

// heap is what is reachable now.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func mebibytes(n uint64) float64 { return float64(n) / (1 << 20) }

// heapWatch keeps the largest heap that it saw, garbage that is not yet collected included.
type heapWatch struct {
	peak atomic.Uint64
	end  chan struct{}
	done chan struct{}
}

func watchHeap() *heapWatch {
	w := &heapWatch{end: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		var stats runtime.MemStats
		for {
			select {
			case <-w.end:
				return
			case <-ticker.C:
				runtime.ReadMemStats(&stats)
				w.peak.Store(max(w.peak.Load(), stats.HeapAlloc))
			}
		}
	}()
	return w
}

// stop ends the watch and returns the peak in bytes.
func (w *heapWatch) stop() uint64 {
	close(w.end)
	<-w.done
	return w.peak.Load()
}

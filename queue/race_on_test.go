//go:build race

package queue_test

// wireTasks is smaller under the race detector, which makes each call several times slower.
const wireTasks = 20_000

//go:build !race

package queue_test

const wireTasks = 200_000

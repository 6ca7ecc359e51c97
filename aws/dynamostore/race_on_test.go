//go:build race

package dynamostore_test

// manyParts is smaller under the race detector, which makes each call several times slower.
const manyParts = 2_000

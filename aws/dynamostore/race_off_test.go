//go:build !race

package dynamostore_test

// manyParts is more than a branch has.
const manyParts = 16_400

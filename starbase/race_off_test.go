//go:build !race

package starbase_test

// processKills is how often TestProcessKilledFiftyTimes kills.
const processKills = 50

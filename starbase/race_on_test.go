//go:build race

package starbase_test

// processKills is how often TestProcessKilledFiftyTimes kills: under the race detector a process takes a second to start.
const processKills = 8

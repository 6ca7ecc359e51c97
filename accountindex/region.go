package accountindex

import (
	"slices"
	"strings"
	"sync"
)

//go:generate go run generate_regions.go

// partition is one partition of AWS with its regions.
type partition struct {
	id      string
	regions []string
}

// regionPartitions maps each region of the built-in table to its partition.
var regionPartitions = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for _, p := range partitionTable {
		for _, region := range p.regions {
			m[region] = p.id
		}
	}
	return m
})

// KnownRegion says whether the built-in table has the region. The table covers all partitions and is
// that of the AWS SDK for Go; region_table.go names the version.
func KnownRegion(region string) bool { return PartitionOf(region) != "" }

// RegionNames returns the names of the built-in table, sorted. The caller may change the slice.
func RegionNames() []string {
	names := make([]string, 0, len(regionPartitions()))
	for name := range regionPartitions() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// PartitionOf is the partition of a region by the built-in table, "" when the table lacks it.
func PartitionOf(region string) string { return regionPartitions()[region] }

func knownPartition(id string) bool {
	return slices.ContainsFunc(partitionTable, func(p partition) bool { return p.id == id })
}

// IsRegionName checks the form of a region name only: lower-case words and a number, such as
// us-gov-west-1. A worker that is older than a region accepts its name this way.
func IsRegionName(s string) bool {
	words := strings.Split(s, "-")
	if len(words) < 3 || len(s) > 64 {
		return false
	}
	number := words[len(words)-1]
	for _, word := range words[:len(words)-1] {
		if !isLowerWord(word) {
			return false
		}
	}
	return allDigits(number)
}

func isLowerWord(s string) bool {
	for _, c := range []byte(s) {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return len(s) >= 2
}

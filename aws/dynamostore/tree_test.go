package dynamostore

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet/watch/progress"
)

// TestTreePlacesEveryPartOnce: in every shape, each part has a place of its own, and each leaf as many parts as its capacity says.
func TestTreePlacesEveryPartOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.IntRange(1, 2*branchParts).Draw(t, "total")
		tree := tree{total}
		taken := make([]bool, tree.branches()*branchParts)
		inLeaf := map[[2]int]int{}
		for part := 1; part <= total; part++ {
			branch, leaf, member := tree.place(part)
			if branch >= tree.branches() || leaf >= tree.leaves(branch) || member >= tree.capacity(branch, leaf) {
				t.Fatalf("part %d of %d has the place %d, %d, %d", part, total, branch, leaf, member)
			}
			place := &taken[branch*branchParts+leaf*leafParts+member]
			if *place {
				t.Fatalf("part %d of %d has the place of another: %d, %d, %d", part, total, branch, leaf, member)
			}
			*place = true
			inLeaf[[2]int{branch, leaf}]++
		}
		for branch := range tree.branches() {
			for leaf := range tree.leaves(branch) {
				if n := inLeaf[[2]int{branch, leaf}]; n != tree.capacity(branch, leaf) || n < 1 || n > leafParts {
					t.Fatalf("leaf %d of branch %d has %d parts, capacity %d", leaf, branch, n, tree.capacity(branch, leaf))
				}
			}
		}
	})
}

// TestTreeOfManyParts: neighbours lie in different leaves, and the record of the largest job knows a few hundred branches.
func TestTreeOfManyParts(t *testing.T) {
	t.Parallel()
	if n := (tree{10_000}).leaves(0); n != branchLeaves {
		t.Errorf("10,000 parts have %d leaves", n)
	}
	million := tree{1_000_000}
	leaves := 0
	for branch := range million.branches() {
		leaves += million.leaves(branch)
	}
	if million.branches() != 62 || leaves != 3922 {
		t.Errorf("a million parts have %d branches, %d leaves", million.branches(), leaves)
	}
	if n := (tree{progress.MaxTotal}).branches(); n > 700 {
		t.Errorf("the largest job has %d branches", n)
	}
	seen := map[int]bool{}
	for part := 500_001; part <= 500_000+branchLeaves; part++ {
		_, leaf, _ := million.place(part)
		seen[leaf] = true
	}
	if len(seen) != branchLeaves {
		t.Errorf("%d neighbours lie in %d leaves", branchLeaves, len(seen))
	}
}

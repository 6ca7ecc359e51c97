package dynamostore

import "fmt"

// The shape of a job. It is part of what lies in tables: a job that was begun with one shape is not read with another.
const (
	leafParts    = 256                      // parts of a leaf, at most: its record stays below 1 KB, which a write unit holds
	branchLeaves = 64                       // leaves of a branch, at most
	branchParts  = leafParts * branchLeaves // 16,384
	spread       = 32                       // parts for which a leaf more is worth its writes, where there are few
)

// tree is the shape of a job of so many parts.
type tree struct{ total int }

// branches is how many branches the job has.
func (t tree) branches() int { return (t.total + branchParts - 1) / branchParts }

// parts is how many parts a branch has.
func (t tree) parts(branch int) int { return min(branchParts, t.total-branch*branchParts) }

// leaves is how many leaves a branch has.
func (t tree) leaves(branch int) int {
	return min(branchLeaves, (t.parts(branch)+spread-1)/spread)
}

// capacity is how many parts a leaf has.
func (t tree) capacity(branch, leaf int) int {
	leaves := t.leaves(branch)
	return (t.parts(branch) - leaf + leaves - 1) / leaves
}

// place is where a part, counted from 1, is kept.
func (t tree) place(part int) (branch, leaf, member int) {
	branch = (part - 1) / branchParts
	within := (part - 1) % branchParts
	leaves := t.leaves(branch)
	return branch, within % leaves, within / leaves
}

// Ids of records. A job's name stands last, so that no name can be taken for another record. The others go by the token of the job's
// making: what is left of a job that is over is no part of one that is made anew under its name.

func jobID(job string) string { return "progress/" + job }

func branchID(generation string, branch int) string {
	return fmt.Sprintf("progress-branch/%s/%d", generation, branch)
}

func leafID(generation string, branch, leaf int) string {
	return fmt.Sprintf("progress-leaf/%s/%d/%d", generation, branch, leaf)
}

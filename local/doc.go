// Package local runs a fleet in one process, without AWS: Starbase, queues and ships, with templates from a folder.
//
// Nothing is simulated but the services: the Starbase is that of package starbase, the queues are queue.Memory, and the
// ships run in their handlers, with all guards. So what local tasks is what a deployment tasks. Dry run is the default, as everywhere.
//
// Time belongs to the fleet: when nothing is left to do but to wait for a message that is hidden, for a retry say, the clock
// jumps there. A run of retries over hours takes no time.
package local

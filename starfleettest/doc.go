// Package starfleettest helps the authors of ships and of adapters to test them.
//
// For ships: [Execute] runs one task through the whole worker, guards included, in one line, and [NewFleet] runs a
// Starbase and ships in one process.
//
// For adapters: the Exercise functions are the conformance suites of the ports (account index sources, template stores, queues); every
// implementation of the SDK passes them, and yours should.
//
// For mains: [LambdaRuntime] is a Lambda Runtime API that drives a real main.
package starfleettest

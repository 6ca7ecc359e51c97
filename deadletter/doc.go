// Package deadletter reads the dead letters of any queue, groups and filters them, and sends them back to be worked again.
//
// A [Box] walks a dead-letter queue: it receives every letter that can be seen, asks what is to become of each, and gives all that stay back
// at once, when the walk is stopped, too. There is no limit to how many there are, as long as SQS lets a consumer hold them: 120,000 messages.
// A FIFO queue shows at most ten messages of a group to one who holds them.
//
// What is replayed is sent first and deleted then, so that no letter is lost. Its body, its attributes and its group stay; the attributes that
// say why it died go. When the deletion fails it is tried again, within the walk nothing is sent twice, and the [Report] names what is
// on both queues. On FIFO queues the deduplication id is new, and the same each time that the same letter is replayed.
package deadletter

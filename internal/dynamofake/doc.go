// Package dynamofake is a DynamoDB endpoint in memory for tests: it speaks as much of the JSON protocol, and of the language of expressions, as
// this project's stores use, and refuses what it does not know. The same tests run against DynamoDB Local, which says whether it is right.
package dynamofake

// Package halt keeps the orders by which people stop a fleet, a ship or an account for a while, and lift them again.
//
// An [Order] says which ship and which account it is for, until when, why and by whom. Orders are entries of a state store, under "halts/":
// [Book] gives and lifts them, and a [Reader] reads them for those who have to obey, and keeps what it read for half a minute.
//
// What is halted is not lost: the Starbase and the workers hide its messages and look again later.
package halt

// Package wire is the language that InterSystems IRIS speaks on its superserver port (1972): values, messages as
// bytes, and messages as values, each of them in both directions. It opens no sockets and takes no decisions.
//
// There are three floors. Items are the values of the vendor's $LIST encoding: [Reader] takes them from a body,
// AppendInt, AppendSQLText and their like put them into one. A message is a [Header] and a body: [ReadRequest],
// [ReadReply], [AppendRequest], [AppendReply]. On top of those are the messages as Go values ([Connect], [Query],
// [Metadata] ...), each with an Append method and a Parse function, so that a client and a server share one
// description.
//
// Nothing is ever rounded, replaced or cut. What the encoding cannot carry is refused with a typed error, on the way
// out and on the way in.
//
// The vendor publishes neither the encoding nor the messages. They are written down here as observed on the wire: from
// the official DB-API client for Python (intersystems_iris 3.8.0, called "the DB-API client" below) and from the
// independent go-irisnative (v0.2.0). Where vendor documentation settles a rule, the comment names its page. The files
// in testdata hold the observed bytes.
package wire

// Package client is one connection to the superserver of an InterSystems IRIS: login, statements, batches,
// transactions and streams, over the messages of package wire. It has no pool, no dialect and no types of its own:
// parameters are values of package wire, rows are its items, as the server sent them.
//
// A connection has one request under way and belongs to one goroutine. Rows of a query may stay open while other
// requests are made; a stream that is being read may not.
//
// Errors are facts:
//
//   - [*SQLError]: the server refused a request; the connection is good. Of a batch it may come in a [*BatchError],
//     with what became of each set.
//   - [*StreamSizeError]: a stream is not as long as the server says it is.
//   - [*LoginError]: the server refused the login.
//   - [*LostError], matched by [ErrLost]: the connection is gone, with the request that was under way and whether the
//     server may have carried it out. Its cause is the end of the context, a failure of the network, or a
//     [*ProtocolError], when the server said what cannot be understood.
package client

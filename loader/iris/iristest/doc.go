// Package iristest is a server that speaks the protocol of InterSystems IRIS, for tests. Behind it is the SQL of
// [github.com/irisfix/irisfix/loader/iris/iristest/engine]; nothing is kept on disk.
//
//	srv := iristest.New(t)                                              // a free port on loopback, ends with the test
//	db, err := client.Connect(ctx, client.Config{Address: srv.Addr(), …})
//
// A connection is a conversation: a handshake, a login, then one request at a time. Each request is read strictly: one
// item too few or too many is an error. What a client may meet in the life of a real server is an option ([Options]):
// TLS, users and what is wrong with their accounts, the connections of a licence, small pages, fragments, 8-bit locales,
// other forms of values. What goes wrong is a [Fault], decided for each moment of each conversation.
//
// The messages are those of [github.com/irisfix/irisfix/loader/iris/wire]. Where no document says how a real server
// behaves, the server follows the vendor's clients: what the JDBC driver 3.10.3 and the DB-API driver 5.4.1 send, and
// what they accept.
package iristest

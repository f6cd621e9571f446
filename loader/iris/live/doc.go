// Package live asks a real InterSystems IRIS what no document and no driver has settled: each open question of the
// protocol and of the SQL is a small probe, in a namespace that is made for it and dropped afterwards. The answers are a
// report that says what the server did, what irisfix believed, and whether irisfix depends on it.
//
// No answer of the test server (package iristest) counts: it says what we believe.
package live

// Package sandbox makes databases of their own for tests, with fixtures in them, and takes them away again.
//
// With SQLite a sandbox is a copy of a template, a database that is loaded once for each list of fixtures and kept in
// the cache. With InterSystems IRIS it is a namespace, or, where the account may not make one, schemas of its own in the
// namespace that the account has. What is made on a server is written down before it is made, so that the next sandbox
// takes away what a killed process has left there.
package sandbox

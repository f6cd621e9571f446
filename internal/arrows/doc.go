// Package arrows holds the architecture: its test fails when a package imports what ARCHITECTURE.md does not allow.
package arrows

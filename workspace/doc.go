// Package workspace is what the doors of irisfix share: a working directory's lock file, the machine's cache and a
// registry client, taken together. It decides what a FIXTURE argument means here, and does the work in which fixtures,
// pins and registries meet: open, pull, push, pin.
package workspace

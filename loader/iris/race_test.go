//go:build race

package iris_test

// every is how many moments lie between those at which something goes wrong, unless each is tried. The race detector
// looks for something else, and takes its time.
const every = 37
